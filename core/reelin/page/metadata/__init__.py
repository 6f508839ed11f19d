"""What pages and feeds say to machines."""
