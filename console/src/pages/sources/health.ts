/** What state a source is in, from what the hub has found, and news of it while the page is open. */

import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { listen, useAnswer } from "../../graph";
import type { StateFragment, StatesQuery } from "../../gql/graphql";
import { useReader } from "../../reader";
import { Health, States } from "./queries";

export type Source = StatesQuery["sources"][number];
export type Condition = "healthy" | "late" | "failing" | "unseen";

export function conditionOf(source: StateFragment): Condition {
  const { breaker, lastFailure, lastSuccessAt, late } = source;
  if (breaker && breaker.state !== "CLOSED") return "failing";
  if (lastFailure && (!lastSuccessAt || lastFailure.at > lastSuccessAt)) return "failing";
  if (!lastSuccessAt) return "unseen";
  return late ? "late" : "healthy";
}

/** Operations that one connection may run; the hub's own bound is 50. */
const AT_ONCE = 40;
/** Seconds after which everything is read anew: conditions also change as time passes, which nobody tells. */
const ANEW = 30_000;

export function useSources() {
  const reader = useReader();
  const { data: answer, isPending, isError, refetch } = useAnswer(States, {});
  const [news, setNews] = useState<Record<string, StateFragment>>({});
  const newest = useRef(news);
  newest.current = news;
  const [connected, setConnected] = useState(0);
  const ids = useMemo(() => answer?.data?.sources.map(({ id }) => id).join(" ") ?? "", [answer]);

  /** Reads everything anew; only what was told before it was asked for gives way to it. */
  const readAnew = useCallback(() => {
    const known = newest.current;
    void refetch().then(() =>
      setNews((now) => Object.fromEntries(Object.entries(now).filter(([id, told]) => told !== known[id]))),
    );
  }, [refetch]);

  useEffect(() => {
    const all = ids ? ids.split(" ") : [];
    setNews({});
    setConnected(0);
    const ends: (() => void)[] = [];
    let over = false;
    for (let from = 0; from < all.length; from += AT_ONCE) {
      let up = false;
      ends.push(
        listen(
          Health,
          all.slice(from, from + AT_ONCE).map((source) => ({ source })),
          reader,
          ({ sourceHealthChanged: told }) => told && !over && setNews((before) => ({ ...before, [told.id]: told })),
          (now) => {
            if (now !== up && !over) setConnected((before) => before + (now ? 1 : -1));
            if (now && !over) readAnew();
            up = now;
          },
        ),
      );
    }
    return () => {
      over = true;
      ends.forEach((end) => end());
    };
  }, [ids, reader, readAnew]);

  useEffect(() => {
    const timer = setInterval(readAnew, ANEW);
    return () => clearInterval(timer);
  }, [readAnew]);

  const sources = (answer?.data?.sources ?? []).map((source) => ({ ...source, ...news[source.id] }));
  return { sources, errors: answer?.errors, isPending, isError, refetch, live: connected > 0 };
}
