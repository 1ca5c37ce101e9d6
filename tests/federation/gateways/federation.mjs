// Joins the hub and a partner's subgraph in both composers, and asks both gateways; the last line is what came back.
//   node federation.mjs TELLING SILENT TOKEN: one hub that tells gateways what needs a token, and one that does not
import { parse } from "graphql";
import { composeServices as composedByApollo } from "@apollo/composition";
import { composeServices as composedByGuild } from "@theguild/federation-composition";
import { ApolloGateway, RemoteGraphQLDataSource } from "@apollo/gateway";
import { ApolloServer } from "@apollo/server";
import { startStandaloneServer } from "@apollo/server/standalone";
import { buildSubgraphSchema } from "@apollo/subgraph";
import { createGatewayRuntime } from "@graphql-hive/gateway-runtime";

const [telling, silent, token] = process.argv.slice(2);
const authorization = `Bearer ${token}`;

async function asked(hub, query) {
  const answer = await fetch(hub, {
    method: "POST",
    headers: { "content-type": "application/json", authorization },
    body: JSON.stringify({ query }),
  });
  const { data, errors } = await answer.json();
  if (errors) throw new Error(`${hub} to ${query}: ${JSON.stringify(errors)}`);
  return data;
}

// Told on stderr, for who wonders where it stopped.
const begun = Date.now();
const reached = (step) => console.error(`${((Date.now() - begun) / 1000).toFixed(1)} s: ${step}`);

const { enterprises } = await asked(silent, "{ enterprises(first: 100) { nodes { uscc } } }");
const codes = enterprises.nodes.map((n) => n.uscc);

// The partner's own subgraph: who visited which enterprise, and how many parks a zone has.
const PARTNER = `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable"])
  scalar USCC
  type Enterprise @key(fields: "uscc") { uscc: USCC! visits: [Visit!]! }
  type Zone @key(fields: "id") { id: ID! parks: Int }
  type Visit { note: String! enterprise: Enterprise! place: District }
  type District @shareable { code: String! name: String province: String }
  type Query { visits(first: Int! = 100): [Visit!]! }
`;
const visit = (uscc) => ({ note: `visited ${uscc}`, enterprise: { __typename: "Enterprise", uscc } });
const partner = new ApolloServer({
  schema: buildSubgraphSchema({
    typeDefs: parse(PARTNER),
    resolvers: {
      Query: { visits: (_, { first }) => codes.slice(0, first).map(visit) },
      Enterprise: { __resolveReference: (e) => e, visits: (e) => [visit(e.uscc)] },
      Zone: { __resolveReference: (z) => z, parks: (z) => z.id.length },
    },
  }),
});
const { url: partnerUrl } = await startStandaloneServer(partner, { listen: { port: 0, host: "127.0.0.1" } });

const sdlOf = async (hub) => (await asked(hub, "{ _service { sdl } }"))._service.sdl;

function composed(hub, sdl) {
  const services = [
    { name: "hub", url: hub, typeDefs: parse(sdl) },
    { name: "partner", url: partnerUrl, typeDefs: parse(PARTNER) },
  ];
  return { apollo: composedByApollo(services), guild: composedByGuild(services) };
}

// What the hub was asked for by a gateway, and what that cost each of its sources.
let calls = [];
async function recorded(url, init) {
  const answer = await fetch(url, init);
  if (String(url).startsWith(partnerUrl)) return answer;
  const text = await answer.text();
  const body = JSON.parse(text);
  calls.push({ sources: body.extensions?.sources ?? [], errors: body.errors ?? [] });
  return new Response(text, { status: answer.status, headers: answer.headers });
}

const QUESTIONS = {
  hundred: `{ visits { note enterprise { name filings(years: 1) { revenue } zone { name parks } } } }`,
  both: `query($uscc: USCC!) { enterprise(uscc: $uscc) { name visits { note } zone { parks } } }`,
};
const variables = { uscc: codes[0] };

async function everything(ask) {
  const found = {};
  for (const [name, query] of Object.entries(QUESTIONS)) {
    calls = [];
    found[name] = { ...(await ask(query)), calls };
  }
  return found;
}

class Hub extends RemoteGraphQLDataSource {
  constructor(options) { super({ ...options, fetcher: recorded }); }
  willSendRequest({ request }) { request.http.headers.set("authorization", authorization); }
}

async function throughApollo(supergraphSdl) {
  const gateway = new ApolloGateway({ supergraphSdl, buildService: ({ url }) => new Hub({ url }) });
  const server = new ApolloServer({ gateway, logger: { debug() {}, info() {}, warn() {}, error() {} } });
  await server.start();
  const answers = await everything(async (query) => {
    const { body } = await server.executeOperation({ query, variables });
    return { data: body.singleResult.data, errors: body.singleResult.errors ?? [] };
  });
  await server.stop();
  return answers;
}

async function throughHive(supergraph) {
  const gateway = createGatewayRuntime({
    supergraph,
    logging: false,
    fetchAPI: { fetch: recorded },
    propagateHeaders: { fromClientToSubgraphs: ({ request }) => ({ authorization: request.headers.get("authorization") }) },
  });
  const answers = await everything(async (query) => {
    const answer = await gateway.fetch("http://gateway.localhost/graphql", {
      method: "POST",
      headers: { "content-type": "application/json", authorization },
      body: JSON.stringify({ query, variables }),
    });
    const { data, errors = [] } = await answer.json();
    return { data, errors };
  });
  await gateway[Symbol.asyncDispose]();
  return answers;
}

reached("the partner serves");
const [tells, tellsNot] = [await sdlOf(telling), await sdlOf(silent)];
const hubs = { telling: composed(telling, tells), silent: composed(silent, tellsNot) };
reached("both are composed");
const told = ({ errors = [], supergraphSdl = "" }) => ({ errors: errors.map((e) => e.message), supergraph: supergraphSdl });
const results = { composed: {}, gateways: {} };
for (const [name, { apollo, guild }] of Object.entries(hubs)) {
  results.composed[name] = { apollo: told(apollo), guild: told(guild) };
}
results.gateways.apollo = await throughApollo(hubs.silent.apollo.supergraphSdl);
reached("Apollo's gateway has answered");
results.gateways.hive = await throughHive(hubs.telling.guild.supergraphSdl);
reached("Hive's gateway has answered");
results.refused = await throughApollo(hubs.telling.apollo.supergraphSdl).catch((error) => error.message);
reached("Apollo's gateway has refused");
await partner.stop();
process.stdout.write(JSON.stringify(results), () => process.exit(0));
