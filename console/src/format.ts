/** Values as people read them. Amounts come as decimal texts, and are only made numbers to be drawn. */

import type { Language } from "./taste";

const tags = { en: "en-GB", zh: "zh-CN" } as const;

/** An amount in CNY yuan, in 万 and 亿, or in thousands and millions. */
export function money(amount: string | null | undefined, language: Language): string {
  if (amount == null) return "—";
  const yuan = Number(amount);
  const steps: [number, string][] =
    language === "zh"
      ? [
          [1e8, " 亿元"],
          [1e4, " 万元"],
        ]
      : [
          [1e9, "bn"],
          [1e6, "m"],
          [1e3, "k"],
        ];
  const [unit, name] = steps.find(([least]) => Math.abs(yuan) >= least) ?? [1, language === "zh" ? " 元" : ""];
  const text = number(yuan / unit, language, 2) + name;
  return language === "zh" ? text : `¥${text}`.replace("¥-", "−¥");
}

export function number(value: number | string | null | undefined, language: Language, digits = 2): string {
  if (value == null || value === "") return "—";
  return new Intl.NumberFormat(tags[language], { maximumFractionDigits: digits }).format(Number(value));
}

export function day(value: string | null | undefined, language: Language): string {
  if (!value) return "—";
  return new Intl.DateTimeFormat(tags[language], { dateStyle: "medium" }).format(new Date(value));
}

export function moment(value: string | null | undefined, language: Language): string {
  if (!value) return "—";
  return new Intl.DateTimeFormat(tags[language], { dateStyle: "medium", timeStyle: "short" }).format(new Date(value));
}

/** How long ago, in the largest unit that fits. */
export function ago(value: string | null | undefined, language: Language, now = Date.now()): string {
  if (!value) return "—";
  const seconds = (new Date(value).getTime() - now) / 1000;
  const units: [Intl.RelativeTimeFormatUnit, number][] = [
    ["year", 31_557_600],
    ["month", 2_629_800],
    ["day", 86_400],
    ["hour", 3600],
    ["minute", 60],
    ["second", 1],
  ];
  const [unit, size] = units.find(([, least]) => Math.abs(seconds) >= least) ?? ["second", 1];
  return new Intl.RelativeTimeFormat(tags[language], { numeric: "auto", style: "short" }).format(
    Math.round(seconds / size),
    unit,
  );
}

/** `P1Y`, `P3M`, `P1D`, `PT1H` in words. */
export function cadence(value: string | null | undefined, language: Language): string {
  const found = /^P(?:T(\d+)([HMS])|(\d+)([YMWD]))$/.exec(value ?? "");
  if (!found) return value ?? "—";
  const [count, letter] = found[1] ? [Number(found[1]), `T${found[2]}`] : [Number(found[3]), found[4]!];
  const unit = { Y: "year", M: "month", W: "week", D: "day", TH: "hour", TM: "minute", TS: "second" }[letter]!;
  return new Intl.NumberFormat(tags[language], { style: "unit", unit, unitDisplay: "long" }).format(count);
}
