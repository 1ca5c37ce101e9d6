// A connector of Hasura's SDK over records of its own, served three times: with an operator for lists of keys, with
// variables, and with neither. It says where on its standard output.
import sdk from "@hasura/ndc-sdk-typescript";
import { readFileSync } from "node:fs";

const { startServer, BadRequest } = sdk;
const records = JSON.parse(readFileSync(process.argv[2], "utf-8"));
const text = (operators) => ({
  representation: { type: "string" }, aggregate_functions: {}, extraction_functions: {}, comparison_operators: operators,
});
const nullable = (name) => ({ type: { type: "nullable", underlying_type: { type: "named", name } } });

const value = (one, variables) => (one.type === "variable" ? variables[one.name] : one.value);
const holds = (expression, record, variables) => {
  if (expression === undefined || expression === null) return true;
  if (expression.type === "and") return expression.expressions.every((one) => holds(one, record, variables));
  if (expression.type === "or") return expression.expressions.some((one) => holds(one, record, variables));
  if (expression.type !== "binary_comparison_operator") throw new BadRequest(`no ${expression.type} here`, {});
  const found = record[expression.column.name], wanted = value(expression.value, variables);
  return expression.operator === "in" ? wanted.includes(found) : found === wanted;
};
const shown = (fields, record) => Object.fromEntries(Object.entries(fields).map(([name, field]) => {
  const found = record[field.column];
  return [name, field.fields && found ? shown(field.fields.fields, found) : found ?? null];
}));
const compared = (one, other) => (one === other ? 0 : (one ?? "") < (other ?? "") ? -1 : 1);

const connector = (operators, query) => ({
  parseConfiguration: async () => ({}),
  tryInitState: async () => ({}),
  fetchMetrics: async () => undefined,
  getCapabilities: () => ({ query, mutation: {} }),
  getSchema: async () => ({
    scalar_types: { Text: text(operators), Int: { ...text(operators), representation: { type: "int32" } } },
    object_types: {
      thing: { foreign_keys: {}, fields: {
        code: { type: { type: "named", name: "Text" } }, n: nullable("Int"), label: nullable("Text"), place: nullable("place"),
      } },
      place: { foreign_keys: {}, fields: { city: nullable("Text") } },
    },
    collections: [{ name: "things", type: "thing", arguments: {}, uniqueness_constraints: {} }],
    functions: [],
    procedures: [],
  }),
  query: async (_configuration, _state, { query, variables }) => (variables ?? [{}]).map((set) => {
    const found = records.filter((record) => holds(query.predicate, record, set));
    for (const { target } of [...(query.order_by?.elements ?? [])].reverse()) {
      found.sort((one, other) => compared(one[target.name], other[target.name]));
    }
    const start = query.offset ?? 0;
    const page = found.slice(start, query.limit == null ? undefined : start + query.limit);
    return { rows: page.map((record) => shown(query.fields, record)) };
  }),
});

const equal = { eq: { type: "equal" } };
const options = { configuration: ".", host: "127.0.0.1", port: 0, logLevel: "info", prettyPrintLogs: "off" };
for (const [operators, query] of [[{ ...equal, in: { type: "in" } }, {}], [equal, { variables: {} }], [equal, {}]]) {
  await startServer(connector(operators, query), options);
}
