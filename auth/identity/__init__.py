"""WHO asks: access tokens of registered issuers, through registered clients, to a principal."""
