/** The only way from the console to the hub: typed documents, sent to /graphql with the reader's token. */

import { useQuery, keepPreviousData } from "@tanstack/react-query";
import { createClient } from "graphql-ws";
import type { TypedDocumentString } from "./gql/graphql";
import { useReader, type Reader } from "./reader";

export interface Problem {
  message: string;
  path?: (string | number)[];
  extensions?: { code?: string };
}
export interface Absence {
  path: (string | number)[];
  reason: string;
}
export interface Used {
  source: string;
  calls: number;
  keys: number;
  records: number;
  cacheHits: number;
  milliseconds: number;
  synthetic: boolean;
  error: { code: string; message: string } | null;
}
export interface Step {
  asks: string;
  path: string[];
  sources: Record<string, string[]>;
  resolver: string;
  cost?: number;
  objects?: number;
  milliseconds?: number;
  below?: Step[];
}
export interface Extensions {
  engine?: string;
  cost?: number;
  sources?: Used[];
  absences?: Absence[];
  plan?: { engine: string; cost: number; batches: number; fields: number; steps: Step[] };
}
export interface Answer<Data> {
  data: Data | null;
  errors: Problem[];
  extensions: Extensions;
}

/** Headers that say who asks, and for what; the token is in memory only. */
export function headersOf(reader: Reader): Record<string, string> {
  return {
    ...(reader.token ? { Authorization: `Bearer ${reader.token}` } : {}),
    ...(reader.purpose ? { "Hub-Purpose": reader.purpose } : {}),
  };
}

/** Asks once. What is wrong with parts of the answer stands in `errors`; throws only if the hub cannot be reached. */
export async function ask<Data, Variables>(
  document: TypedDocumentString<Data, Variables>,
  variables: Variables,
  reader: Reader,
  signal?: AbortSignal,
): Promise<Answer<Data>> {
  const response = await fetch("/graphql", {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/graphql-response+json", ...headersOf(reader) },
    body: JSON.stringify({ query: document.toString(), variables }),
    signal,
  });
  const told = (await response.json()) as Partial<Answer<Data>>;
  return { data: told.data ?? null, errors: told.errors ?? [], extensions: told.extensions ?? {} };
}

/** Asks, and again whenever the reader, the document or the variables are others. */
export function useAnswer<Data, Variables>(
  document: TypedDocumentString<Data, Variables>,
  variables: Variables,
  { enabled = true, keep = false } = {},
) {
  const reader = useReader();
  return useQuery({
    queryKey: [document.toString(), variables, reader.name, reader.purpose, reader.issued],
    queryFn: ({ signal }) => ask(document, variables, reader, signal),
    placeholderData: keep ? keepPreviousData : undefined,
    enabled,
  });
}

/**
 * Listens to subscriptions over one WebSocket until it is told to stop; calls `seen` at each event.
 *
 * `state(true)` is called once the hub listens to all of them: it answers what is asked behind them when it does. Whoever
 * asks then misses nothing.
 */
export function listen<Data, Variables extends Record<string, unknown>>(
  document: TypedDocumentString<Data, Variables>,
  each: Variables[],
  reader: Reader,
  seen: (data: Data) => void,
  state: (connected: boolean) => void,
): () => void {
  const client = createClient({
    url: `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/graphql`,
    connectionParams: headersOf(reader),
    retryAttempts: 20,
    shouldRetry: () => true,
    on: { connected: () => void setTimeout(askBehind), closed: () => state(false) },
  });
  function askBehind() {
    client.subscribe(
      { query: "{ __typename }" },
      { next: () => state(true), error: () => state(false), complete: () => {} },
    );
  }
  const query = document.toString();
  for (const variables of each) {
    client.subscribe<Data>(
      { query, variables },
      { next: ({ data }) => data && seen(data), error: () => state(false), complete: () => {} },
    );
  }
  return () => void client.dispose();
}
