"""WHAT is seen of the hub at work: counts and durations, spans, and how long each part of an answer took.

Every other package may use it. On the way of an answer it only adds to numbers; what has to be looked up is looked up
now and then (`sampling`), and spans are made for the share of requests that is traced (`traces`).
"""
