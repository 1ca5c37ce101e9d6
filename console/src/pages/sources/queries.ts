import { graphql } from "../../gql";

export const States = graphql(`
  query States {
    sources {
      ...State
      owner
      kind
      sharing
      cadence
      policy {
        timeoutSeconds
        concurrent
        retries
        calls
      }
      feeds {
        collection
        fields
        keepsHistory
      }
    }
  }
  fragment State on Source {
    id
    title
    titleZh
    synthetic
    lastSuccessAt
    newestAsOf
    late
    unreadableValues
    unmatchedRecords
    lastFailure {
      code
      message
      at
    }
    breaker {
      state
      secondsLeft
      failures
      lookedAt
      refused
    }
  }
`);

export const Matrix = graphql(`
  query Matrix($scheme: ID!) {
    scheme(id: $scheme) {
      title
      titleZh
      synthetic
      indicators {
        id
        name
        nameZh
        group {
          id
          name
          nameZh
        }
        sources {
          id
        }
      }
      sources {
        id
        titleZh
        department
        source {
          id
        }
      }
    }
    schemes {
      code
      title
      titleZh
      sources {
        id
      }
    }
  }
`);

export const Coverage = graphql(`
  query Coverage($scheme: ID!) {
    editions(scheme: $scheme) {
      code
      period
      evaluated
      zone {
        name
        nameEn
      }
      coverage {
        known
        indicator {
          id
        }
        missing {
          reason
          count
        }
      }
    }
  }
`);

export const Health = graphql(`
  subscription Health($source: ID!) {
    sourceHealthChanged(source: $source) {
      ...State
    }
  }
`);
