"""The bytes of an item by plain HTTP."""
