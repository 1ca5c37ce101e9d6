"""Linking a system in: looked at, proposed, written into `sources.toml`, and tried for real."""
