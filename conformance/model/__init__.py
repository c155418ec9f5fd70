"""The nouns of the domain: plain values, standard library only."""
