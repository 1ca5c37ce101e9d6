"""Deals of technology managers: a connector for the ledger of their network, and the noun that shows them."""
