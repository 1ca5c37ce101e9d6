/** Questions to begin with, for the three audiences; each is run by a test as the reader that it is written for. */

import type { Word } from "../../words";

export interface Example {
  audience: Extract<Word, "portal" | "bank" | "officer">;
  title: [en: string, zh: string];
  query: string;
}

export const EXAMPLES: Example[] = [
  {
    audience: "portal",
    title: ["Search with a page of results", "检索并分页"],
    query: `# Part of a name, pinyin initials or the start of a credit code.
query Search($text: String = "光谷", $after: String) {
  enterprises(search: $text, first: 10, after: $after) {
    totalCount
    pageInfo { hasNextPage endCursor }
    nodes {
      uscc
      name
      status
      zone { name }
      qualifications { kind validTo }
      synthetic
    }
  }
}
`,
  },
  {
    audience: "portal",
    title: ["The list of an edition", "榜单"],
    query: `query Lists {
  editions {
    code
    period
    state
    evaluated
    ranking(first: 10) {
      totalCount
      nodes { rank stageRank stage { name nameZh } enterprise { name synthetic } }
    }
  }
}
`,
  },
  {
    audience: "bank",
    title: ["One enterprise before a loan", "贷前：一家企业"],
    query: `# As a bank, with the purpose PRE_LOAN or MONITORING; what the enterprise has not agreed to
# comes as CONSENT_REQUIRED, beside everything else.
query BeforeALoan($uscc: USCC = "91000000MAX000015T") {
  enterprise(uscc: $uscc) {
    name
    flags { kind since until source { title } }
    filings(years: 3) { year revenue rdExpense profit asOf source { title titleZh } synthetic }
    qualifications { kind validFrom validTo }
    creditSummary { delivered { line drawn balance } }
    synthetic
  }
}
`,
  },
  {
    audience: "bank",
    title: ["Fifty enterprises at once", "一次五十家企业"],
    query: `query Many {
  enterprises(search: "武汉", first: 50) {
    nodes {
      uscc
      name
      flags { kind since until }
      qualifications(validOn: "2023-06-30") { kind }
      intellectualProperty { inventionsGranted }
      synthetic
    }
  }
}
`,
  },
  {
    audience: "officer",
    title: ["A score and what it is made of", "积分及其构成"],
    query: `query Explained($uscc: USCC = "91000000MAX000015T") {
  enterprise(uscc: $uscc) {
    name
    score(scheme: "east-lake-28-demo", live: true) {
      total
      maximum
      stage { nameZh }
      groups { group { nameZh } points maximum }
      indicators {
        indicator { nameZh }
        value
        unit
        points
        maximum
        missing
        next { distance points }
        sources { source { titleZh } asOf }
      }
      synthetic
    }
  }
}
`,
  },
  {
    audience: "officer",
    title: ["Sources that are late or fail", "逾期或故障的数据源"],
    query: `query Sources {
  sources {
    title
    titleZh
    cadence
    newestAsOf
    late
    lastSuccessAt
    unreadableValues
    unmatchedRecords
    synthetic
  }
}
`,
  },
];
