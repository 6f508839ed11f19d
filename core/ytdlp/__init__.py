"""yt-dlp as a library: which URLs its extractors know, and what they find there.

yt-dlp is imported when it is first asked for. That takes most of a second: ask from a thread.
"""

from .backend import Backend
from .formats import Format, best_first, headers_of
from .info import Info, date, dicts, first, number, text, url, whole
from .messages import plain, told

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
    "text",
    "told",
    "url",
    "whole",
]
