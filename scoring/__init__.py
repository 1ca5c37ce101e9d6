"""WHAT the numbers mean: schemes, points, ranks, eligibility. Pure: no input or output, no clock."""
