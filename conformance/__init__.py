"""A faithful exchange in a box, and a body of proof that a trading client survives it."""

__version__ = "0.1.0"

__all__ = ["__version__"]
