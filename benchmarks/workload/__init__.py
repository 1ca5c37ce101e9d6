"""The workload on which peers were measured, served by the hub's ordinary machinery over a graph of its own."""
