"""One folder per dialect, discovered by name and never listed."""
