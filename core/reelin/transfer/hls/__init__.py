"""The bytes of an item by HLS."""
