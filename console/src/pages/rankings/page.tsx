/** Rankings of an edition: who stands where, how the totals spread, and what has moved since the edition before. */

import { useState } from "react";
import { Link } from "wouter";
import type { EditionsQuery } from "../../gql/graphql";
import { day, number } from "../../format";
import { useAnswer } from "../../graph";
import { named } from "../../names";
import { Histogram } from "../../parts/charts";
import { Gaps, Panel, Seal, Unreachable } from "../../parts/parts";
import { useTaste } from "../../taste";
import { Export } from "./export";
import { MovementPanel } from "./movement";
import { Editions, Ranking } from "./queries";
import "./style.css";

export type Edition = NonNullable<EditionsQuery["editions"]>[number];
const PAGE = 25;

export default function RankingsPage() {
  const { t, pick, language } = useTaste();
  const { data: answer, isPending, isError, refetch } = useAnswer(Editions, {});
  const [code, setCode] = useState("");
  const [stage, setStage] = useState("");
  const [list, setList] = useState("");
  const editions = answer?.data?.editions ?? [];
  const edition = editions.find((one) => one.code === code) ?? editions[0];
  const totals = answer?.data?.me.rights.some(({ group, verdict, own }) => group === "SCORE" && (verdict !== "FORBIDDEN" || own !== "FORBIDDEN")) ?? false;

  if (isPending) return <p role="status" className="loading">{t("loading")}</p>;
  if (isError) return <Unreachable again={() => void refetch()} />;
  if (!edition) return <><div className="page-head"><h1>{t("rankings")}</h1></div><p>{t("noEditions")}</p><p className="muted">{t("noEditionsHow")}</p><Gaps errors={answer.errors} /></>;

  return (
    <>
      <div className="page-head">
        <div>
          <h1>{edition.zone ? pick(edition.zone.nameEn, edition.zone.name) : ""} <span className="muted">{edition.period}</span><Seal when={edition.synthetic} /></h1>
          <p>{pick(edition.scheme?.title, edition.scheme?.titleZh)}</p>
        </div>
        <div className="controls">
          <label>{t("edition")}
            <select value={edition.code} onChange={(event) => { setCode(event.target.value); setStage(""); setList(""); }}>
              {editions.map((one) => <option key={one.code} value={one.code}>{one.zone ? pick(one.zone.nameEn, one.zone.name) : one.code} · {one.period} · {named("edition", one.state, language)}</option>)}
            </select>
          </label>
          <label>{t("stage")}
            <select value={stage} onChange={(event) => setStage(event.target.value)}>
              <option value="">{t("allStages")}</option>
              {edition.scheme?.stages.map((one) => <option key={one.id} value={one.id}>{pick(one.name, one.nameZh)}</option>)}
            </select>
          </label>
          <label>{t("list")}
            <select value={list} onChange={(event) => setList(event.target.value)}>
              <option value="">{t("allLists")}</option>
              {edition.lists.map((one) => <option key={one.id} value={one.id}>{pick(one.name, one.nameZh)}</option>)}
            </select>
          </label>
        </div>
      </div>
      <Figures edition={edition} stage={stage} />
      <div className="grid">
        <Table key={`${edition.code} ${stage} ${list}`} edition={edition} stage={stage || null} list={list || null} totals={totals} />
        <div className="span-5 stack">
          <Distribution edition={edition} stage={stage} />
          <MovementPanel edition={edition} stage={stage || null} list={list || null} totals={totals} />
        </div>
      </div>
    </>
  );
}

function Figures({ edition, stage }: { edition: Edition; stage: string }) {
  const { t, language } = useTaste();
  const figures = edition.figures.find((one) => (one.stage?.id ?? "") === stage);
  const told: [string, string][] = [
    [t("residents"), number(edition.residents, language)],
    [t("evaluated"), number(figures?.evaluated ?? edition.evaluated, language)],
    [t("mean"), figures?.mean ?? "—"],
    [t("median"), figures?.quartiles[1] ?? "—"],
    [named("edition", edition.state, language), edition.noticeUntil && edition.state === "NOTICE" ? t("noticeUntil", day(edition.noticeUntil, language)) : day(edition.day, language)],
  ];
  return <dl className="strip">{told.map(([label, value]) => <div key={label}><dt>{label}</dt><dd>{value}</dd></div>)}</dl>;
}

function Table({ edition, stage, list, totals }: { edition: Edition; stage: string | null; list: string | null; totals: boolean }) {
  const { t, pick } = useTaste();
  const [cursors, setCursors] = useState<(string | null)[]>([null]);
  const { data, isPending, isError, refetch } = useAnswer(Ranking, { edition: edition.code, stage, list, totals, first: PAGE, after: cursors.at(-1) ?? null }, { keep: true });
  const ranking = data?.data?.ranking;
  const most = Number(edition.maximum);
  return (
    <Panel title={t("rankings")} className="span-7" aside={<><span data-testid="count">{ranking?.totalCount ?? "…"}</span><Export edition={edition} stage={stage} list={list} totals={totals} /></>}>
      {isError && <Unreachable again={() => void refetch()} />}
      {isPending && <p role="status" className="muted">{t("loading")}</p>}
      {ranking && (
        <div className="scroll" tabIndex={0} role="region" aria-label={t("rankings")}>
          <table className="ranking">
            <thead><tr><th scope="col" className="number">{t("rank")}</th><th scope="col">{t("enterprise")}</th><th scope="col">{t("stage")}</th><th scope="col" className="number">{t("rankInStage")}</th>{totals && <th scope="col" className="number">{t("total")}</th>}<th scope="col">{t("onLists")}</th></tr></thead>
            <tbody>
              {ranking.nodes.map((one) => (
                <tr key={one.uscc}>
                  <td className="number rank">{one.rank ?? "—"}</td>
                  <th scope="row"><Link href={`/enterprises/${one.uscc}`} lang="zh-CN">{one.enterprise?.name ?? one.uscc}</Link></th>
                  <td>{pick(one.stage?.name, one.stage?.nameZh)}</td>
                  <td className="number">{one.stageRank ?? "—"}</td>
                  {totals && <td className="number">{one.total ? <>{one.total}<svg className="tick" viewBox="0 0 60 4" aria-hidden="true"><rect width={(60 * Number(one.total)) / most} height="4" /></svg></> : "—"}</td>}
                  <td className="muted">{one.lists.map((each) => pick(each.name, each.nameZh)).join(" · ")}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <div className="controls">
        {cursors.length > 1 && <button type="button" onClick={() => setCursors(cursors.slice(0, -1))}>←</button>}
        {ranking?.pageInfo.hasNextPage && <button type="button" onClick={() => setCursors([...cursors, ranking.pageInfo.endCursor])}>{t("more")}</button>}
      </div>
      <Gaps errors={data?.errors} />
    </Panel>
  );
}

function Distribution({ edition, stage }: { edition: Edition; stage: string }) {
  const { t } = useTaste();
  const figures = edition.figures.find((one) => (one.stage?.id ?? "") === stage);
  const slabs = (figures?.bars ?? []).map(({ begin, end, count }) => ({ begin: Number(begin), end: Number(end), count }));
  return (
    <Panel title={t("distribution")} aside={t("share")}>
      {slabs.length ? <Histogram slabs={slabs} marks={figures?.quartiles[1] ? [{ at: Number(figures.quartiles[1]), label: t("median") }] : []} /> : <p className="muted">{t("nothing")}</p>}
      <table className="sr"><caption>{t("distribution")}</caption><tbody>{slabs.map(({ begin, end, count }) => <tr key={begin}><th scope="row">{begin}–{end}</th><td>{count}</td></tr>)}</tbody></table>
      <p className="hint">{t("distributionWhy")}</p>
    </Panel>
  );
}
