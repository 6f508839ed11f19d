"""What travels between all others: items, events, errors, and words about URLs, types, sizes."""
