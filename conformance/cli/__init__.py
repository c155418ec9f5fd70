"""The command conformance, one file per command."""
