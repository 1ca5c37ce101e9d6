/** The card of an enterprise. Each part asks for itself, so that a source which is slow holds up nothing else. */

import { day, money } from "../../format";
import { useAnswer } from "../../graph";
import { named } from "../../names";
import { Facts, From, Gaps, Panel, Seal, Unreachable } from "../../parts/parts";
import { useTaste } from "../../taste";
import { FilingCharts } from "./filings";
import { Matches } from "./matches";
import { QualificationLine } from "./qualifications";
import { Card } from "./queries";
import { History, ScorePanel, useScore } from "./score";
import { WhatIf } from "./whatif";

export function CardOf({ uscc }: { uscc: string }) {
  const { t, pick, language } = useTaste();
  const { data: answer, isPending, isError, refetch } = useAnswer(Card, { uscc });
  const scored = useScore(uscc);
  if (isPending)
    return (
      <p className="loading" role="status">
        {t("loading")}
      </p>
    );
  if (isError) return <Unreachable again={() => void refetch()} />;
  const one = answer.data?.enterprise;
  if (!one)
    return (
      <>
        <p>{t("noneFound")}</p>
        <Gaps errors={answer.errors} />
      </>
    );
  const { source, asOf, synthetic } = one;
  const from = { source, asOf, synthetic };

  return (
    <article className="card">
      <header className="card-head">
        <div>
          <p className="eyebrow">
            <code>{one.uscc}</code>
            {one.zone && <span>{pick(one.zone.nameEn, one.zone.name)}</span>}
          </p>
          <h1 lang="zh-CN">
            {one.name ?? one.uscc}
            <Seal when={synthetic} />
          </h1>
          {language === "en" && one.nameEn && <p className="muted">{one.nameEn}</p>}
        </div>
        <ul className="tags">
          {(one.qualifications ?? [])
            .filter(({ validTo, withdrawnOn }) => !withdrawnOn && (!validTo || validTo >= today()))
            .map(({ kind, source, asOf, synthetic }, n) => (
              <li key={n}>
                <From source={source} asOf={asOf} synthetic={synthetic}>
                  <span className="tag accent">{named("qualification", kind, language)}</span>
                </From>
              </li>
            ))}
          {one.ladder?.rung && (
            <li>
              <span className="tag">{named("rung", one.ladder.rung, language)}</span>
            </li>
          )}
        </ul>
      </header>
      <div className="grid">
        <Panel title={t("registration")} className="span-12">
          <Facts
            items={[
              [
                t("status"),
                <From {...from}>
                  {named("status", one.status, language)}
                  {one.statusText && language === "zh" ? `（${one.statusText}）` : ""}
                </From>,
              ],
              [
                t("founded"),
                <From {...from}>{one.foundedOn ? day(one.foundedOn, language) : (one.foundedText ?? "—")}</From>,
              ],
              [t("legal"), <From {...from}>{one.legalRepresentative ?? "—"}</From>],
              [t("capital"), <From {...from}>{money(one.registeredCapital, language)}</From>],
              [t("industry"), <From {...from}>{one.industry?.division ?? one.industry?.text ?? "—"}</From>],
              [
                t("district"),
                <From {...from}>
                  {[one.district?.province, one.district?.name].filter(Boolean).join(" · ") || "—"}
                </From>,
              ],
              [t("address"), <From {...from}>{one.address ?? "—"}</From>],
              [
                t("flags"),
                one.flags?.length ? (
                  <ul>
                    {one.flags.map((flag, n) => (
                      <li key={n}>
                        <From source={flag.source} asOf={flag.asOf} synthetic={flag.synthetic} note={flag.authority}>
                          <span className={`tag ${flag.until ? "" : "bad"}`}>{named("risk", flag.kind, language)}</span>
                        </From>{" "}
                        <span className="hint">
                          {day(flag.since, language)}
                          {flag.until ? `–${day(flag.until, language)}` : ""}
                        </span>
                      </li>
                    ))}
                  </ul>
                ) : one.flags ? (
                  t("noFlags")
                ) : (
                  "—"
                ),
              ],
              ...(one.formerNames?.length ? [[t("formerly"), one.formerNames.join("、")] as [string, string]] : []),
            ]}
          />
          <Gaps errors={answer.errors} />
        </Panel>
        <div className="span-8 stack">
          <ScorePanel {...scored} uscc={uscc} />
        </div>
        <div className="span-4 stack">
          {scored.score && <WhatIf key={`${uscc} ${scored.scheme}`} {...scored.variables} score={scored.score} />}
          <FilingCharts uscc={uscc} />
          <QualificationLine all={one.qualifications} />
          <History points={scored.history} />
        </div>
        <Matches uscc={uscc} />
      </div>
    </article>
  );
}

const today = () => new Date().toISOString().slice(0, 10);
