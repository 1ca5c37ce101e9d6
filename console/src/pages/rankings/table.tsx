/** Who stands where, page by page. */

import { useState } from "react";
import { Link } from "wouter";
import { useAnswer } from "../../graph";
import { Gaps, Panel, Unreachable } from "../../parts/parts";
import { useTaste } from "../../taste";
import { Export } from "./export";
import type { Edition } from "./page";
import { Ranking } from "./queries";

const PAGE = 25;

export function Table({
  edition,
  stage,
  list,
  totals,
}: {
  edition: Edition;
  stage: string | null;
  list: string | null;
  totals: boolean;
}) {
  const { t, pick } = useTaste();
  const [cursors, setCursors] = useState<(string | null)[]>([null]);
  const { data, isPending, isError, refetch } = useAnswer(
    Ranking,
    { edition: edition.code, stage, list, totals, first: PAGE, after: cursors.at(-1) ?? null },
    { keep: true },
  );
  const ranking = data?.data?.ranking;
  const most = Number(edition.maximum);
  return (
    <Panel
      title={t("rankings")}
      className="span-7"
      aside={
        <>
          <span data-testid="count">{ranking?.totalCount ?? "…"}</span>
          <Export edition={edition} stage={stage} list={list} totals={totals} />
        </>
      }
    >
      {isError && <Unreachable again={() => void refetch()} />}
      {isPending && (
        <p role="status" className="muted">
          {t("loading")}
        </p>
      )}
      {ranking && (
        <div className="scroll" tabIndex={0} role="region" aria-label={t("rankings")}>
          <table className="ranking">
            <thead>
              <tr>
                <th scope="col" className="number">
                  {t("rank")}
                </th>
                <th scope="col">{t("enterprise")}</th>
                <th scope="col">{t("stage")}</th>
                <th scope="col" className="number">
                  {t("rankInStage")}
                </th>
                {totals && (
                  <th scope="col" className="number">
                    {t("total")}
                  </th>
                )}
                <th scope="col">{t("onLists")}</th>
              </tr>
            </thead>
            <tbody>
              {ranking.nodes.map((one) => (
                <tr key={one.uscc}>
                  <td className="number rank">{one.rank ?? "—"}</td>
                  <th scope="row">
                    <Link href={`/enterprises/${one.uscc}`} lang="zh-CN">
                      {one.enterprise?.name ?? one.uscc}
                    </Link>
                  </th>
                  <td>{pick(one.stage?.name, one.stage?.nameZh)}</td>
                  <td className="number">{one.stageRank ?? "—"}</td>
                  {totals && (
                    <td className="number">
                      {one.total ? (
                        <>
                          {one.total}
                          <svg className="tick" viewBox="0 0 60 4" aria-hidden="true">
                            <rect width={(60 * Number(one.total)) / most} height="4" />
                          </svg>
                        </>
                      ) : (
                        "—"
                      )}
                    </td>
                  )}
                  <td className="muted">{one.lists.map((each) => pick(each.name, each.nameZh)).join(" · ")}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <div className="controls">
        {cursors.length > 1 && (
          <button type="button" onClick={() => setCursors(cursors.slice(0, -1))}>
            ←
          </button>
        )}
        {ranking?.pageInfo.hasNextPage && (
          <button type="button" onClick={() => setCursors([...cursors, ranking.pageInfo.endCursor])}>
            {t("more")}
          </button>
        )}
      </div>
      <Gaps errors={data?.errors} />
    </Panel>
  );
}
