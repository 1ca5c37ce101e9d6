// What graphql-inspector says of pairs of schemas, a list for each: node inspect.mjs OLD NEW [OLD NEW …]
import { readFileSync } from "node:fs";
import { diff } from "@graphql-inspector/core";
import { buildSchema } from "graphql";

const schemas = process.argv.slice(2).map((file) => buildSchema(readFileSync(file, "utf8")));
const found = [];
for (let place = 0; place < schemas.length; place += 2) {
  const changes = await diff(schemas[place], schemas[place + 1]);
  found.push(changes.map(({ path, message, criticality, type }) => ({ path, message, type, level: criticality.level })));
}
console.log(JSON.stringify(found));
