import { Link } from "wouter";
import { useAnswer } from "../../graph";
import { Gaps, Panel } from "../../parts/parts";
import { useTaste } from "../../taste";
import type { Edition } from "./page";
import { Changes, Movement } from "./queries";

export function MovementPanel({
  edition,
  stage,
  list,
  totals,
}: {
  edition: Edition;
  stage: string | null;
  list: string | null;
  totals: boolean;
}) {
  const { t } = useTaste();
  const { data } = useAnswer(Movement, { edition: edition.code, stage, list }, { keep: true });
  const changes = data?.data?.edition?.changes;
  if (!edition.previous)
    return (
      <Panel title={t("movement", "…")}>
        <p className="muted">{t("noPrevious")}</p>
      </Panel>
    );
  const column = (title: string, count: number, entries: NonNullable<typeof changes>["entered"], sign: string) => (
    <div>
      <h3>
        {title} <span className="muted">{count}</span>
      </h3>
      <ul className="moves">
        {entries.map((one) => (
          <li key={one.uscc}>
            <span className={sign === "▲" ? "good" : "bad"} aria-hidden="true">
              {sign}
            </span>{" "}
            <Link href={`/enterprises/${one.uscc}`} lang="zh-CN">
              {one.enterprise?.name ?? one.uscc}
            </Link>{" "}
            <span className="muted">{one.rank ?? ""}</span>
          </li>
        ))}
      </ul>
    </div>
  );
  return (
    <Panel title={t("movement", changes?.since?.period ?? edition.previous.period)}>
      {changes && (
        <div className="columns-two">
          {column(t("entered"), changes.enteredCount, changes.entered, "▲")}
          {column(t("left"), changes.leftCount, changes.left, "▼")}
        </div>
      )}
      {totals && <Falls edition={edition} />}
      <Gaps errors={data?.errors} />
    </Panel>
  );
}

function Falls({ edition }: { edition: Edition }) {
  const { t } = useTaste();
  const { data } = useAnswer(Changes, { edition: edition.code });
  const changes = data?.data?.scoreChanges?.changes ?? [];
  if (!changes.length) return null;
  return (
    <>
      <h3>{t("changes")}</h3>
      <table className="falls">
        <thead>
          <tr>
            <th scope="col">{t("enterprise")}</th>
            <th scope="col" className="number">
              {t("total")}
            </th>
            <th scope="col" className="number">
              ±
            </th>
            <th scope="col" className="number">
              {t("rank")}
            </th>
          </tr>
        </thead>
        <tbody>
          {changes.map((one) => (
            <tr key={one.uscc}>
              <th scope="row">
                <Link href={`/enterprises/${one.uscc}`} lang="zh-CN">
                  {one.enterprise?.name ?? one.uscc}
                </Link>
              </th>
              <td className="number">
                {one.before} → {one.after}
              </td>
              <td className={`number ${Number(one.change) < 0 ? "bad" : "good"}`}>
                {Number(one.change) > 0 ? "+" : ""}
                {one.change}
              </td>
              <td className="number">
                {one.rankBefore ?? "—"} → {one.rankAfter ?? "—"}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}
