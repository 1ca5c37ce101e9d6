/** Small things that every page is made of. */

import { Tooltip, TooltipAnchor, TooltipProvider } from "@ariakit/react";
import { useId, type ReactNode } from "react";
import { ago, moment } from "../format";
import type { Problem } from "../graph";
import { useTaste } from "../taste";

export function Panel({
  title,
  aside,
  children,
  className = "",
}: {
  title: ReactNode;
  aside?: ReactNode;
  children: ReactNode;
  className?: string;
}) {
  const id = useId();
  return (
    <section className={`panel ${className}`} aria-labelledby={id}>
      <header className="panel-head">
        <h2 id={id}>{title}</h2>
        {aside && <div className="panel-aside">{aside}</div>}
      </header>
      {children}
    </section>
  );
}

/** The mark of what is made up: a seal, as on documents. */
export function Seal({ when = true }: { when?: boolean | null }) {
  const { t } = useTaste();
  return when ? (
    <span className="seal" title={t("syntheticWhy")}>
      {t("synthetic")}
    </span>
  ) : null;
}

interface Origin {
  title: string;
  titleZh: string | null;
  synthetic?: boolean | null;
}

/** A value that tells, when pointed at or focused, where it comes from and as of when. */
export function From({
  source,
  asOf,
  synthetic,
  note,
  children,
}: {
  source?: Origin | null;
  asOf?: string | null;
  synthetic?: boolean | null;
  note?: ReactNode;
  children: ReactNode;
}) {
  return (
    <FromAll origins={source ? [{ source, asOf, synthetic }] : []} note={note}>
      {children}
    </FromAll>
  );
}

export interface Given {
  source: Origin | null;
  asOf?: string | null;
  synthetic?: boolean | null;
}

/** The same of a value that is made of several records. */
export function FromAll({ origins, note, children }: { origins: Given[]; note?: ReactNode; children: ReactNode }) {
  const { t, pick, language } = useTaste();
  const id = useId();
  const told = origins.filter((one) => one.source);
  if (!told.length && !note) return <>{children}</>;
  return (
    <TooltipProvider timeout={150} placement="top">
      <TooltipAnchor render={<span className="from" tabIndex={0} aria-describedby={id} />}>{children}</TooltipAnchor>
      <Tooltip id={id} className="tip" portal gutter={6} unmountOnHide>
        {note && <p>{note}</p>}
        <dl>
          {told.map(({ source, asOf, synthetic }, n) => (
            <div key={n}>
              <dt>{pick(source!.title, source!.titleZh)}</dt>
              <dd>
                {asOf ? `${t("asOf")} ${moment(asOf, language)} (${ago(asOf, language)})` : "—"}
                <Seal when={synthetic ?? source!.synthetic} />
              </dd>
            </div>
          ))}
        </dl>
      </Tooltip>
    </TooltipProvider>
  );
}

/** What is not shown, and why: one line for each code, not one for each field. */
export function Gaps({ errors, among }: { errors: Problem[] | undefined; among?: string[] }) {
  const { t } = useTaste();
  const told = new Map<string, string>();
  for (const { message, path, extensions } of errors ?? []) {
    if (among && !path?.some((part) => among.includes(String(part)))) continue;
    const code = extensions?.code ?? "ERROR";
    if (!told.has(code)) told.set(code, message);
  }
  if (!told.size) return null;
  return (
    <ul className="gaps" aria-label={t("withheld")}>
      {[...told].map(([code, message]) => (
        <li key={code}>
          <code>{code}</code> {message}
        </li>
      ))}
    </ul>
  );
}

export function Unreachable({ again }: { again: () => void }) {
  const { t } = useTaste();
  return (
    <p role="alert" className="bad">
      {t("unreachable")}{" "}
      <button type="button" onClick={again}>
        {t("retry")}
      </button>
    </p>
  );
}

export function Facts({ items }: { items: [label: string, value: ReactNode][] }) {
  return (
    <dl className="facts">
      {items.map(([label, value]) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>{value ?? "—"}</dd>
        </div>
      ))}
    </dl>
  );
}

/** Part of a whole as a bar: a picture of a number that stands beside it. */
export function Meter({ value, of, tone = "" }: { value: number; of: number; tone?: string }) {
  const width = of > 0 ? Math.max(0, Math.min(100, (100 * value) / of)) : 0;
  return (
    <svg className={`meter ${tone}`} viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
      <rect className="meter-of" width="100" height="6" />
      <rect className="meter-is" width={width} height="6" />
    </svg>
  );
}

export const TRUTHS = { SATISFIED: "✓", UNMET: "✕", UNKNOWN: "?" } as const;
