import { graphql } from "./gql/gql.js";

// One enterprise, and the zone's name: what both clients ask.
export const ENTERPRISE = graphql(`
  query ClientsEnterprise($uscc: USCC!) {
    enterprise(uscc: $uscc) {
      id
      uscc
      name
      zone {
        id
        name
      }
    }
  }
`);
