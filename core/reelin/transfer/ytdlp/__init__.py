"""The bytes of an item by yt-dlp, in a process of its own."""
