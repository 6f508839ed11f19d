"""A ZIP made of many items at once: their order, what waits in memory, and the writing thread."""
