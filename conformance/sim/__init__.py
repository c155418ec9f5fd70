"""The shell round exchange core and server halves: sockets, faults, time; implements World."""
