"""HLS: from a playlist to the bytes of its segments. The playlists themselves are read by `m3u8`.

plan:     which tracks there are to fetch, with their playlists
choice:   which variant, sound and subtitles to take, and how that choice is written down
loading:  playlists over HTTP
segments: the segments of a playlist, fetched ahead, decrypted and checked, in order
body:     the bytes of one of them
room:     how many bytes may wait for their turn
"""

from __future__ import annotations

from ...model.media_types import HLS as MIME
from ...model.media_types import HLS_TYPES as MIMES
from .choice import Choice, renditions

__all__ = ["MIME", "MIMES", "Choice", "renditions"]
