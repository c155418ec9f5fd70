"""The end of an adapter is an end."""
