"""Cases about what happens to positions without an order: funding, liquidation, delivery."""
