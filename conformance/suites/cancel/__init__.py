"""Cancels and amendments end in a proven state."""
