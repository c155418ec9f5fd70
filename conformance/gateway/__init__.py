"""What stands in front of any venue: sockets, faults and the transcript, whatever answers."""
