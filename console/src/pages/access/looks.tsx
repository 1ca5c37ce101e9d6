import { useState } from "react";
import { moment } from "../../format";
import { ask, useAnswer } from "../../graph";
import { named } from "../../names";
import { Gaps, Panel, Unreachable } from "../../parts/parts";
import { useReader } from "../../reader";
import { useTaste } from "../../taste";
import { check, signature, type Finding, type Signature } from "./proof";
import { Looks, Proofs } from "./queries";

const SIGNED = { good: "signed", wrong: "missigned", unchecked: "unsigned" } as const;

interface Told {
  finding: Finding;
  signature: Signature;
  size: string;
  algorithm: string;
}

export function LookPanel({ uscc }: { uscc: string }) {
  const { t, language } = useTaste();
  const reader = useReader();
  const [pages, setPages] = useState<(string | null)[]>([null]);
  const after = pages.at(-1) ?? null;
  const { data, isPending, isError, refetch } = useAnswer(Looks, { uscc, after }, { keep: true });
  const [pem, setPem] = useState("");
  const [told, setTold] = useState<Record<string, Told>>({});
  const [busy, setBusy] = useState(false);
  const log = data?.data?.enterprise?.accessLog;

  const last = Object.values(told).at(-1);

  async function verify() {
    setBusy(true);
    const answer = await ask(Proofs, { uscc, after }, reader);
    const found: Record<string, Told> = {};
    for (const { id, place, proof } of answer.data?.enterprise?.accessLog?.nodes ?? []) {
      if (proof)
        found[id] = {
          finding: await check(place, proof),
          signature: await signature(proof.signedHead, pem),
          size: proof.treeSize,
          algorithm: proof.algorithm,
        };
    }
    setTold((before) => ({ ...before, ...found }));
    setBusy(false);
  }

  return (
    <Panel
      title={t("whoLooked")}
      className="span-7"
      aside={
        <>
          {last && (
            <span data-testid="tree">
              {t("treeOf", last.size)} · {t(SIGNED[last.signature])}
            </span>
          )}
          <button type="button" className="primary" disabled={busy || !log?.nodes.length} onClick={() => void verify()}>
            {t("verify")}
          </button>
        </>
      }
    >
      {isPending && (
        <p role="status" className="muted">
          {t("loading")}
        </p>
      )}
      {isError && <Unreachable again={() => void refetch()} />}
      {log?.nodes.length === 0 && <p className="muted">{t("noLooks")}</p>}
      {log && log.nodes.length > 0 && (
        <div className="scroll" tabIndex={0} role="region" aria-label={t("whoLooked")}>
          <table className="looks">
            <thead>
              <tr>
                <th scope="col">{t("when")}</th>
                <th scope="col">{t("who")}</th>
                <th scope="col">{t("purpose")}</th>
                <th scope="col">{t("seen")}</th>
                <th scope="col">{t("held")}</th>
                <th scope="col" className="number">
                  {t("place")}
                </th>
                <th scope="col">{t("verify")}</th>
              </tr>
            </thead>
            <tbody>
              {log.nodes.map((look) => (
                <tr key={look.id}>
                  <td>{moment(look.at, language)}</td>
                  <th scope="row">
                    <strong>{look.organisation}</strong>
                    {look.reference && <span className="hint block">{look.reference}</span>}
                  </th>
                  <td>{look.purpose ? named("purpose", look.purpose, language) : <span className="muted">—</span>}</td>
                  <td>
                    {look.groups.map((group) => named("group", group, language)).join(" · ") || (
                      <span className="muted">—</span>
                    )}
                  </td>
                  <td className="warn">{look.withheld.map((group) => named("group", group, language)).join(" · ")}</td>
                  <td className="number">{look.place}</td>
                  <td>
                    <Verdict told={told[look.id]} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <div className="controls">
        {pages.length > 1 && (
          <button type="button" onClick={() => setPages(pages.slice(0, -1))}>
            ←
          </button>
        )}
        {log?.pageInfo.hasNextPage && (
          <button type="button" onClick={() => setPages([...pages, log.pageInfo.endCursor])}>
            {t("more")}
          </button>
        )}
      </div>
      <details>
        <summary>{t("verifyText").split(/[.。]/)[0]}</summary>
        <p className="hint">{t("verifyText")}</p>
        <label className="pem">
          {t("publicKey")}
          <textarea
            value={pem}
            onChange={(event) => setPem(event.target.value)}
            rows={3}
            spellCheck={false}
            className="mono"
          />
        </label>
      </details>
      <Gaps errors={data?.errors} />
    </Panel>
  );
}

function Verdict({ told }: { told: Told | undefined }) {
  const { t } = useTaste();
  if (!told) return <span className="muted">—</span>;
  if (told.finding === "incomputable") return <span className="warn">{t("onlyHere", told.algorithm)}</span>;
  return (
    <span className={told.finding === "held" && told.signature !== "wrong" ? "good" : "bad"}>
      {told.finding === "held" ? `✓ ${t("verified")}` : `✕ ${t("refuted")}`}
    </span>
  );
}
