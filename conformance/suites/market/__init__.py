"""Instruments and books equal the venue's."""
