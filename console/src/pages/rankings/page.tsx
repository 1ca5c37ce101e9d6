/** Rankings of an edition: who stands where, how the totals spread, and what has moved since the edition before. */

import { useState } from "react";
import type { EditionsQuery } from "../../gql/graphql";
import { useAnswer } from "../../graph";
import { named } from "../../names";
import { Gaps, Seal, Unreachable } from "../../parts/parts";
import { useTaste } from "../../taste";
import { Distribution, Figures } from "./figures";
import { MovementPanel } from "./movement";
import { Editions } from "./queries";
import "./style.css";
import { Table } from "./table";

export type Edition = NonNullable<EditionsQuery["editions"]>[number];

export default function RankingsPage() {
  const { t, pick, language } = useTaste();
  const { data: answer, isPending, isError, refetch } = useAnswer(Editions, {});
  const [code, setCode] = useState("");
  const [stage, setStage] = useState("");
  const [list, setList] = useState("");
  const editions = answer?.data?.editions ?? [];
  const edition = editions.find((one) => one.code === code) ?? editions[0];
  const totals =
    answer?.data?.me.rights.some(
      ({ group, verdict, own }) => group === "SCORE" && (verdict !== "FORBIDDEN" || own !== "FORBIDDEN"),
    ) ?? false;

  if (isPending)
    return (
      <p role="status" className="loading">
        {t("loading")}
      </p>
    );
  if (isError) return <Unreachable again={() => void refetch()} />;
  if (!edition)
    return (
      <>
        <div className="page-head">
          <h1>{t("rankings")}</h1>
        </div>
        <p>{t("noEditions")}</p>
        <p className="muted">{t("noEditionsHow")}</p>
        <Gaps errors={answer.errors} />
      </>
    );

  return (
    <>
      <div className="page-head">
        <div>
          <h1>
            {edition.zone ? pick(edition.zone.nameEn, edition.zone.name) : ""}{" "}
            <span className="muted">{edition.period}</span>
            <Seal when={edition.synthetic} />
          </h1>
          <p>{pick(edition.scheme?.title, edition.scheme?.titleZh)}</p>
        </div>
        <div className="controls">
          <label>
            {t("edition")}
            <select
              value={edition.code}
              onChange={(event) => {
                setCode(event.target.value);
                setStage("");
                setList("");
              }}
            >
              {editions.map((one) => (
                <option key={one.code} value={one.code}>
                  {one.zone ? pick(one.zone.nameEn, one.zone.name) : one.code} · {one.period} ·{" "}
                  {named("edition", one.state, language)}
                </option>
              ))}
            </select>
          </label>
          <label>
            {t("stage")}
            <select value={stage} onChange={(event) => setStage(event.target.value)}>
              <option value="">{t("allStages")}</option>
              {edition.scheme?.stages.map((one) => (
                <option key={one.id} value={one.id}>
                  {pick(one.name, one.nameZh)}
                </option>
              ))}
            </select>
          </label>
          <label>
            {t("list")}
            <select value={list} onChange={(event) => setList(event.target.value)}>
              <option value="">{t("allLists")}</option>
              {edition.lists.map((one) => (
                <option key={one.id} value={one.id}>
                  {pick(one.name, one.nameZh)}
                </option>
              ))}
            </select>
          </label>
        </div>
      </div>
      <Figures edition={edition} stage={stage} />
      <div className="grid">
        <Table
          key={`${edition.code} ${stage} ${list}`}
          edition={edition}
          stage={stage || null}
          list={list || null}
          totals={totals}
        />
        <div className="span-5 stack">
          <Distribution edition={edition} stage={stage} />
          <MovementPanel edition={edition} stage={stage || null} list={list || null} totals={totals} />
        </div>
      </div>
    </>
  );
}
