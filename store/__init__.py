"""WHAT the hub remembers: for now its directory, the index in which enterprises are found."""
