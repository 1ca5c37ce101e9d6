/** Qualifications as lines in time; each is a dated fact, and may have been held and lost. */

import { scaleTime } from "@visx/scale";
import type { CardQuery } from "../../gql/graphql";
import { day } from "../../format";
import { named } from "../../names";
import { From, Panel } from "../../parts/parts";
import { useTaste } from "../../taste";

type Qualification = NonNullable<NonNullable<CardQuery["enterprise"]>["qualifications"]>[number];
const WIDTH = 420;

export function QualificationLine({ all }: { all: Qualification[] | null | undefined }) {
  const { t, language } = useTaste();
  const now = new Date();
  const dated = (all ?? []).filter(({ validFrom }) => validFrom);
  const first = new Date(dated.map(({ validFrom }) => validFrom!).sort()[0] ?? now);
  const last = new Date(
    Math.max(now.getTime() + 2e10, ...dated.map(({ validTo }) => (validTo ? new Date(validTo).getTime() : 0))),
  );
  const x = scaleTime({ domain: [new Date(first.getFullYear(), 0, 1), last], range: [0, WIDTH] });

  return (
    <Panel title={t("qualifications")}>
      {!dated.length && <p className="muted">{t("nothing")}</p>}
      {dated.length > 0 && (
        <ul className="timeline">
          {dated.map((one, n) => {
            const to = one.withdrawnOn ?? one.validTo;
            const from = x(new Date(one.validFrom!)),
              until = to ? x(new Date(to)) : WIDTH;
            const standing = !to || new Date(to) >= now;
            return (
              <li key={n}>
                <From source={one.source} asOf={one.asOf} synthetic={one.synthetic} note={one.issuer}>
                  {named("qualification", one.kind, language)}
                </From>
                <svg viewBox={`0 0 ${WIDTH} 16`} preserveAspectRatio="none" aria-hidden="true">
                  {x.ticks(5).map((tick) => (
                    <line key={+tick} x1={x(tick)} x2={x(tick)} y1="0" y2="16" className="zero" />
                  ))}
                  <rect
                    x={from}
                    width={Math.max(3, until - from)}
                    y="4"
                    height="8"
                    className={standing ? "standing" : "ended"}
                  />
                  <line x1={x(now)} x2={x(now)} y1="0" y2="16" className="mark-line" />
                </svg>
                <span className="hint">
                  {day(one.validFrom, language)} – {to ? day(to, language) : t("openEnd")}
                  {standing && <span className="good"> {t("validNow")}</span>}
                </span>
              </li>
            );
          })}
          <li aria-hidden="true" className="years">
            <span />
            <svg viewBox={`0 0 ${WIDTH} 14`}>
              {x.ticks(5).map((tick) => (
                <text key={+tick} x={x(tick)} y="11" textAnchor="middle">
                  {tick.getFullYear()}
                </text>
              ))}
            </svg>
            <span />
          </li>
        </ul>
      )}
    </Panel>
  );
}
