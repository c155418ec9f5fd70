"""The venue-neutral exchange core: pure, synchronous, told the time."""
