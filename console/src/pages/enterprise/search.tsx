/** Search as one types, by name, pinyin initials or the beginning of the credit code. */

import { Combobox, ComboboxItem, ComboboxPopover, ComboboxProvider } from "@ariakit/react";
import { useDeferredValue, useEffect, useState } from "react";
import { useLocation } from "wouter";
import { useAnswer } from "../../graph";
import { Seal } from "../../parts/parts";
import { useTaste } from "../../taste";
import { Search } from "./queries";

const PAUSE = 180;

function useSettled(value: string): string {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), PAUSE);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}

export function SearchBox() {
  const { t, pick } = useTaste();
  const [, go] = useLocation();
  const [written, setWritten] = useState("");
  const text = useSettled(useDeferredValue(written.trim()));
  const { data, isFetching } = useAnswer(Search, { text }, { enabled: text.length > 0, keep: true });
  const found = text ? data?.data?.enterprises : undefined;

  return (
    <div className="search" role="search">
      <ComboboxProvider value={written} setValue={setWritten} resetValueOnHide={false}>
        <Combobox
          aria-label={t("find")}
          placeholder={t("findHint")}
          autoSelect
          className="search-box"
          aria-busy={isFetching}
        />
        <ComboboxPopover gutter={4} sameWidth portal className="search-found" hidden={!found}>
          {found?.nodes.map(({ uscc, name, synthetic, zone }) => (
            <ComboboxItem
              key={uscc}
              value={uscc}
              setValueOnClick={false}
              className="search-one"
              onClick={() => {
                setWritten("");
                go(`/enterprises/${uscc}`);
              }}
            >
              <span lang="zh-CN">{name}</span>
              <Seal when={synthetic} />
              <span className="muted">
                {zone ? pick(zone.nameEn, zone.name) : ""} <code>{uscc}</code>
              </span>
            </ComboboxItem>
          ))}
          {found && (
            <p className="hint search-count" role="status">
              {found.nodes.length ? t("foundMany", found.nodes.length, found.totalCount) : t("noneFound")}
            </p>
          )}
        </ComboboxPopover>
      </ComboboxProvider>
    </div>
  );
}
