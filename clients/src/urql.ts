// urql with persisted queries by GET: node built/urql.js HUB USCC
import { Client, fetchExchange } from "@urql/core";
import { persistedExchange } from "@urql/exchange-persisted";
import { ENTERPRISE } from "./enterprise.js";

const [hub, uscc] = process.argv.slice(2);
const sent: string[] = [];
const recorded: typeof fetch = (address, options) => {
  sent.push(`${options?.method ?? "GET"} ${String(options?.body ?? address)}`);
  return fetch(address, options);
};

const client = new Client({
  url: hub!,
  fetch: recorded,
  preferGetMethod: false,
  exchanges: [persistedExchange({ preferGetForPersistedQueries: true }), fetchExchange],
});
const ask = () => client.query(ENTERPRISE, { uscc: uscc! }).toPromise();
const first = await ask();
const second = await ask();
if (first.error ?? second.error) throw first.error ?? second.error;
console.log(JSON.stringify({ sent, first: first.data, second: second.data }));
