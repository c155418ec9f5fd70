"""Events in any order lead to the right state."""
