/** Sliders over the indicators that are numbers; the hub computes what the score would be. */

import { useDeferredValue, useEffect, useState } from "react";
import { number } from "../../format";
import { useAnswer } from "../../graph";
import { Gaps, Panel } from "../../parts/parts";
import { measured } from "../../names";
import { useTaste } from "../../taste";
import { Simulate } from "./queries";
import type { Score } from "./score";

const FEW = 6;

interface Props {
  uscc: string;
  scheme: string | null;
  live: boolean;
  score: Score;
}

export function WhatIf({ uscc, scheme, live, score }: Props) {
  const { t, pick, language } = useTaste();
  const [values, setValues] = useState<Record<string, number>>({});
  const [all, setAll] = useState(false);
  const [settled, setSettled] = useState(values);
  const deferred = useDeferredValue(values);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(deferred), 120);
    return () => clearTimeout(timer);
  }, [deferred]);

  const movable = score.indicators
    .filter(({ value, category }) => value != null && category == null)
    .sort((a, b) => Number(b.maximum) - Number(b.points) - (Number(a.maximum) - Number(a.points)));
  const shown = all ? movable : movable.slice(0, FEW);
  const changes = Object.entries(settled).map(([indicator, value]) => ({ indicator, value: String(value) }));
  const { data } = useAnswer(Simulate, { uscc, scheme, live, changes }, { enabled: changes.length > 0, keep: true });
  const told = changes.length ? data?.data?.enterprise?.simulateScore : undefined;
  const change = Number(told?.change ?? 0);

  return (
    <Panel
      title={t("whatIf")}
      aside={
        changes.length > 0 && (
          <button type="button" className="quiet" onClick={() => setValues({})}>
            {t("reset")}
          </button>
        )
      }
    >
      <p className="hint">{t("whatIfText")}</p>
      <div role="status">
        <dl className="then">
          <div>
            <dt>{t("before")}</dt>
            <dd>{told?.before?.total ?? score.total}</dd>
          </div>
          <div>
            <dt>{t("after")}</dt>
            <dd data-testid="then">
              {told?.after?.total ?? score.total}
              {change !== 0 && (
                <span className={change > 0 ? "good" : "bad"}>
                  {" "}
                  {change > 0 ? "+" : "−"}
                  {Math.abs(change)}
                </span>
              )}
            </dd>
          </div>
          <div>
            <dt>{t("rank")}</dt>
            <dd>{told?.after?.rank ?? score.rank ?? "—"}</dd>
          </div>
        </dl>
      </div>
      {shown.map((one) => {
        const { indicator, unit } = one;
        const given = Number(one.value);
        const value = values[indicator.id] ?? given;
        const [least, most] = reach(given, unit);
        const moved = told?.moved?.find((move) => move.indicator.id === indicator.id);
        return (
          <label key={indicator.id} className="slider">
            <span>{pick(indicator.name, indicator.nameZh)}</span>
            <span className="muted">
              {measured(`${number(value, language)} ${unit}`, language)}
              {moved && (
                <span className={Number(moved.change) > 0 ? "good" : "bad"}>
                  {" "}
                  {Number(moved.change) > 0 ? "+" : "−"}
                  {Math.abs(Number(moved.change))}
                </span>
              )}
            </span>
            <input
              type="range"
              min={least}
              max={most}
              step={step(most - least, unit)}
              value={value}
              onChange={(event) => setValues({ ...values, [indicator.id]: Number(event.target.value) })}
            />
          </label>
        );
      })}
      {movable.length > FEW && !all && (
        <button type="button" className="quiet" onClick={() => setAll(true)}>
          {t("moreIndicators", movable.length)}
        </button>
      )}
      <Gaps errors={changes.length ? data?.errors : undefined} />
    </Panel>
  );
}

/** From nothing (or as far below) to twice as much, and at least to ten; of a percentage to a hundred at most. */
function reach(value: number, unit: string): [number, number] {
  const most = Math.max(10, Math.ceil(Math.abs(value) * 2));
  return [value < 0 ? -most : unit === "%" ? -20 : 0, unit === "%" ? Math.max(100, Math.ceil(value)) : most];
}

function step(span: number, unit: string): number {
  return unit === "%" || span > 2000 ? Math.max(1, 10 ** Math.floor(Math.log10(span / 200))) : 1;
}
