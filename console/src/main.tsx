import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app";
import { Identity } from "./reader";
import { TasteProvider } from "./taste";
import "@fontsource/ibm-plex-sans/latin-400.css";
import "@fontsource/ibm-plex-sans/latin-600.css";
import "./style/base.css";
import "./style/shell.css";
import "./style/parts.css";

const client = new QueryClient({
  defaultOptions: { queries: { staleTime: 30_000, retry: 1, refetchOnWindowFocus: false } },
});

createRoot(document.getElementById("console")!).render(
  <StrictMode>
    <QueryClientProvider client={client}>
      <TasteProvider>
        <Identity>
          <App />
        </Identity>
      </TasteProvider>
    </QueryClientProvider>
  </StrictMode>,
);
