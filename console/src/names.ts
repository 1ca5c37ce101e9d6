/** What values of enumerations are called. The Chinese names are the schema's own; English ones are made of the value. */

import { money } from "./format";
import { zh } from "./gql/names";
import type { Language } from "./taste";

const TYPES = {
  role: "Role",
  purpose: "Purpose",
  group: "DataGroup",
  qualification: "QualificationKind",
  status: "RegistrationStatus",
  missing: "Missing",
  fit: "Fit",
  truth: "Truth",
  risk: "RiskKind",
  edition: "EditionState",
  breaker: "BreakerState",
  sharing: "Sharing",
  rung: "LadderRung",
} as const;

const ENGLISH: Record<string, string> = {
  HIGH_TECH: "High-tech",
  TECHNOLOGY_SME: "Technology SME",
  INNOVATIVE_SME: "Innovative SME",
  SPECIALISED_SME: "Specialised SME",
  LITTLE_GIANT: "Little giant",
  IP_ADVANTAGE: "IP advantage",
  IP_DEMONSTRATION: "IP demonstration",
  PRE_LOAN: "Pre-loan",
  NOT_DELIVERED: "Not delivered",
  ANONYMOUS: "Visitor",
};
/** Where the schema describes a value by a sentence instead of a term. */
const CHINESE: Record<string, string> = {
  DRAFT: "草案",
  NOTICE: "公示中",
  FINAL: "已公布",
  CORRECTED: "已更正",
  ELIGIBLE: "符合",
  NEARLY: "接近符合",
  NOT_ELIGIBLE: "不符合",
  UNKNOWN: "不确定",
};

export function named(type: keyof typeof TYPES, value: string | null | undefined, language: Language): string {
  if (!value) return "—";
  if (language === "zh")
    return (type === "edition" || type === "fit" ? CHINESE[value] : undefined) ?? zh[TYPES[type]]?.[value] ?? value;
  const words = value.toLowerCase().replaceAll("_", " ");
  return ENGLISH[value] ?? words.charAt(0).toUpperCase() + words.slice(1);
}

/** Of a text that says the same in English and then in Chinese, the part that is read. */
export function inLanguage(text: string, language: Language): string {
  const found = /^([\x20-\x7e–—’“”]+?)\s+([\u3400-\u9fff].*)$/u.exec(text);
  return found ? (language === "zh" ? found[2]! : found[1]!) : text;
}

/** Counters of the schemes, which English does without. */
const COUNTERS = /(?<=\d) ?(?:件\/百人|件|项|个|人|分)/g;

/** A quantity with its unit, or a text with such; schemes name units in Chinese, amounts in 万元. */
export function measured(text: string, language: Language): string {
  if (language === "zh") return text;
  return text
    .replace(/(-?[\d,]+(?:\.\d+)?) ?(万|亿)元/g, (_, figure: string, unit: string) =>
      money(String(Number(figure.replaceAll(",", "")) * (unit === "万" ? 1e4 : 1e8)), language),
    )
    .replace(/(?<=\d) ?年/g, " years")
    .replace(COUNTERS, "");
}

/** Puts names for the values of enumerations within a text, and signs for units. */
export function plainly(text: string, language: Language): string {
  return text
    .replaceAll(" PERCENT", " %")
    .replace(/^not /, language === "zh" ? "非" : "not ")
    .replace(/\b[A-Z]+(?:_[A-Z]+)+\b|\bGAZELLE\b|\bUNICORN\b|\bPENALTY\b/g, (value) => {
      const type = (["qualification", "risk", "missing"] as const).find((each) => zh[TYPES[each]]?.[value]);
      return type ? named(type, value, language) : value;
    });
}
