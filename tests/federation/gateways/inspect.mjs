// What graphql-inspector says of two schemas: node inspect.mjs OLD NEW
import { readFileSync } from "node:fs";
import { diff } from "@graphql-inspector/core";
import { buildSchema } from "graphql";

const [old, changed] = process.argv.slice(2).map((file) => buildSchema(readFileSync(file, "utf8")));
const found = await diff(old, changed);
console.log(JSON.stringify(found.map(({ path, message, criticality, type }) => ({ path, message, type, level: criticality.level }))));
