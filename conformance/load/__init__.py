"""Load: plans, honest latencies, ledgers, and the processes that carry a stress run out."""
