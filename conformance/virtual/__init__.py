"""The event loop that jumps over idle time, and the clocks bound to it."""
