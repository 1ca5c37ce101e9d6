import type { CoverageQuery, MatrixQuery } from "../../gql/graphql";
import { named } from "../../names";
import { Meter } from "../../parts/parts";
import { useTaste } from "../../taste";
import { conditionOf, type Source } from "./health";

type Scheme = NonNullable<MatrixQuery["scheme"]>;
type Edition = NonNullable<CoverageQuery["editions"]>[number];

interface Props {
  scheme: Scheme;
  sources: Map<string, Source>;
  coverage: Edition | undefined;
  chosen: string | null;
  choose: (id: string) => void;
}

/** Indicators as rows, sources as columns under their departments; a mark has the colour of its source's state. */
export function MatrixTable({ scheme, sources, coverage, chosen, choose }: Props) {
  const { t, pick, language } = useTaste();
  const columns = scheme.sources;
  const departments = columns.reduce<[string, number][]>((spans, { department }) => {
    const last = spans.at(-1);
    if (last?.[0] === department) last[1] += 1;
    else spans.push([department, 1]);
    return spans;
  }, []);
  const state = (id: string) => {
    const source = sources.get(`Source:${id}`);
    return source ? conditionOf(source) : "unseen";
  };
  const ofEdition = new Map(coverage?.coverage.map((one) => [one.indicator.id, one]));

  return (
    <div className="scroll matrix-frame" tabIndex={0} role="region" aria-label={t("matrix")}>
      <table className="matrix">
        <thead>
          <tr>
            <td />
            {coverage && (
              <>
                <td />
                <td />
              </>
            )}
            {departments.map(([name, span], n) => (
              <th key={n} scope="colgroup" colSpan={span} className="department" lang="zh-CN">
                <span>{name}</span>
              </th>
            ))}
          </tr>
          <tr>
            <th scope="col">{t("indicator")}</th>
            {coverage && (
              <>
                <th scope="col" title={t("coverageText")}>
                  {t("coverage")}
                </th>
                <th scope="col" className="number" title={t("disagreementsText")}>
                  {t("disagreements")}
                </th>
              </>
            )}
            {columns.map(({ id, titleZh }) => {
              const source = sources.get(`Source:${id}`);
              return (
                <th key={id} scope="col" className={`column ${chosen === `Source:${id}` ? "chosen" : ""}`}>
                  <button
                    type="button"
                    onClick={() => choose(`Source:${id}`)}
                    aria-pressed={chosen === `Source:${id}`}
                    title={pick(source?.title, titleZh)}
                  >
                    <span className={`dot ${state(id)}`} aria-hidden="true" />
                    <span className="name">{id}</span>
                    <span className="sr">
                      {" "}
                      {pick(source?.title, titleZh)}: {t(state(id))}
                    </span>
                  </button>
                </th>
              );
            })}
          </tr>
        </thead>
        <tbody>
          {scheme.indicators.map((indicator) => {
            const feeds = new Set(indicator.sources.map(({ id }) => id)),
              told = ofEdition.get(indicator.id);
            const apart = told?.missing.find(({ reason }) => reason === "CONTRADICTORY")?.count ?? 0;
            return (
              <tr key={indicator.id}>
                <th scope="row">{pick(indicator.name, indicator.nameZh)}</th>
                {coverage && (
                  <>
                    <td
                      title={told?.missing
                        .map(({ reason, count }) => `${named("missing", reason, language)} ${count}`)
                        .join(", ")}
                    >
                      <div className="covered">
                        <Meter value={told?.known ?? 0} of={coverage.evaluated} />
                        <span>{told ? Math.round((100 * told.known) / Math.max(1, coverage.evaluated)) : "—"}%</span>
                      </div>
                    </td>
                    <td className={`number ${apart ? "warn" : "muted"}`}>{apart}</td>
                  </>
                )}
                {columns.map(({ id }) => (
                  <td key={id} className={`mark-cell ${chosen === `Source:${id}` ? "chosen" : ""}`}>
                    {feeds.has(id) && (
                      <span
                        className={`square ${state(id)}`}
                        title={t("madeOf", pick(indicator.name, indicator.nameZh), id)}
                      >
                        <span className="sr">{t(state(id))}</span>
                      </span>
                    )}
                  </td>
                ))}
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
