"""WHO asks: access tokens of registered issuers and API keys, through registered clients, to a principal."""
