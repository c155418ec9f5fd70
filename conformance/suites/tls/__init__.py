"""Cases about whom an adapter trusts."""
