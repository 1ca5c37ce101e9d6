import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

const hub = process.env.HUB ?? "http://127.0.0.1:8000";

/** GraphiQL brings fonts within its styles, which the policy of the pages refuses; it is shown in the console's own. */
const withoutFonts: Plugin = {
  name: "without-fonts",
  enforce: "pre",
  transform: (code, id) =>
    id.includes("/graphiql/") && id.endsWith(".css") ? code.replace(/@font-face\s*\{[^}]*\}/g, "") : null,
};

export default defineConfig({
  plugins: [react(), withoutFonts],
  build: {
    assetsInlineLimit: 0, // the policy of the pages allows no data: scripts or fonts
    chunkSizeWarningLimit: 1200, // GraphiQL, which is loaded on demand
    modulePreload: { polyfill: false },
    rolldownOptions: {
      onLog: (level, log, tell) => {
        if (log.code !== "MODULE_LEVEL_DIRECTIVE") tell(level, log); // React's own, of no meaning once bundled
      },
    },
  },
  server: { proxy: { "/graphql": { target: hub, ws: true }, "/demo": hub, "/docs": hub, "/schema.graphql": hub } },
});
