"""Measurements: speed side by side with peers, and how well pages are read."""
