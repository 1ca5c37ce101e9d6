"""WHERE it comes from: sources, the connectors that speak their protocols, and what is wrapped around them."""
