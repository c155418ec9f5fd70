"""Rules watched on the wire of every run, whatever case is running; one rule a file."""
