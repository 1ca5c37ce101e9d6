import { graphql } from "../../gql";

export const Editions = graphql(`
  query Editions {
    editions {
      code
      state
      period
      day
      noticeUntil
      residents
      evaluated
      maximum
      synthetic
      zone {
        name
        nameEn
      }
      scheme {
        title
        titleZh
        stages {
          id
          name
          nameZh
        }
      }
      lists {
        id
        name
        nameZh
      }
      figures {
        stage {
          id
        }
        evaluated
        ranked
        mean
        quartiles
        bars {
          begin
          end
          count
        }
      }
      previous {
        code
        period
      }
    }
    me {
      rights {
        group
        verdict
        own
      }
    }
  }
`);

export const Ranking = graphql(`
  query Ranking($edition: ID!, $stage: ID, $list: ID, $first: Int!, $after: String, $totals: Boolean!) {
    ranking(edition: $edition, stage: $stage, list: $list, first: $first, after: $after) {
      totalCount
      pageInfo {
        hasNextPage
        endCursor
      }
      nodes {
        uscc
        rank
        stageRank
        total @include(if: $totals)
        stage {
          id
          name
          nameZh
        }
        lists {
          id
          name
          nameZh
        }
        enterprise {
          name
          synthetic
        }
      }
    }
  }
`);

graphql(`
  fragment Moved on RankingEntry {
    uscc
    rank
    enterprise {
      name
    }
  }
`);

export const Movement = graphql(`
  query Movement($edition: ID!, $stage: ID, $list: ID) {
    edition(id: $edition) {
      changes(stage: $stage, list: $list, first: 12) {
        enteredCount
        leftCount
        since {
          period
        }
        entered {
          ...Moved
        }
        left {
          ...Moved
        }
      }
    }
  }
`);

export const Changes = graphql(`
  query Changes($edition: ID!) {
    scoreChanges(edition: $edition, first: 10) {
      count
      since {
        period
      }
      changes {
        uscc
        before
        after
        change
        rankBefore
        rankAfter
        enterprise {
          name
        }
      }
    }
  }
`);
