"""One folder per dialect, discovered, never listed."""

from conformance.venues.discovery import load, names

__all__ = ["load", "names"]
