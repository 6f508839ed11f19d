"""ffmpeg as a tool: found, run safely on local files, asked what a file holds.

`mux` puts streams into one file without a change to them, `transcode` makes sound of another kind.
"""

from .media import Media, Stream
from .mux import Track, mux, suffix
from .program import Ffmpeg, Source, find
from .sound import Tags, takes_cover, transcode

__all__ = [
    "Ffmpeg",
    "Media",
    "Source",
    "Stream",
    "Tags",
    "Track",
    "find",
    "mux",
    "suffix",
    "takes_cover",
    "transcode",
]
