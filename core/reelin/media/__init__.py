"""Formats and tools, which download nothing themselves.

m3u8/:        HLS playlists as values
hls_variants: which variant, audio and subtitles of one to take, and how a choice is written down
ffmpeg/:      the program: what files hold, streams put into one file, audio converted
ytdlp/:       yt-dlp as a library: which URLs its extractors know, and what they find there
"""
