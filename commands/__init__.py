"""The operator's commands that have a noun of their own; manage.py gathers them."""
