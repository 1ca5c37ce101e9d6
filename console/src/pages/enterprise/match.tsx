/** Something that an enterprise may have or not, with what speaks for and against it. */

import type { ReactNode } from "react";
import type { Fit, Truth } from "../../gql/graphql";
import type { Problem } from "../../graph";
import { inLanguage, named, plainly } from "../../names";
import { From, Gaps, Seal, TRUTHS } from "../../parts/parts";
import { useTaste } from "../../taste";

interface Origin {
  title: string;
  titleZh: string | null;
  synthetic: boolean;
}
interface Reason {
  truth: Truth;
  what: string;
  required: string[];
  actual: string | null;
  reason: string | null;
  hint: string | null;
  source: Origin | null;
  asOf: string | null;
  synthetic: boolean | null;
}

const TONES: Record<Fit, string> = { ELIGIBLE: "good", NEARLY: "accent", UNKNOWN: "warn", NOT_ELIGIBLE: "" };

export function Match({
  fit,
  title,
  under,
  source,
  asOf,
  synthetic,
  reasons,
  children,
}: {
  fit: Fit;
  title: string;
  under: ReactNode;
  source?: Origin | null;
  asOf?: string | null;
  synthetic?: boolean | null;
  reasons: Reason[];
  children?: ReactNode;
}) {
  const { t, language } = useTaste();
  return (
    <li className="match">
      <div className="match-head">
        <span className={`tag ${TONES[fit]}`}>{named("fit", fit, language)}</span>
        <h3>
          <From source={source} asOf={asOf} synthetic={synthetic}>
            {title}
          </From>
          <Seal when={synthetic} />
        </h3>
        <p className="muted">{under}</p>
      </div>
      <ul className="reasons">
        {reasons.map((one, n) => (
          <li key={n} className={one.truth.toLowerCase()}>
            <span aria-hidden="true" className="sign">
              {TRUTHS[one.truth]}
            </span>
            <span className="sr">{named("truth", one.truth, language)}: </span>
            <span>
              <From source={one.source} asOf={one.asOf} synthetic={one.synthetic}>
                {one.what}
              </From>
              {one.required.length > 0 && (
                <span className="hint">
                  {" "}
                  {t("required")}{" "}
                  {one.required
                    .slice(0, 4)
                    .map((each) => plainly(each, language))
                    .join(" / ")}
                  {one.required.length > 4 ? " …" : ""}
                </span>
              )}
              {one.actual !== null && (
                <span className="hint">
                  {" "}
                  · {t("actual")} {plainly(one.actual, language)}
                </span>
              )}
              {(one.reason || one.hint) && (
                <span className="hint block">
                  {plainly(inLanguage(one.reason ?? one.hint ?? "", language), language)}
                </span>
              )}
            </span>
          </li>
        ))}
      </ul>
      {children}
    </li>
  );
}

export function Shown({
  pending,
  errors,
  empty,
  children,
}: {
  pending: boolean;
  errors: Problem[] | undefined;
  empty: boolean;
  children: ReactNode;
}) {
  const { t } = useTaste();
  if (pending)
    return (
      <p role="status" className="muted">
        {t("loading")}
      </p>
    );
  return (
    <>
      {empty ? <p className="muted">{t("nothing")}</p> : <ul className="matches">{children}</ul>}
      <Gaps errors={errors} />
    </>
  );
}
