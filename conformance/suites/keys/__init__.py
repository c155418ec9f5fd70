"""Keys are used and never shown."""
