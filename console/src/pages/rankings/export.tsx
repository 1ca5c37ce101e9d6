import { useState } from "react";
import { ask, type Answer } from "../../graph";
import type { RankingQuery } from "../../gql/graphql";
import { useReader } from "../../reader";
import { useTaste } from "../../taste";
import type { Edition } from "./page";
import { Ranking } from "./queries";

const MOST = 1000; // as many as a page may have

/** A cell that no spreadsheet takes for a formula. */
function cell(value: unknown): string {
  const text = value == null ? "" : String(value);
  const plain = /^[=+\-@\t\r]/.test(text) && Number.isNaN(Number(text)) ? `'${text}` : text;
  return /[",\n\r]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
}

export function Export({
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
  const { t } = useTaste();
  const reader = useReader();
  const [read, setRead] = useState<number | null>(null);

  async function run() {
    setRead(0);
    const lines = [
      ["rank", "uscc", "name", "stage", "stage_rank", ...(totals ? ["total"] : []), "lists", "edition", "synthetic"],
    ];
    let after: string | null = null;
    do {
      const page: Answer<RankingQuery> = await ask(
        Ranking,
        { edition: edition.code, stage, list, totals, first: MOST, after },
        reader,
      );
      const told = page.data?.ranking;
      for (const one of told?.nodes ?? []) {
        lines.push(
          [
            one.rank,
            one.uscc,
            one.enterprise?.name,
            one.stage?.id,
            one.stageRank,
            ...(totals ? [one.total] : []),
            one.lists.map(({ id }) => id).join(" "),
            edition.code,
            edition.synthetic,
          ].map(cell),
        );
      }
      setRead(lines.length - 1);
      after = told?.pageInfo.hasNextPage ? told.pageInfo.endCursor : null;
    } while (after);
    const address = URL.createObjectURL(
      new Blob(["\ufeff", lines.map((line) => line.join(",")).join("\r\n"), "\r\n"], {
        type: "text/csv;charset=utf-8",
      }),
    );
    const link = Object.assign(document.createElement("a"), {
      href: address,
      download: `${edition.code.replaceAll(":", "_")}.csv`,
    });
    link.click();
    URL.revokeObjectURL(address);
    setRead(null);
  }

  return (
    <button type="button" disabled={read !== null} onClick={() => void run()}>
      {read === null ? t("exportCsv") : t("exporting", read)}
    </button>
  );
}
