/** A plan as a picture: steps from left to right, each with its sources, milliseconds and what the cache gave. */

import type { Extensions, Step, Used } from "../../graph";
import { useTaste } from "../../taste";

const WIDE = 238,
  LINE = 15,
  GAP_X = 46,
  GAP_Y = 12,
  MOST = 4;

interface Placed {
  step: Step;
  x: number;
  y: number;
  height: number;
  sources: string[];
  below: Placed[];
}

function place(steps: Step[], depth: number, from: number): [placed: Placed[], until: number] {
  let y = from;
  const placed = steps.map((step) => {
    const sources = [...new Set(Object.keys(step.sources ?? {}).map((name) => name.split(".")[0]!))];
    const height = 44 + LINE * (Math.min(sources.length, MOST) + (sources.length > MOST ? 1 : 0));
    const [below, until] = place(step.below ?? [], depth + 1, y);
    const end = Math.max(y + height + GAP_Y, until);
    const one = {
      step,
      x: depth * (WIDE + GAP_X),
      y: below.length ? Math.max(y, (y + end - GAP_Y - height) / 2) : y,
      height,
      sources,
      below,
    };
    y = end;
    return one;
  });
  return [placed, y];
}

const flat = (all: Placed[]): Placed[] => all.flatMap((one) => [one, ...flat(one.below)]);

export function PlanPicture({ plan, used }: { plan: NonNullable<Extensions["plan"]>; used: Used[] }) {
  const { t } = useTaste();
  const [roots, height] = place(plan.steps, 0, 2);
  const all = flat(roots);
  const width = Math.max(...all.map(({ x }) => x + WIDE), WIDE) + 4;
  const slowest = Math.max(1, ...all.map(({ step }) => step.milliseconds ?? 0));
  const bySource = new Map(used.map((one) => [one.source, one]));
  const cached = (source: string) => (bySource.get(source)?.calls ?? 0) === 0;

  return (
    <>
      <p className="hint">
        {t("planSummary", plan.batches, plan.fields, plan.cost)} · <code>{plan.engine}</code>
      </p>
      <div className="scroll" tabIndex={0} role="region" aria-label={t("plan")}>
        <svg
          className="plan"
          viewBox={`0 0 ${width} ${height}`}
          width={width}
          height={height}
          role="img"
          aria-label={all.map(({ step }) => `${step.asks} ${step.milliseconds ?? 0} ms`).join("; ")}
        >
          {all.flatMap((one) =>
            one.below.map((child) => {
              const x1 = one.x + WIDE,
                y1 = one.y + one.height / 2,
                x2 = child.x,
                y2 = child.y + child.height / 2,
                middle = (x1 + x2) / 2;
              return (
                <path
                  key={`${child.x} ${child.y}`}
                  d={`M${x1} ${y1}C${middle} ${y1} ${middle} ${y2} ${x2} ${y2}`}
                  className="plan-link"
                />
              );
            }),
          )}
          {all.map(({ step, x, y, height, sources }, n) => (
            <g key={n} transform={`translate(${x + 1},${y})`}>
              <rect width={WIDE} height={height} rx="5" className="plan-box" />
              <rect
                width={Math.max(2, (WIDE * (step.milliseconds ?? 0)) / slowest)}
                y={height - 4}
                height="4"
                rx="1.5"
                className="plan-time"
              />
              <text x="10" y="18" className="plan-name">
                {clip(step.asks, 30)}
              </text>
              <text x="10" y="33" className="plan-fact">
                {[
                  step.objects !== undefined && `× ${step.objects}`,
                  step.milliseconds !== undefined && `${step.milliseconds} ms`,
                  step.cost !== undefined && `${t("cost")} ${step.cost}`,
                ]
                  .filter(Boolean)
                  .join(" · ")}
              </text>
              {sources.slice(0, MOST).map((source, row) => (
                <g key={source} transform={`translate(10,${48 + row * LINE})`}>
                  <circle
                    cx="4"
                    cy="-4"
                    r="3.6"
                    className={
                      cached(source) ? "plan-cached" : bySource.get(source)?.error ? "plan-failed" : "plan-called"
                    }
                  />
                  <text x="14" className="plan-source">
                    {clip(source, 22)}
                  </text>
                  <text x={WIDE - 20} textAnchor="end" className="plan-fact">
                    {bySource.get(source)?.error?.code ??
                      (cached(source) ? t("fromCache") : `${Math.round(bySource.get(source)!.milliseconds)} ms`)}
                  </text>
                </g>
              ))}
              {sources.length > MOST && (
                <text x="24" y={48 + MOST * LINE} className="plan-fact">
                  + {sources.length - MOST}
                </text>
              )}
            </g>
          ))}
        </svg>
      </div>
    </>
  );
}

const clip = (text: string, most: number) => (text.length > most ? `${text.slice(0, most - 1)}…` : text);
