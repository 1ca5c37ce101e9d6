/** The two things that a browser may remember of a person: language and theme. */

import { createContext, useContext, useEffect, useMemo, useState, type ReactNode } from "react";
import { words, type Word } from "./words";

export type Language = "en" | "zh";
export type Theme = "light" | "dark" | "system";
interface Taste {
  language: Language;
  theme: Theme;
  setLanguage: (language: Language) => void;
  setTheme: (theme: Theme) => void;
  /** What the page says, in the language that is read. */
  t: (word: Word, ...values: (string | number)[]) => string;
  /** Of what the hub has in both languages, the one that is read. */
  pick: (en: string | null | undefined, zh: string | null | undefined) => string;
}

const Context = createContext<Taste | null>(null);

function remembered<T extends string>(key: string, among: readonly T[], otherwise: T): T {
  try {
    const kept = localStorage.getItem(key) as T | null;
    return kept && among.includes(kept) ? kept : otherwise;
  } catch {
    return otherwise; // storage is forbidden
  }
}
function remember(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // not remembered, then
  }
}

export function TasteProvider({ children }: { children: ReactNode }) {
  const [language, setLanguage] = useState<Language>(() =>
    remembered("language", ["en", "zh"], navigator.language.startsWith("zh") ? "zh" : "en"),
  );
  const [theme, setTheme] = useState<Theme>(() => remembered("theme", ["light", "dark", "system"], "system"));

  useEffect(() => {
    document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
    remember("language", language);
  }, [language]);
  useEffect(() => {
    document.documentElement.dataset.theme = theme;
    remember("theme", theme);
  }, [theme]);

  const taste = useMemo<Taste>(() => {
    const place = language === "en" ? 0 : 1;
    return {
      language,
      theme,
      setLanguage,
      setTheme,
      t: (word, ...values) =>
        values.reduce<string>((text, value, n) => text.replaceAll(`{${n}}`, String(value)), words[word][place]),
      pick: (en, zh) => (language === "zh" ? zh || en : en || zh) ?? "",
    };
  }, [language, theme]);
  return <Context.Provider value={taste}>{children}</Context.Provider>;
}

export function useTaste(): Taste {
  const found = useContext(Context);
  if (!found) throw new Error("useTaste is used outside of TasteProvider");
  return found;
}
