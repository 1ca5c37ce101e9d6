/** Who may look at an enterprise and who did: for the enterprise itself, and for auditors. */

import { useState } from "react";
import { useAnswer } from "../../graph";
import { Unreachable } from "../../parts/parts";
import { useTaste } from "../../taste";
import { ConsentPanel } from "./consents";
import { LookPanel } from "./looks";
import { Me } from "./queries";
import "./style.css";

export default function AccessPage() {
  const { t } = useTaste();
  const { data, isPending, isError, refetch } = useAnswer(Me, {});
  const [chosen, setChosen] = useState("");
  const me = data?.data?.me;
  const own = me?.enterprise ?? null;
  const audits = me?.roles.includes("AUDITOR") ?? false;
  const uscc = own ?? (audits ? chosen : "");

  return (
    <>
      <div className="page-head">
        <h1>{t("access")}</h1>
        {audits && (
          <form
            className="controls"
            onSubmit={(event) => {
              event.preventDefault();
              setChosen(String(new FormData(event.currentTarget).get("uscc")).trim());
            }}
          >
            <label>
              {t("whichEnterprise")} <input name="uscc" placeholder={t("code")} required />
            </label>
            <button type="submit" className="primary">
              {t("enter")}
            </button>
          </form>
        )}
      </div>
      {isError && <Unreachable again={() => void refetch()} />}
      {isPending && (
        <p role="status" className="loading">
          {t("loading")}
        </p>
      )}
      {me && !own && !audits && <p className="muted">{t("accessFor")}</p>}
      {uscc && (
        <div className="grid" key={uscc}>
          <ConsentPanel uscc={uscc} own={own !== null} />
          <LookPanel uscc={uscc} />
        </div>
      )}
    </>
  );
}
