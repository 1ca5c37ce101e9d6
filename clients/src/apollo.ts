// Apollo Client with automatic persisted queries: node built/apollo.js HUB USCC
import { createHash } from "node:crypto";
import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from "@apollo/client/core";
import { PersistedQueryLink } from "@apollo/client/link/persisted-queries";
import { ENTERPRISE } from "./enterprise.js";

const [hub, uscc] = process.argv.slice(2);
const sent: string[] = [];
const recorded: typeof fetch = (address, options) => {
  sent.push(`${options?.method ?? "GET"} ${String(options?.body ?? address)}`);
  return fetch(address, options);
};
const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

// What has come once needs no second request: each time the question is asked anew.
const client = new ApolloClient({
  cache: new InMemoryCache(),
  link: ApolloLink.from([
    new PersistedQueryLink({ sha256, useGETForHashedQueries: false }),
    new HttpLink({ uri: hub, fetch: recorded }),
  ]),
});
const ask = () => client.query({ query: ENTERPRISE, variables: { uscc: uscc! }, fetchPolicy: "network-only" });
const first = await ask();
const second = await ask();
console.log(JSON.stringify({ sent, first: first.data, second: second.data }));
