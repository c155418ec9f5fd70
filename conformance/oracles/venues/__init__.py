"""One file per venue: its witnesses, its corpus, and how its bytes are read."""
