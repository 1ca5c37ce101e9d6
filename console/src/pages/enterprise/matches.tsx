/** What an enterprise may have: policies, loan products, funds and people, each with the reasons that speak for and against. */

import { Tab, TabList, TabPanel, TabProvider } from "@ariakit/react";
import { money } from "../../format";
import { useAnswer } from "../../graph";
import { From, Panel, Seal } from "../../parts/parts";
import { useTaste } from "../../taste";
import { Match, Shown } from "./match";
import { Partners, Policies, Products } from "./queries";

export function Matches({ uscc }: { uscc: string }) {
  const { t } = useTaste();
  return (
    <TabProvider>
      <Panel
        className="span-12"
        title={t("matches")}
        aside={
          <TabList className="tabs" aria-label={t("policies")}>
            <Tab id="policies">{t("policies")}</Tab>
            <Tab id="products">{t("products")}</Tab>
            <Tab id="partners">
              {t("funds")} · {t("managers")}
            </Tab>
          </TabList>
        }
      >
        <TabPanel tabId="policies">
          <PolicyList uscc={uscc} />
        </TabPanel>
        <TabPanel tabId="products">
          <ProductList uscc={uscc} />
        </TabPanel>
        <TabPanel tabId="partners">
          <PartnerList uscc={uscc} />
        </TabPanel>
      </Panel>
    </TabProvider>
  );
}

function PolicyList({ uscc }: { uscc: string }) {
  const { t, pick, language } = useTaste();
  const { data, isPending } = useAnswer(Policies, { uscc });
  const matches = data?.data?.enterprise?.policyMatches ?? [];
  return (
    <Shown pending={isPending} errors={data?.errors} empty={!matches.length}>
      {matches.map(({ fit, policy, amount, structured, conditions }, n) => (
        <Match
          key={n}
          fit={fit}
          title={pick(policy?.titleEn, policy?.title) || (policy?.documentNumber ?? "—")}
          source={policy?.source}
          asOf={policy?.asOf}
          synthetic={policy?.synthetic}
          under={[
            policy?.issuer,
            amount !== null && `${t("benefit")} ${money(amount, language)}`,
            !structured && t("inWords"),
          ]
            .filter(Boolean)
            .join(" · ")}
          reasons={conditions.map(({ condition, ...one }) => ({
            ...one,
            what: pick(condition.textEn, condition.text),
          }))}
        />
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
        <Match
          key={n}
          fit={fit}
          title={product?.name ?? "—"}
          source={product?.source}
          asOf={product?.asOf}
          synthetic={product?.synthetic}
          under={[
            product?.lender,
            product?.amountMax && t("upTo", money(product.amountMax, language)),
            product?.rateText,
          ]
            .filter(Boolean)
            .join(" · ")}
          reasons={conditions.map((one) => ({ ...one, what: kindOf(one.kind) }))}
        />
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
        <Match
          key={`fund ${n}`}
          fit={fit}
          title={pick(fund?.nameEn, fund?.name)}
          source={fund?.source}
          asOf={fund?.asOf}
          synthetic={fund?.synthetic}
          under={
            <>
              {t("funds")} · {money(fund?.size, language)}
            </>
          }
          reasons={conditions.map((one) => ({ ...one, what: kindOf(one.kind) }))}
        />
      ))}
      {(technologyManagers ?? []).map(({ manager, reasons }, n) => (
        <li key={`manager ${n}`} className="match">
          <div className="match-head">
            <span className="tag">{t("managers")}</span>
            <h3>
              <From source={manager?.source} asOf={manager?.asOf} synthetic={manager?.synthetic}>
                {manager?.name}
              </From>
              <Seal when={manager?.synthetic} />
            </h3>
            <p className="muted">{[manager?.institution, manager?.region].filter(Boolean).join(" · ")}</p>
          </div>
          <ul className="reasons">
            {reasons.map(({ ofManager, ofEnterprise }, k) => (
              <li key={k}>
                <span aria-hidden="true" className="sign">
                  ↔
                </span>
                <span>
                  {ofManager} <span className="hint">{ofEnterprise}</span>
                </span>
              </li>
            ))}
          </ul>
        </li>
      ))}
    </Shown>
  );
}

const kindOf = (kind: string) => kind.charAt(0) + kind.slice(1).toLowerCase().replaceAll("_", " ");
