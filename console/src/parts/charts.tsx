/** Charts, drawn as SVG by visx. What they show stands beside them in words: they are hidden from screen readers. */

import { AxisBottom, AxisLeft } from "@visx/axis";
import { scaleBand, scaleLinear, scalePoint } from "@visx/scale";
import { Bar, LinePath } from "@visx/shape";

export function Columns({
  values,
  width = 150,
  height = 74,
}: {
  values: { label: string; value: number | null }[];
  width?: number;
  height?: number;
}) {
  const known = values.map(({ value }) => value ?? 0);
  const x = scaleBand({ domain: values.map(({ label }) => label), range: [0, width], padding: 0.28 });
  const y = scaleLinear({ domain: [Math.min(0, ...known), Math.max(0, ...known) || 1], range: [height - 4, 4] });
  return (
    <svg className="columns" viewBox={`0 0 ${width} ${height}`} aria-hidden="true">
      {values.map(
        ({ label, value }, n) =>
          value !== null && (
            <Bar
              key={label}
              x={x(label)}
              width={x.bandwidth()}
              y={Math.min(y(value), y(0))}
              height={Math.max(1.5, Math.abs(y(value) - y(0)))}
              className={`${value < 0 ? "below" : "above"}${n === values.length - 1 ? " last" : ""}`}
            />
          ),
      )}
      <line x1="0" x2={width} y1={y(0)} y2={y(0)} className="zero" />
    </svg>
  );
}

export function Line({
  values,
  width = 260,
  height = 90,
}: {
  values: { label: string; value: number }[];
  width?: number;
  height?: number;
}) {
  const x = scalePoint({ domain: values.map(({ label }) => label), range: [28, width - 28] });
  const all = values.map(({ value }) => value);
  const y = scaleLinear({ domain: [Math.min(...all) - 3, Math.max(...all) + 3], range: [height - 22, 18] });
  return (
    <svg className="line" viewBox={`0 0 ${width} ${height}`} aria-hidden="true">
      <LinePath data={values} x={(one) => x(one.label) ?? 0} y={(one) => y(one.value)} className="line-path" />
      {values.map(({ label, value }) => (
        <g key={label} transform={`translate(${x(label)},${y(value)})`}>
          <circle r="3.5" />
          <text dy="-9" textAnchor="middle" className="strong">
            {value}
          </text>
          <text y={height - 6 - y(value)} textAnchor="middle">
            {label}
          </text>
        </g>
      ))}
    </svg>
  );
}

export interface Slab {
  begin: number;
  end: number;
  count: number;
}

/** A histogram whose bars differ in width: their area is how many there are. */
export function Histogram({
  slabs,
  marks = [],
  width = 640,
  height = 240,
}: {
  slabs: Slab[];
  marks?: { at: number; label: string }[];
  width?: number;
  height?: number;
}) {
  const left = 46,
    bottom = 26,
    top = 34;
  const dense = ({ begin, end, count }: Slab) => (10 * count) / Math.max(0.01, end - begin);
  const x = scaleLinear({ domain: [slabs[0]?.begin ?? 0, slabs.at(-1)?.end ?? 100], range: [left, width - 16] });
  const y = scaleLinear({ domain: [0, Math.max(1, ...slabs.map(dense))], range: [height - bottom, top], nice: true });
  return (
    <svg className="histogram" viewBox={`0 0 ${width} ${height}`} aria-hidden="true">
      {slabs.map((slab) => {
        const at = x(slab.begin),
          wide = x(slab.end) - x(slab.begin),
          high = y(dense(slab));
        return (
          <g key={slab.begin}>
            <Bar
              x={at + 0.5}
              width={Math.max(0, wide - 1)}
              y={high}
              height={height - bottom - high}
              className="above last"
            />
            <text x={at + wide / 2} y={high - 4} textAnchor="middle">
              {slab.count}
            </text>
          </g>
        );
      })}
      {marks.map(({ at, label }) => (
        <g key={label}>
          <line x1={x(at)} x2={x(at)} y1="16" y2={height - bottom} className="mark-line" />
          <text x={x(at)} y="12" textAnchor="middle" className="strong">
            {label} {at}
          </text>
        </g>
      ))}
      <AxisBottom scale={x} top={height - bottom} numTicks={8} axisClassName="axis" hideTicks />
      <AxisLeft scale={y} left={left} numTicks={4} axisClassName="axis" hideAxisLine hideTicks />
    </svg>
  );
}
