"""One fetched page, read as a browser and a person would."""
