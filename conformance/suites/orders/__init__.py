"""What is asked for is what the venue gets."""
