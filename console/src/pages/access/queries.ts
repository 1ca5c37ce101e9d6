import { graphql } from "../../gql";

export const Me = graphql(`
  query Me {
    me {
      subject
      organisation
      roles
      enterprise
      zones
      purposes
      rights {
        group
        verdict
        own
      }
    }
  }
`);

export const Consents = graphql(`
  query Consents($uscc: USCC!) {
    enterprise(uscc: $uscc) {
      name
      consents {
        id
        grantee
        groups
        purposes
        firstDay
        lastDay
        evidence
        grantedBy
        grantedAt
        withdrawnAt
      }
    }
  }
`);

export const Looks = graphql(`
  query Looks($uscc: USCC!, $after: String) {
    enterprise(uscc: $uscc) {
      accessLog(first: 15, after: $after) {
        nodes {
          id
          place
          at
          organisation
          client
          purpose
          reference
          groups
          withheld
          outcome
        }
        pageInfo {
          endCursor
          hasNextPage
        }
      }
    }
  }
`);

export const Proofs = graphql(`
  query Proofs($uscc: USCC!, $after: String) {
    enterprise(uscc: $uscc) {
      accessLog(first: 20, after: $after) {
        nodes {
          id
          place
          proof {
            algorithm
            leafHash
            treeSize
            hashes
            root
            signedHead
          }
        }
      }
    }
  }
`);

export const Grant = graphql(`
  mutation Grant($input: GrantConsentInput!, $key: String!) {
    grantConsent(input: $input, idempotencyKey: $key) {
      consent {
        id
        lastDay
      }
      userErrors {
        field
        message
      }
    }
  }
`);

export const Revoke = graphql(`
  mutation Revoke($id: ID!, $key: String!) {
    revokeConsent(id: $id, idempotencyKey: $key) {
      consent {
        id
        withdrawnAt
      }
      userErrors {
        message
      }
    }
  }
`);
