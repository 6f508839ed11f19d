"""M3U8: HLS playlists as values, read by RFC 8216bis (draft-pantos-hls-rfc8216bis).

    playlist = m3u8.parse(text, "https://cdn.example/film/master.m3u8")
    if isinstance(playlist, m3u8.Master):
        best = max(playlist.variants, key=lambda each: each.bandwidth or 0)

Read are all tags that bear on getting the bytes; unknown tags and attributes are passed over
(6.3.1). What can be understood although it is not as it should be is taken as players take it,
with a note; where that would mean wrong bytes, it is an `M3U8Error`. The time is linear in the
text's length.

parser:          `parse`, `is_playlist` and `drm_of`
values:          playlists as values, `Master` and `Media`
media_segments:  segments as values, with their maps and parts
encryption:      keys as values, and which of them are DRM
reader:          reads the tags that both kinds of playlists have
master_playlist: reads multivariant playlists
media_playlist:  reads media playlists, with
segment_reader:  their segments
attributes:      attribute lists, numbers, ranges
addresses:       the absolute URLs of URIs
"""

from __future__ import annotations

from .attributes import ByteRange as ByteRange
from .encryption import Key as Key
from .encryption import protection as protection
from .master_playlist import MAX_VARIANTS as MAX_VARIANTS
from .media_segments import Map as Map
from .media_segments import Part as Part
from .media_segments import Segment as Segment
from .parser import MAX_LENGTH as MAX_LENGTH
from .parser import drm_of as drm_of
from .parser import is_playlist as is_playlist
from .parser import parse as parse
from .reader import M3U8Error as M3U8Error
from .segment_reader import MAX_SEGMENTS as MAX_SEGMENTS
from .values import DateRange as DateRange
from .values import Master as Master
from .values import Media as Media
from .values import PreloadHint as PreloadHint
from .values import Rendition as Rendition
from .values import RenditionReport as RenditionReport
from .values import SessionData as SessionData
from .values import Start as Start
from .values import Steering as Steering
from .values import Variant as Variant
