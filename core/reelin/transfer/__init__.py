"""How bytes are fetched: one file per protocol, and what they share to be safe on a disk."""
