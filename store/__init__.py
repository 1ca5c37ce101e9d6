"""WHAT the hub remembers: its directory of enterprises, consents, API keys, the audit, editions of scores."""
