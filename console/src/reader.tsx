/** Who looks at the hub. A token lives in this module's memory only: reloading the page forgets it. */

import { createContext, useCallback, useContext, useEffect, useMemo, useState, type ReactNode } from "react";
import type { Purpose } from "./gql/graphql";

export interface Reader {
  name: string;
  token: string | null;
  purpose: Purpose | null;
  /** Counts the tokens, so that answers to a former one are not shown for the next. */
  issued: number;
}
export interface DemoReader {
  name: string;
  role: string;
  organisation: string;
  purposes: Purpose[];
  enterprise: string | null;
}
interface Identities {
  reader: Reader;
  demo: DemoReader[];
  become: (name: string) => Promise<void>;
  enter: (token: string) => void;
  leave: () => void;
  state: (purpose: Purpose | null) => void;
}

const VISITOR: Reader = { name: "visitor", token: null, purpose: null, issued: 0 };
const Context = createContext<Identities | null>(null);
/** Demo tokens are for an hour. */
const RENEWAL = 45 * 60 * 1000;

async function tokenOf(name: string): Promise<string> {
  const response = await fetch(`/demo/readers/${encodeURIComponent(name)}/token`, { method: "POST" });
  if (!response.ok) throw new Error(`${response.status}`);
  return ((await response.json()) as { token: string }).token;
}

export function Identity({ children }: { children: ReactNode }) {
  const [reader, setReader] = useState(VISITOR);
  const [demo, setDemo] = useState<DemoReader[]>([]);

  useEffect(() => {
    fetch("/demo/readers")
      .then((response) => (response.ok ? (response.json() as Promise<DemoReader[]>) : []))
      .then(setDemo, () => setDemo([]));
  }, []);

  const become = useCallback(
    async (name: string) => {
      const token = await tokenOf(name);
      const purpose = demo.find((one) => one.name === name)?.purposes.at(-1) ?? null;
      setReader((before) => ({ name, token, purpose, issued: before.issued + 1 }));
    },
    [demo],
  );

  useEffect(() => {
    if (!demo.some((one) => one.name === reader.name)) return;
    const timer = setTimeout(
      () =>
        tokenOf(reader.name).then(
          (token) => setReader((now) => (now === reader ? { ...now, token } : now)),
          () => {},
        ),
      RENEWAL,
    );
    return () => clearTimeout(timer);
  }, [reader, demo]);

  const identities = useMemo<Identities>(
    () => ({
      reader,
      demo,
      become,
      enter: (token) => setReader((before) => ({ name: "token", token, purpose: null, issued: before.issued + 1 })),
      leave: () => setReader((before) => ({ ...VISITOR, issued: before.issued + 1 })),
      state: (purpose) => setReader((before) => ({ ...before, purpose })),
    }),
    [reader, demo, become],
  );
  return <Context.Provider value={identities}>{children}</Context.Provider>;
}

export function useIdentity(): Identities {
  const found = useContext(Context);
  if (!found) throw new Error("useIdentity is used outside of Identity");
  return found;
}

export const useReader = (): Reader => useIdentity().reader;
