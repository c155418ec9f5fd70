"""What happened once is counted once."""
