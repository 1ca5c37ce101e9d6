/** What an enterprise's score is made of: groups, each indicator's points, and how far it is to the next tier. */

import { useState } from "react";
import type { PointsQuery } from "../../gql/graphql";
import { number } from "../../format";
import { useAnswer } from "../../graph";
import { measured, named } from "../../names";
import { Line } from "../../parts/charts";
import { FromAll, Gaps, Meter, Panel, Seal, Unreachable } from "../../parts/parts";
import { useTaste } from "../../taste";
import { Points, Schemes } from "./queries";

export type Score = NonNullable<NonNullable<PointsQuery["enterprise"]>["score"]>;

/** The score of an enterprise: that of its zone's latest edition, or live by a scheme that is chosen. */
export function useScore(uscc: string) {
  const [scheme, setScheme] = useState("");
  const variables = { uscc, scheme: scheme || null, live: scheme !== "" };
  const asked = useAnswer(Points, variables, { keep: true });
  const found = asked.data?.data?.enterprise;
  return {
    asked,
    variables,
    scheme,
    setScheme,
    score: found?.score,
    history: [...(found?.scoreHistory ?? [])].reverse(),
  };
}

export function ScorePanel({ asked, scheme, setScheme, score }: ReturnType<typeof useScore> & { uscc: string }) {
  const { t, pick } = useTaste();
  const { data: known } = useAnswer(Schemes, {});
  const { data: answer, isPending, isError, refetch, isPlaceholderData } = asked;
  const chooser = (
    <label>
      <span className="sr">{t("scheme")}</span>
      <select value={scheme} onChange={(event) => setScheme(event.target.value)}>
        <option value="">{t("published")}</option>
        {known?.data?.schemes
          .filter(({ indicators }) => indicators.length)
          .map(({ code, title, titleZh }) => (
            <option key={code} value={code}>
              {t("live")}: {pick(title, titleZh)}
            </option>
          ))}
      </select>
    </label>
  );
  return (
    <Panel
      title={
        <>
          {t("score")}
          <Seal when={score?.synthetic} />
        </>
      }
      aside={chooser}
    >
      {isPending && (
        <p role="status" className="muted">
          {t("loading")}
        </p>
      )}
      {isError && <Unreachable again={() => void refetch()} />}
      {score && (
        <div className={isPlaceholderData ? "muted" : ""}>
          <Summary score={score} />
          <Indicators score={score} />
        </div>
      )}
      {answer && !score && (
        <p className="muted">
          {answer.extensions.absences?.[0]?.reason === "NOT_PUBLISHED" ? t("notInEdition") : t("nothing")}
        </p>
      )}
      <Gaps errors={answer?.errors} />
    </Panel>
  );
}

export function History({ points }: { points: ReturnType<typeof useScore>["history"] }) {
  const { t } = useTaste();
  if (points.length < 2) return null;
  return (
    <Panel title={t("history")}>
      <Line values={points.map(({ period, total }) => ({ label: period, value: Number(total) }))} />
      <ul className="sr">
        {points.map(({ period, total }) => (
          <li key={period}>
            {period}: {total}
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function Summary({ score }: { score: Score }) {
  const { t, pick, language } = useTaste();
  return (
    <div className="score-top">
      <p className="score-total">
        <strong data-testid="total">{score.total ?? "—"}</strong>{" "}
        <span className="muted">{t("scoreOf", number(score.maximum, language))}</span>
      </p>
      <dl>
        <div>
          <dt>{t("stage")}</dt>
          <dd>{pick(score.stage?.name, score.stage?.nameZh) || "—"}</dd>
        </div>
        <div>
          <dt>{t("rank")}</dt>
          <dd>{score.rank ?? "—"}</dd>
        </div>
        <div>
          <dt>{t("rankInStage")}</dt>
          <dd>{score.stageRank ?? "—"}</dd>
        </div>
        <div>
          <dt>{t("percentile")}</dt>
          <dd>{score.percentile ?? "—"}</dd>
        </div>
        <div>
          <dt>{t("edition")}</dt>
          <dd>{score.period}</dd>
        </div>
        {score.lists.length > 0 && (
          <div>
            <dt>{t("onLists")}</dt>
            <dd>{score.lists.map((list) => pick(list.name, list.nameZh)).join(", ")}</dd>
          </div>
        )}
      </dl>
    </div>
  );
}

function Indicators({ score }: { score: Score }) {
  const { t, pick } = useTaste();
  return (
    <div className="scroll" tabIndex={0} role="region" aria-label={t("indicator")}>
      <table className="indicators">
        <thead>
          <tr>
            <th scope="col">{t("indicator")}</th>
            <th scope="col" className="number">
              {t("value")}
            </th>
            <th scope="col" className="tier">
              {t("tier")}
            </th>
            <th scope="col" className="number">
              {t("points")}
            </th>
            <th scope="col">
              <span className="sr">{t("points")}</span>
            </th>
            <th scope="col">{t("nextTier")}</th>
          </tr>
        </thead>
        {score.groups.map(({ group, points, maximum }) => (
          <tbody key={group.id}>
            <tr className="group-row">
              <th scope="rowgroup" colSpan={2}>
                {pick(group.name, group.nameZh)}
              </th>
              <td className="tier" />
              <td className="number">
                <strong>{points}</strong> <span className="muted">/ {maximum}</span>
              </td>
              <td>
                <Meter value={Number(points)} of={Number(maximum)} tone="seal-tone" />
              </td>
              <td />
            </tr>
            {score.indicators
              .filter(({ indicator }) => indicator.group?.id === group.id)
              .map((one) => (
                <Row key={one.indicator.id} one={one} />
              ))}
          </tbody>
        ))}
      </table>
    </div>
  );
}

function Row({ one }: { one: Score["indicators"][number] }) {
  const { t, pick, language } = useTaste();
  const shown =
    one.missing && one.value == null ? (
      <span className="warn">{named("missing", one.missing, language)}</span>
    ) : (
      (one.category?.toUpperCase() ?? measured(`${number(one.value, language)} ${one.unit}`, language))
    );
  return (
    <tr>
      <th scope="row">{pick(one.indicator.name, one.indicator.nameZh)}</th>
      <td className="number">
        <FromAll origins={one.sources} note={one.missing ? pick(one.counted, one.countedZh) : null}>
          {shown}
        </FromAll>
      </td>
      <td className="muted tier">{one.category ? "" : measured(pick(one.tier, one.tierZh), language)}</td>
      <td className="number">
        {one.points} <span className="muted">/ {number(one.maximum, language)}</span>
      </td>
      <td>
        <Meter value={Number(one.points)} of={Number(one.maximum)} />
      </td>
      <td className="muted next">
        {one.next &&
          t(
            "nextTierText",
            one.indicator.better === "LOWER" ? "−" : "+",
            measured(`${number(one.next.distance, language)} ${one.unit}`, language),
            number(Number(one.next.points) - Number(one.points), language),
          )}
      </td>
    </tr>
  );
}
