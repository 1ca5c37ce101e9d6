import { ago, cadence } from "../../format";
import { inLanguage, named } from "../../names";
import { Panel, Seal } from "../../parts/parts";
import { useTaste } from "../../taste";
import { conditionOf, type Source } from "./health";

export function SourceTable({
  sources,
  chosen,
  choose,
}: {
  sources: Source[];
  chosen: string | null;
  choose: (id: string) => void;
}) {
  const { t, pick, language } = useTaste();
  return (
    <Panel title={t("allSources")} className="span-8" aside={sources.length}>
      <div className="scroll" tabIndex={0} role="region" aria-label={t("allSources")}>
        <table className="sources">
          <thead>
            <tr>
              <th scope="col">{t("source")}</th>
              <th scope="col">{t("owner")}</th>
              <th scope="col">{t("freshness")}</th>
              <th scope="col">{t("lastAnswer")}</th>
              <th scope="col">{t("breaker")}</th>
              <th scope="col" className="number">
                {t("unreadable")}
              </th>
              <th scope="col" className="number">
                {t("unmatched")}
              </th>
            </tr>
          </thead>
          <tbody>
            {sources.map((source) => {
              const state = conditionOf(source);
              return (
                <tr key={source.id} className={chosen === source.id ? "chosen" : ""}>
                  <th scope="row">
                    <button type="button" className="plain" onClick={() => choose(source.id)}>
                      <span className={`dot ${state}`} aria-hidden="true" /> {pick(source.title, source.titleZh)}
                      <span className="sr"> {t(state)}</span>
                    </button>
                    <Seal when={source.synthetic} />
                  </th>
                  <td className="muted">{inLanguage(source.owner, language)}</td>
                  <td className="brief">
                    {ago(source.newestAsOf, language)}
                    {source.cadence && <span className="hint"> / {cadence(source.cadence, language)}</span>}
                    {source.late && <strong className="warn"> {t("late")}</strong>}
                  </td>
                  <td className="brief">{ago(source.lastSuccessAt, language)}</td>
                  <td>
                    {source.breaker ? (
                      <span className={`tag ${source.breaker.state === "CLOSED" ? "good" : "bad"}`}>
                        {named("breaker", source.breaker.state, language)}
                      </span>
                    ) : (
                      <span className="muted">—</span>
                    )}
                  </td>
                  <td className="number">{source.unreadableValues}</td>
                  <td className="number">{source.unmatchedRecords}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </Panel>
  );
}
