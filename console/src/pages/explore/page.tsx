/** GraphiQL over the hub, as the reader that was chosen, with what its last query did drawn below. */

import { GraphiQL } from "graphiql";
import { createClient } from "graphql-ws";
import { useMemo, useRef, useState } from "react";
import { headersOf, type Extensions } from "../../graph";
import { Panel } from "../../parts/parts";
import { useReader } from "../../reader";
import { useTaste } from "../../taste";
import { EXAMPLES } from "./examples";
import { PlanPicture } from "./plan";
import "graphiql/style.css";
import "./style.css";

type Fetcher = Parameters<typeof GraphiQL>[0]["fetcher"];

export default function ExplorePage() {
  const { t, language, theme } = useTaste();
  const reader = useReader();
  const [query, setQuery] = useState(EXAMPLES[0]!.query);
  const [told, setTold] = useState<Extensions | null>(null);
  const current = useRef(reader);
  current.current = reader;

  const fetcher = useMemo<Fetcher>(
    () => async (asked) => {
      if (/^\s*subscription\b/m.test(asked.query)) {
        const client = createClient({
          url: `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/graphql`,
          connectionParams: headersOf(current.current),
        });
        return client.iterate({
          query: asked.query,
          variables: asked.variables,
          operationName: asked.operationName,
        }) as never;
      }
      // After an example was chosen GraphiQL may still name the operation of the query before.
      const named = asked.operationName != null && asked.query.includes(asked.operationName);
      const introspects = asked.operationName === "IntrospectionQuery";
      const response = await fetch("/graphql", {
        method: "POST",
        headers: {
          "Content-Type": "application/json",
          Accept: "application/graphql-response+json",
          ...headersOf(current.current),
        },
        body: JSON.stringify({
          ...asked,
          operationName: named ? asked.operationName : undefined,
          ...(introspects ? {} : { extensions: { plan: true } }),
        }),
      });
      const answer = (await response.json()) as { extensions?: Extensions };
      if (!introspects) setTold(answer.extensions ?? null);
      const { plan: _drawn, ...extensions } = answer.extensions ?? {};
      return { ...answer, ...(answer.extensions ? { extensions } : {}) } as never;
    },
    [],
  );

  return (
    <>
      <div className="page-head">
        <div>
          <h1>{t("explore")}</h1>
          <p>{t("exploreText")}</p>
        </div>
      </div>
      <ul className="examples">
        {EXAMPLES.map((one) => (
          <li key={one.title[0]}>
            <button type="button" aria-pressed={query === one.query} onClick={() => setQuery(one.query)}>
              <span className="hint">{t(one.audience)}</span> {one.title[language === "zh" ? 1 : 0]}
            </button>
          </li>
        ))}
      </ul>
      <div className="graphiql-frame" key={reader.issued}>
        <GraphiQL
          fetcher={fetcher}
          query={query}
          onEditQuery={setQuery}
          isHeadersEditorEnabled={false}
          defaultEditorToolsVisibility={false}
          forcedTheme={theme === "system" ? "system" : theme}
        />
      </div>
      <Panel
        title={t("plan")}
        aside={
          told?.cost !== undefined && (
            <span data-testid="cost">
              {t("cost")} {told.cost}
            </span>
          )
        }
        className="plan-panel"
      >
        {told?.plan ? (
          <PlanPicture plan={told.plan} used={told.sources ?? []} />
        ) : (
          <p className="muted">{t("planNone")}</p>
        )}
      </Panel>
    </>
  );
}
