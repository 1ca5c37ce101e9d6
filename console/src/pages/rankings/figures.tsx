/** What an edition publishes of everybody: numbers, and how the totals spread. */

import { day, number } from "../../format";
import { named } from "../../names";
import { Histogram } from "../../parts/charts";
import { Panel } from "../../parts/parts";
import { useTaste } from "../../taste";
import type { Edition } from "./page";

export function Figures({ edition, stage }: { edition: Edition; stage: string }) {
  const { t, language } = useTaste();
  const figures = edition.figures.find((one) => (one.stage?.id ?? "") === stage);
  const told: [string, string][] = [
    [t("residents"), number(edition.residents, language)],
    [t("evaluated"), number(figures?.evaluated ?? edition.evaluated, language)],
    [t("mean"), figures?.mean ?? "—"],
    [t("median"), figures?.quartiles[1] ?? "—"],
    [
      named("edition", edition.state, language),
      edition.noticeUntil && edition.state === "NOTICE"
        ? t("noticeUntil", day(edition.noticeUntil, language))
        : day(edition.day, language),
    ],
  ];
  return (
    <dl className="strip">
      {told.map(([label, value]) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

export function Distribution({ edition, stage }: { edition: Edition; stage: string }) {
  const { t } = useTaste();
  const figures = edition.figures.find((one) => (one.stage?.id ?? "") === stage);
  const slabs = (figures?.bars ?? []).map(({ begin, end, count }) => ({
    begin: Number(begin),
    end: Number(end),
    count,
  }));
  return (
    <Panel title={t("distribution")} aside={t("share")}>
      {slabs.length ? (
        <Histogram
          slabs={slabs}
          marks={figures?.quartiles[1] ? [{ at: Number(figures.quartiles[1]), label: t("median") }] : []}
        />
      ) : (
        <p className="muted">{t("nothing")}</p>
      )}
      <table className="sr">
        <caption>{t("distribution")}</caption>
        <tbody>
          {slabs.map(({ begin, end, count }) => (
            <tr key={begin}>
              <th scope="row">
                {begin}–{end}
              </th>
              <td>{count}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="hint">{t("distributionWhy")}</p>
    </Panel>
  );
}
