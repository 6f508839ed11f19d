"""yt-dlp as a library: which URLs its extractors know, and what they find there.

yt-dlp is imported when it is first asked for. That takes most of a second: ask from a thread.

backend:    yt-dlp with the settings of a session
downloader: its `YoutubeDL`, kept from private addresses and from a person's cookies file
sites:      the URLs that its extractors claim
entries:    the videos and tracks behind a URL, as info dicts
info:       facts out of an info dict
formats:    the formats of an info dict as renditions
choice:     which of them to take
subtitles:  the subtitles of an info dict
messages:   its errors and log lines as ours
"""

from .backend import Backend
from .choice import rank_formats
from .formats import Format, read_headers
from .info import Info, date, dicts, first, number, text, url, whole
from .messages import as_reelin_error, clean_message
from .subtitles import choose_subtitles

__all__ = [
    "Backend",
    "Format",
    "Info",
    "as_reelin_error",
    "choose_subtitles",
    "clean_message",
    "date",
    "dicts",
    "first",
    "number",
    "rank_formats",
    "read_headers",
    "text",
    "url",
    "whole",
]
