"""The venue's limits are kept, and its orders to be silent obeyed."""
