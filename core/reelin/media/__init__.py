"""Formats and tools: HLS playlists, ffmpeg, yt-dlp. No downloads."""
