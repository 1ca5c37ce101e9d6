/** What an enterprise may have: policies, loan products, funds and people, each with the reasons that speak for and against. */

import { Tab, TabList, TabPanel, TabProvider } from "@ariakit/react";
import type { ReactNode } from "react";
import { money, number } from "../../format";
import { useAnswer } from "../../graph";
import type { Problem } from "../../graph";
import type { Fit, Truth } from "../../gql/graphql";
import { inLanguage, named, plainly } from "../../names";
import { From, Gaps, Panel, Seal, TRUTHS } from "../../parts/parts";
import { useTaste } from "../../taste";
import { Partners, Policies, Products } from "./queries";

interface Origin { title: string; titleZh: string | null; synthetic: boolean }
interface Reason { truth: Truth; what: string; required: string[]; actual: string | null; reason: string | null; hint: string | null; source: Origin | null; asOf: string | null; synthetic: boolean | null }

const TONES: Record<Fit, string> = { ELIGIBLE: "good", NEARLY: "accent", UNKNOWN: "warn", NOT_ELIGIBLE: "" };

export function Matches({ uscc }: { uscc: string }) {
  const { t } = useTaste();
  return (
    <TabProvider>
      <Panel className="span-12" title={t("matches")} aside={
        <TabList className="tabs" aria-label={t("policies")}>
          <Tab id="policies">{t("policies")}</Tab><Tab id="products">{t("products")}</Tab><Tab id="partners">{t("funds")} · {t("managers")}</Tab>
        </TabList>
      }>
        <TabPanel tabId="policies"><PolicyList uscc={uscc} /></TabPanel>
        <TabPanel tabId="products"><ProductList uscc={uscc} /></TabPanel>
        <TabPanel tabId="partners"><PartnerList uscc={uscc} /></TabPanel>
      </Panel>
    </TabProvider>
  );
}

function Match({ fit, title, under, source, asOf, synthetic, reasons, children }: { fit: Fit; title: string; under: ReactNode; source?: Origin | null; asOf?: string | null; synthetic?: boolean | null; reasons: Reason[]; children?: ReactNode }) {
  const { t, language } = useTaste();
  return (
    <li className="match">
      <div className="match-head">
        <span className={`tag ${TONES[fit]}`}>{named("fit", fit, language)}</span>
        <h3><From source={source} asOf={asOf} synthetic={synthetic}>{title}</From><Seal when={synthetic} /></h3>
        <p className="muted">{under}</p>
      </div>
      <ul className="reasons">
        {reasons.map((one, n) => (
          <li key={n} className={one.truth.toLowerCase()}>
            <span aria-hidden="true" className="sign">{TRUTHS[one.truth]}</span><span className="sr">{named("truth", one.truth, language)}: </span>
            <span>
              <From source={one.source} asOf={one.asOf} synthetic={one.synthetic}>{one.what}</From>
              {one.required.length > 0 && <span className="hint"> {t("required")} {one.required.slice(0, 4).map((each) => plainly(each, language)).join(" / ")}{one.required.length > 4 ? " …" : ""}</span>}
              {one.actual !== null && <span className="hint"> · {t("actual")} {plainly(one.actual, language)}</span>}
              {(one.reason || one.hint) && <span className="hint block">{plainly(inLanguage(one.reason ?? one.hint ?? "", language), language)}</span>}
            </span>
          </li>
        ))}
      </ul>
      {children}
    </li>
  );
}

function Shown({ pending, errors, empty, children }: { pending: boolean; errors: Problem[] | undefined; empty: boolean; children: ReactNode }) {
  const { t } = useTaste();
  if (pending) return <p role="status" className="muted">{t("loading")}</p>;
  return <>{empty ? <p className="muted">{t("nothing")}</p> : <ul className="matches">{children}</ul>}<Gaps errors={errors} /></>;
}

function PolicyList({ uscc }: { uscc: string }) {
  const { t, pick, language } = useTaste();
  const { data, isPending } = useAnswer(Policies, { uscc });
  const matches = data?.data?.enterprise?.policyMatches ?? [];
  return (
    <Shown pending={isPending} errors={data?.errors} empty={!matches.length}>
      {matches.map(({ fit, policy, amount, structured, conditions }, n) => (
        <Match key={n} fit={fit} title={pick(policy?.titleEn, policy?.title) || (policy?.id ?? "—")} source={policy?.source} asOf={policy?.asOf} synthetic={policy?.synthetic}
          under={[policy?.issuer, amount !== null && `${t("benefit")} ${money(amount, language)}`, !structured && t("inWords")].filter(Boolean).join(" · ")}
          reasons={conditions.map(({ condition, ...one }) => ({ ...one, what: pick(condition.textEn, condition.text) }))} />
      ))}
    </Shown>
  );
}

function ProductList({ uscc }: { uscc: string }) {
  const { t, language } = useTaste();
  const { data, isPending } = useAnswer(Products, { uscc });
  const matches = data?.data?.enterprise?.loanProductMatches ?? [];
  return (
    <Shown pending={isPending} errors={data?.errors} empty={!matches.length}>
      {matches.map(({ fit, product, conditions }, n) => (
        <Match key={n} fit={fit} title={product?.name ?? "—"} source={product?.source} asOf={product?.asOf} synthetic={product?.synthetic}
          under={[product?.lender, product?.amountMax && t("upTo", money(product.amountMax, language)), product?.rateText].filter(Boolean).join(" · ")}
          reasons={conditions.map((one) => ({ ...one, what: kindOf(one.kind) }))} />
      ))}
    </Shown>
  );
}

function PartnerList({ uscc }: { uscc: string }) {
  const { t, pick, language } = useTaste();
  const { data, isPending } = useAnswer(Partners, { uscc });
  const { fundMatches, technologyManagers } = data?.data?.enterprise ?? {};
  return (
    <Shown pending={isPending} errors={data?.errors} empty={!fundMatches?.length && !technologyManagers?.length}>
      {(fundMatches ?? []).map(({ fit, fund, conditions }, n) => (
        <Match key={`fund ${n}`} fit={fit} title={pick(fund?.nameEn, fund?.name)} source={fund?.source} asOf={fund?.asOf} synthetic={fund?.synthetic} under={<>{t("funds")} · {money(fund?.size, language)}</>}
          reasons={conditions.map((one) => ({ ...one, what: kindOf(one.kind) }))} />
      ))}
      {(technologyManagers ?? []).map(({ manager, reasons }, n) => (
        <li key={`manager ${n}`} className="match">
          <div className="match-head">
            <span className="tag">{t("managers")}</span>
            <h3><From source={manager?.source} asOf={manager?.asOf} synthetic={manager?.synthetic}>{manager?.name}</From><Seal when={manager?.synthetic} /></h3>
            <p className="muted">{[manager?.institution, manager?.region].filter(Boolean).join(" · ")}</p>
          </div>
          <ul className="reasons">{reasons.map(({ ofManager, ofEnterprise }, k) => <li key={k}><span aria-hidden="true" className="sign">↔</span><span>{ofManager} <span className="hint">{ofEnterprise}</span></span></li>)}</ul>
        </li>
      ))}
      <li className="sr">{number(matchCount(fundMatches, technologyManagers), language)}</li>
    </Shown>
  );
}

const matchCount = (...lists: (readonly unknown[] | null | undefined)[]) => lists.reduce((sum, list) => sum + (list?.length ?? 0), 0);
const kindOf = (kind: string) => kind.charAt(0) + kind.slice(1).toLowerCase().replaceAll("_", " ");
