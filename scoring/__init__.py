"""WHAT the numbers mean: schemes, points, ranks, explanations. Pure: no clock, and no input but scheme files.

schemes/       indicator systems as data
form           the keys of a scheme file          loading, building, checking   from the file to a Scheme, or refused
scheme         a Scheme and its parts             bounds, units                 exact bounds, in words and as numbers
records        an enterprise's records → inputs   scans                         a whole collection → inputs
inputs         columns with reasons               snapshot                      inputs and results as bytes
measures       inputs → values                    points                        values → points
stages, rules  which stage, which veto            peers                         what percentiles need to know of all
evaluation     all of it → Results                ranking                       ranks and lists
explanation    why an enterprise has its score    changes                       what if, and what has changed
"""
