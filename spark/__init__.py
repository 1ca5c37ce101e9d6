"""WHERE scores are computed beyond one machine: the functions of `scoring` mapped over partitions by Spark.

task        the scheme file's text and the moment: all that a worker needs to know beside its partition
columns     Parquet's columns ⇄ inputs and results
standings   how many of a group are not better: for ranks and for points by percentile
scores      the passes, from a Parquet of inputs to a Parquet of results
session     Spark itself

Needs the extra `spark` and Java 17; nothing else in the hub imports this package but its command.
"""
