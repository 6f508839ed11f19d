"""Every socket: one guarded, polite, retrying HTTP client."""
