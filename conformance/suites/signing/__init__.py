"""Every byte that is signed is the byte that is sent."""
