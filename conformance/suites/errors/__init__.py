"""Every refusal is understood for what it is."""
