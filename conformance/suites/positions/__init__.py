"""Legs, modes and leverage are the venue's, not the adapter's memory."""
