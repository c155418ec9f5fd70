"""Faulty adapters, one fault a file, each naming the cases that must catch it."""
