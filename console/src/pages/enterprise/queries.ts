import { graphql } from "../../gql";

graphql(`
  fragment Origin on Source {
    title
    titleZh
    synthetic
  }
`);

graphql(`
  fragment Reason on MatchCondition {
    kind
    truth
    required
    actual
    reason
    hint
    asOf
    synthetic
    source {
      ...Origin
    }
  }
`);

export const Search = graphql(`
  query Search($text: String!) {
    enterprises(search: $text, first: 8) {
      totalCount
      nodes {
        uscc
        name
        synthetic
        zone {
          name
          nameEn
        }
      }
    }
  }
`);

export const Card = graphql(`
  query Card($uscc: USCC!) {
    enterprise(uscc: $uscc) {
      uscc
      name
      nameEn
      formerNames
      status
      statusText
      foundedOn
      foundedText
      legalRepresentative
      registeredCapital
      address
      synthetic
      asOf
      source {
        ...Origin
      }
      district {
        name
        province
      }
      industry {
        text
        division
      }
      zone {
        id
        name
        nameEn
      }
      flags {
        kind
        since
        until
        authority
        synthetic
        asOf
        source {
          ...Origin
        }
      }
      ladder {
        rung
        next {
          rung
          missing
        }
      }
      qualifications {
        kind
        level
        issuer
        validFrom
        validTo
        withdrawnOn
        synthetic
        asOf
        source {
          ...Origin
        }
      }
    }
  }
`);

export const Filings = graphql(`
  query Filings($uscc: USCC!) {
    enterprise(uscc: $uscc) {
      filings(years: 4) {
        year
        revenue
        rdExpense
        profit
        synthetic
        asOf
        revenueBand {
          from
          to
        }
        rdExpenseBand {
          from
          to
        }
        profitBand {
          from
          to
        }
        source {
          ...Origin
        }
      }
    }
  }
`);

export const Points = graphql(`
  query Points($uscc: USCC!, $scheme: ID, $live: Boolean!) {
    enterprise(uscc: $uscc) {
      score(scheme: $scheme, live: $live) {
        total
        maximum
        rank
        stageRank
        percentile
        period
        day
        provisional
        synthetic
        note
        editionId
        scheme {
          title
          titleZh
        }
        stage {
          name
          nameZh
        }
        lists {
          id
          name
          nameZh
        }
        groups {
          group {
            id
            name
            nameZh
          }
          points
          maximum
        }
        indicators {
          indicator {
            id
            name
            nameZh
            better
            group {
              id
            }
          }
          value
          category
          unit
          points
          maximum
          tier
          tierZh
          missing
          counted
          countedZh
          next {
            distance
            points
          }
          sources {
            asOf
            source {
              id
              ...Origin
            }
          }
        }
      }
      scoreHistory(last: 8) {
        period
        day
        total
        maximum
        rank
      }
    }
  }
`);

export const Schemes = graphql(`
  query Schemes {
    schemes {
      code
      title
      titleZh
      indicators {
        id
      }
    }
  }
`);

export const Simulate = graphql(`
  query Simulate($uscc: USCC!, $changes: [IndicatorChange!]!, $scheme: ID, $live: Boolean!) {
    enterprise(uscc: $uscc) {
      simulateScore(changes: $changes, scheme: $scheme, live: $live) {
        change
        before {
          total
          rank
          stageRank
        }
        after {
          total
          rank
          stageRank
        }
        moved {
          change
          indicator {
            id
            name
            nameZh
          }
        }
      }
    }
  }
`);

export const Policies = graphql(`
  query Policies($uscc: USCC!) {
    enterprise(uscc: $uscc) {
      policyMatches(first: 12) {
        fit
        structured
        amount
        reason
        policy {
          id
          documentNumber
          title
          titleEn
          issuer
          benefit
          synthetic
          asOf
          source {
            ...Origin
          }
        }
        conditions {
          truth
          required
          actual
          reason
          hint
          asOf
          synthetic
          source {
            ...Origin
          }
          condition {
            code
            text
            textEn
          }
        }
      }
    }
  }
`);

export const Products = graphql(`
  query Products($uscc: USCC!) {
    enterprise(uscc: $uscc) {
      loanProductMatches(first: 12) {
        fit
        product {
          id
          name
          lender
          amountMax
          rateText
          termMonthsMax
          synthetic
          asOf
          source {
            ...Origin
          }
        }
        conditions {
          ...Reason
        }
      }
    }
  }
`);

export const Partners = graphql(`
  query Partners($uscc: USCC!) {
    enterprise(uscc: $uscc) {
      fundMatches(first: 6) {
        fit
        fund {
          id
          name
          nameEn
          size
          synthetic
          asOf
          source {
            ...Origin
          }
        }
        conditions {
          ...Reason
        }
      }
      technologyManagers(first: 6) {
        manager {
          id
          name
          institution
          grade
          region
          specialities
          synthetic
          asOf
          source {
            ...Origin
          }
        }
        reasons {
          kind
          ofManager
          ofEnterprise
        }
      }
    }
  }
`);
