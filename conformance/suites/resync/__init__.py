"""After any loss of connection the state is the venue's again."""
