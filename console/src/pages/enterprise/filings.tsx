/** Revenue, research and profit of the last years, each as a small chart; where amounts are masked, their bands in words. */

import { money } from "../../format";
import { useAnswer } from "../../graph";
import type { FilingsQuery } from "../../gql/graphql";
import { From, Gaps, Panel, Unreachable } from "../../parts/parts";
import { Columns } from "../../parts/charts";
import { useTaste } from "../../taste";
import { Filings } from "./queries";

type Filing = NonNullable<NonNullable<FilingsQuery["enterprise"]>["filings"]>[number];
const KINDS = [
  ["revenue", "revenue", "revenueBand"],
  ["rd", "rdExpense", "rdExpenseBand"],
  ["profit", "profit", "profitBand"],
] as const;

export function FilingCharts({ uscc }: { uscc: string }) {
  const { t, language } = useTaste();
  const { data, isPending, isError, refetch } = useAnswer(Filings, { uscc });
  const filings = [...(data?.data?.enterprise?.filings ?? [])].sort((a, b) => a.year - b.year);
  const band = (filing: Filing, key: (typeof KINDS)[number][2]) => {
    const found = filing[key];
    if (!found) return "—";
    return found.from === null
      ? `< ${money(found.to, language)}`
      : found.to === null
        ? `≥ ${money(found.from, language)}`
        : `${money(found.from, language)}–${money(found.to, language)}`;
  };

  return (
    <Panel title={t("filings")}>
      {isError && <Unreachable again={() => void refetch()} />}
      {isPending && (
        <p role="status" className="muted">
          {t("loading")}
        </p>
      )}
      {filings.length > 0 && (
        <div className="filings">
          {KINDS.map(([word, key, bandKey]) => (
            <figure key={key}>
              <figcaption>{t(word)}</figcaption>
              <Columns
                values={filings.map((filing) => ({
                  label: String(filing.year),
                  value: filing[key] == null ? null : Number(filing[key]),
                }))}
              />
              <ul>
                {filings.map((filing) => (
                  <li key={filing.year}>
                    <span className="muted">{filing.year}</span>{" "}
                    <From source={filing.source} asOf={filing.asOf} synthetic={filing.synthetic}>
                      {filing[key] == null ? (
                        <span className="muted">{band(filing, bandKey)}</span>
                      ) : (
                        money(filing[key], language)
                      )}
                    </From>
                  </li>
                ))}
              </ul>
            </figure>
          ))}
        </div>
      )}
      {!isPending && !filings.length && <p className="muted">{t("nothing")}</p>}
      <Gaps errors={data?.errors} />
    </Panel>
  );
}
