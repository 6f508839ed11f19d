"""What plugins are, and how they are found, called and configured."""
