"""Outside witnesses for signatures: official SDKs asked for the exact bytes they would send."""
