import type { CodegenConfig } from "@graphql-codegen/cli";

// Types for src/*.ts from the hub's schema, and the documents by their SHA-256 for `manage.py documents register`.
const config: CodegenConfig = {
  schema: process.env.HUB_SCHEMA ?? "../schema/schema.graphql",
  documents: ["src/*.ts"],
  emitLegacyCommonJSImports: false,
  generates: {
    "src/gql/": {
      preset: "client",
      presetConfig: { persistedDocuments: { hashAlgorithm: "sha256" } },
      config: { useTypeImports: true, scalars: { USCC: "string", Decimal: "string", Date: "string", DateTime: "string" } },
    },
  },
};
export default config;
