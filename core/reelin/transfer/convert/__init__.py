"""Audio made into another kind."""
