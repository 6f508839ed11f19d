"""Find, keep, fetch, save: told as one stream of events."""
