"""HLS: from a playlist to the bytes of its segments. The playlists themselves are read by `m3u8`.

plan:     which tracks there are to fetch, with their playlists
choice:   which variant, sound and subtitles to take, and how that choice is written down
loading:  playlists over HTTP
segments: the segments of a playlist, fetched ahead, decrypted and checked, in order
body:     the bytes of one of them
room:     how many bytes may wait for their turn
"""

from __future__ import annotations

from ..media_types import HLS
from .choice import Choice as Choice
from .choice import renditions as renditions

MIME = "application/vnd.apple.mpegurl"
MIMES = HLS
