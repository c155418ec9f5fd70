"""Witnesses in Python: scripts that run in environments of their own, never imported by us."""
