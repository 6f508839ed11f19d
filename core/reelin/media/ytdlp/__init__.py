"""yt-dlp as a library: which URLs its extractors know, and what they find there.

yt-dlp is imported when it is first asked for. That takes most of a second: ask from a thread.
"""

from .backend import Backend
from .choice import best_first
from .formats import Format, headers_of
from .info import Info, date, dicts, first, number, text, url, whole
from .messages import plain, told
from .subtitles import subtitles

__all__ = [
    "Backend",
    "Format",
    "Info",
    "best_first",
    "date",
    "dicts",
    "first",
    "headers_of",
    "number",
    "plain",
    "subtitles",
    "text",
    "told",
    "url",
    "whole",
]
