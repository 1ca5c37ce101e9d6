"""Identifiers and code lists of the domain: pure values that every other room may use."""
