"""Claims about what an adapter does when it has much to do, for a long time."""
