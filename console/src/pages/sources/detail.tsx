import { moment } from "../../format";
import { inLanguage, named } from "../../names";
import { Facts, Panel, Seal } from "../../parts/parts";
import { useTaste } from "../../taste";
import { conditionOf, type Source } from "./health";

const TONES = { healthy: "good", late: "warn", failing: "bad", unseen: "" } as const;

export function Detail({ source }: { source: Source | undefined }) {
  const { t, pick, language } = useTaste();
  if (!source)
    return (
      <Panel title={t("source")} className="span-4 detail">
        <p className="muted">{t("chooseCell")}</p>
      </Panel>
    );
  const state = conditionOf(source),
    { breaker, lastFailure, policy } = source;
  return (
    <Panel
      title={
        <>
          {pick(source.title, source.titleZh)}
          <Seal when={source.synthetic} />
        </>
      }
      aside={
        <span className={`tag ${TONES[state]}`} data-testid="state">
          {t(state)}
        </span>
      }
      className="span-4 detail"
    >
      <Facts
        items={[
          [t("owner"), inLanguage(source.owner, language)],
          [t("kind"), <code>{source.kind}</code>],
          [t("sharing"), named("sharing", source.sharing, language)],
          [t("freshness"), moment(source.newestAsOf, language)],
          [t("lastAnswer"), moment(source.lastSuccessAt, language)],
          [
            t("breaker"),
            breaker ? `${named("breaker", breaker.state, language)} (${breaker.failures}/${breaker.lookedAt})` : "—",
          ],
          ...(policy
            ? [
                [
                  "timeout · concurrent · retries",
                  `${policy.timeoutSeconds} s · ${policy.concurrent} · ${policy.retries}`,
                ] as [string, string],
              ]
            : []),
        ]}
      />
      {lastFailure && (
        <p className="failure">
          <code>{lastFailure.code}</code> {lastFailure.message}{" "}
          <span className="hint">{moment(lastFailure.at, language)}</span>
        </p>
      )}
      <h3>{t("feeds")}</h3>
      <ul className="feeds">
        {source.feeds.map(({ collection, fields }) => (
          <li key={collection}>
            <code>{collection}</code> <span className="hint">{fields.join(", ")}</span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
