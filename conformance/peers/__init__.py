"""Adapters round other people's clients, one file each; optional extras."""
