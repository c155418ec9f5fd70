"""What a run leaves behind: the journal, and everything rendered from it."""
