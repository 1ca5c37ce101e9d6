/** The sources: which indicator is made of which, and how each of them is. */

import { useMemo, useState } from "react";
import { useAnswer } from "../../graph";
import { Gaps, Panel, Seal, Unreachable } from "../../parts/parts";
import { useTaste } from "../../taste";
import { Detail } from "./detail";
import { conditionOf, useSources } from "./health";
import { MatrixTable } from "./matrix";
import { Coverage, Matrix } from "./queries";
import { SourceTable } from "./table";
import "./style.css";

export default function SourcesPage() {
  const { t, pick } = useTaste();
  const { sources, errors, isPending, isError, refetch, live } = useSources();
  const [scheme, setScheme] = useState("east-lake-28-demo");
  const [chosen, setChosen] = useState<string | null>(null);
  const { data: matrix } = useAnswer(Matrix, { scheme }, { keep: true });
  const { data: covered } = useAnswer(Coverage, { scheme });
  const edition = covered?.data?.editions?.[0];
  const byId = useMemo(() => new Map(sources.map((source) => [source.id, source])), [sources]);
  const counts = sources.reduce<Record<string, number>>((sum, source) => {
    const found = conditionOf(source);
    return { ...sum, [found]: (sum[found] ?? 0) + 1 };
  }, {});
  const found = matrix?.data?.scheme;
  const one = chosen ? byId.get(chosen) : undefined;

  if (isError) return <Unreachable again={() => void refetch()} />;
  return (
    <>
      <div className="page-head">
        <div>
          <h1>{t("sources")}</h1>
          <ul className="legend">
            {(["healthy", "late", "failing", "unseen"] as const).map((each) => (
              <li key={each}>
                <span className={`dot ${each}`} aria-hidden="true" /> {t(each)}{" "}
                <strong data-testid={each}>{counts[each] ?? 0}</strong>
              </li>
            ))}
          </ul>
          <p role="status" className={live ? "good" : "muted"}>
            {live ? `● ${t("listening")}` : `○ ${t("notListening")}`}
          </p>
        </div>
        <div className="controls">
          <label>
            {t("scheme")}
            <select value={scheme} onChange={(event) => setScheme(event.target.value)}>
              {matrix?.data?.schemes
                .filter(({ sources }) => sources.length > 0 || scheme === "")
                .map(({ code, title, titleZh }) => (
                  <option key={code} value={code}>
                    {pick(title, titleZh)}
                  </option>
                ))}
            </select>
          </label>
        </div>
      </div>
      {isPending && (
        <p role="status" className="loading">
          {t("loading")}
        </p>
      )}
      <div className="grid">
        {found && (
          <Panel
            title={
              <>
                {t("matrix")}
                <Seal when={found.synthetic} />
              </>
            }
            className="span-12"
            aside={
              edition && (
                <>
                  {t("coverage")}: {edition.zone ? pick(edition.zone.nameEn, edition.zone.name) : ""} {edition.period}
                </>
              )
            }
          >
            <p className="hint">{t("matrixText", found.indicators.length, found.sources.length)}</p>
            <MatrixTable scheme={found} sources={byId} coverage={edition} chosen={chosen} choose={setChosen} />
          </Panel>
        )}
        <SourceTable sources={sources} chosen={chosen} choose={setChosen} />
        <Detail source={one} />
      </div>
      <Gaps errors={errors} />
    </>
  );
}
