"""Protocols only: the seams at which the parts of the house meet."""
