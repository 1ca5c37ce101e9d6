import { useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { day } from "../../format";
import { ask, useAnswer } from "../../graph";
import type { ConsentsQuery, DataGroup, Purpose } from "../../gql/graphql";
import { named } from "../../names";
import { Gaps, Panel } from "../../parts/parts";
import { useIdentity } from "../../reader";
import { useTaste } from "../../taste";
import { Consents, Grant, Revoke } from "./queries";

/** What a lender may need an enterprise's agreement for. */
const GROUPS: DataGroup[] = [
  "FILINGS",
  "WORKFORCE",
  "CONTRACTS",
  "CREDIT",
  "SCORE",
  "INDICATORS",
  "LENDING",
  "DEMANDS",
  "APPLICATIONS",
];
const PURPOSES: Purpose[] = ["PRE_LOAN", "MONITORING", "GUARANTEE", "MATCHING", "INVESTMENT"];

type Consent = NonNullable<NonNullable<ConsentsQuery["enterprise"]>["consents"]>[number];

export function ConsentPanel({ uscc, own }: { uscc: string; own: boolean }) {
  const { t, language } = useTaste();
  const { reader } = useIdentity();
  const client = useQueryClient();
  const { data } = useAnswer(Consents, { uscc });
  const [said, setSaid] = useState<{ text: string; bad: boolean } | null>(null);
  const one = data?.data?.enterprise;
  const consents = [...(one?.consents ?? [])].sort((a, b) => b.grantedAt.localeCompare(a.grantedAt));
  const today = new Date().toISOString().slice(0, 10);

  async function revoke(consent: Consent) {
    const told = await ask(Revoke, { id: consent.id, key: crypto.randomUUID?.() ?? String(Math.random()) }, reader);
    const problem = told.errors[0]?.message ?? told.data?.revokeConsent?.userErrors[0]?.message;
    setSaid({ text: problem ?? t("withdrawn"), bad: problem !== undefined });
    await client.invalidateQueries();
  }

  return (
    <Panel title={t("whoMay")} aside={one?.name} className="span-5">
      {consents.length === 0 && <p className="muted">{t("noConsents")}</p>}
      <ul className="consents">
        {consents.map((consent) => {
          const stands = !consent.withdrawnAt && consent.lastDay >= today;
          return (
            <li key={consent.id} className={stands ? "" : "over"}>
              <div className="consent-head">
                <strong>{consent.grantee}</strong>
                {consent.withdrawnAt ? (
                  <span className="tag">{t("revoked", day(consent.withdrawnAt, language))}</span>
                ) : (
                  <span className={`tag ${stands ? "good" : ""}`}>{t(stands ? "standing" : "lapsed")}</span>
                )}
                {own && stands && (
                  <button type="button" onClick={() => void revoke(consent)}>
                    {t("revoke")}
                  </button>
                )}
              </div>
              <p>{consent.groups.map((group) => named("group", group, language)).join(" · ")}</p>
              <p className="hint">
                {consent.purposes.map((purpose) => named("purpose", purpose, language)).join(" · ")} ·{" "}
                {day(consent.firstDay, language)} – {day(consent.lastDay, language)}
                {consent.evidence ? ` · ${consent.evidence}` : ""}
              </p>
            </li>
          );
        })}
      </ul>
      <Gaps errors={data?.errors} />
      {own && (
        <GrantForm
          after={async (text, bad) => {
            setSaid({ text, bad });
            if (!bad) await client.invalidateQueries();
          }}
        />
      )}
      {said && (
        <p role="status" className={said.bad ? "bad" : "good"}>
          {said.text}
        </p>
      )}
    </Panel>
  );
}

function GrantForm({ after }: { after: (text: string, bad: boolean) => Promise<void> }) {
  const { t, language } = useTaste();
  const { reader, demo } = useIdentity();

  async function grant(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = event.currentTarget,
      given = new FormData(form);
    const input = {
      grantee: String(given.get("grantee")).trim(),
      groups: given.getAll("groups") as DataGroup[],
      purposes: given.getAll("purposes") as Purpose[],
      lastDay: String(given.get("lastDay")) || null,
      evidence: String(given.get("evidence")) || null,
    };
    const told = await ask(Grant, { input, key: crypto.randomUUID?.() ?? String(Math.random()) }, reader);
    const problem = told.errors[0]?.message ?? told.data?.grantConsent?.userErrors[0]?.message;
    if (!problem) form.reset();
    await after(problem ?? t("granted"), problem !== undefined);
  }

  return (
    <form className="grant" onSubmit={(event) => void grant(event)}>
      <h3>{t("grant")}</h3>
      <label>
        {t("grantee")}
        <input name="grantee" list="organisations" required autoComplete="off" />
      </label>
      <datalist id="organisations">
        {demo
          .filter(({ role }) => role === "BANK" || role === "GUARANTEE")
          .map(({ organisation }) => (
            <option key={organisation} value={organisation} />
          ))}
      </datalist>
      <fieldset>
        <legend>{t("groups")}</legend>
        {GROUPS.map((group) => (
          <label key={group}>
            <input type="checkbox" name="groups" value={group} /> {named("group", group, language)}
          </label>
        ))}
      </fieldset>
      <fieldset>
        <legend>{t("purposes")}</legend>
        {PURPOSES.map((purpose) => (
          <label key={purpose}>
            <input type="checkbox" name="purposes" value={purpose} /> {named("purpose", purpose, language)}
          </label>
        ))}
      </fieldset>
      <label>
        {t("until")}
        <input name="lastDay" type="date" />
      </label>
      <label>
        {t("evidence")}
        <input name="evidence" maxLength={200} />
      </label>
      <button type="submit" className="primary">
        {t("grant")}
      </button>
    </form>
  );
}
