"""Scores in the graph: schemes and results as the graph shows them, and where inputs come from."""
