"""HOW a question arrives: GraphQL over HTTP, health, and the pages for people."""
