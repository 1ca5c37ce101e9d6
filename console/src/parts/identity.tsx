/** Who asks, and for which purpose: the demo's readers where there are any, otherwise a token of one's own. */

import { useState } from "react";
import type { Purpose } from "../gql/graphql";
import { useIdentity } from "../reader";
import { useTaste } from "../taste";
import { named } from "../names";

const PURPOSES: Purpose[] = ["PRE_LOAN", "MONITORING", "GUARANTEE", "POLICY", "MATCHING", "INVESTMENT", "OBJECTION"];

export function IdentityPicker() {
  const { reader, demo, become, enter, leave, state } = useIdentity();
  const { t, language } = useTaste();
  const [written, setWritten] = useState("");
  const [failed, setFailed] = useState(false);
  const one = demo.find((each) => each.name === reader.name);
  const purposes = one ? one.purposes : reader.token ? PURPOSES : [];

  return (
    <div className="identity">
      {demo.length > 0 ? (
        <label>
          <span>{t("youAre")}</span>
          <select
            value={reader.name}
            onChange={(event) => {
              setFailed(false);
              if (event.target.value === "visitor") leave();
              else become(event.target.value).catch(() => setFailed(true));
            }}
          >
            <option value="visitor">{t("visitor")}</option>
            {demo.map(({ name, role, organisation }) => (
              <option key={name} value={name}>{`${named("role", role, language)} · ${organisation}`}</option>
            ))}
          </select>
        </label>
      ) : (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            if (reader.token) leave();
            else if (written.trim()) enter(written.trim());
            setWritten("");
          }}
        >
          <label>
            <span>{reader.token ? t("signedIn") : t("yourToken")}</span>
            <input
              type="password"
              autoComplete="off"
              value={written}
              disabled={reader.token !== null}
              onChange={(event) => setWritten(event.target.value)}
            />
          </label>
          <button type="submit" className="quiet">
            {reader.token ? t("leave") : t("enter")}
          </button>
        </form>
      )}
      {failed && (
        <p role="alert" className="bad">
          {t("noToken")}
        </p>
      )}
      {purposes.length > 0 && (
        <label>
          <span>{t("purpose")}</span>
          <select
            value={reader.purpose ?? ""}
            onChange={(event) => state((event.target.value || null) as Purpose | null)}
          >
            <option value="">{t("noPurpose")}</option>
            {purposes.map((purpose) => (
              <option key={purpose} value={purpose}>
                {named("purpose", purpose, language)}
              </option>
            ))}
          </select>
        </label>
      )}
      {one && <p className="hint">{t("demoReader")}</p>}
    </div>
  );
}
