import { graphql } from "relay-runtime";

// A page of enterprises that grows, and one that is fetched again by its identity.
export const PAGE = graphql`
  query enterprisesPageQuery($search: String, $count: Int!, $cursor: String) {
    ...enterprises_page @arguments(search: $search, count: $count, cursor: $cursor)
  }
`;
export const FRAGMENT = graphql`
  fragment enterprises_page on Query
  @refetchable(queryName: "enterprisesMoreQuery")
  @argumentDefinitions(search: { type: "String" }, count: { type: "Int!" }, cursor: { type: "String" }) {
    enterprises(search: $search, first: $count, after: $cursor) @connection(key: "enterprises_enterprises") {
      edges {
        node {
          id
          ...enterprises_card
        }
      }
    }
  }
`;
export const CARD = graphql`
  fragment enterprises_card on Enterprise @refetchable(queryName: "enterprisesCardQuery") {
    id
    uscc
    name
  }
`;
