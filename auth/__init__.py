"""WHO asks and what they may see: identity, access rules, consent, audit, limits."""
