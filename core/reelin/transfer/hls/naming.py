"""The name and type of a stream's file: by its item, and by what is in it."""

from __future__ import annotations

from pathlib import Path

from ...disk.names import safe_name
from ...media.ffmpeg.mux_track import Takes
from ...model.item import MediaItem
from ...model.media_types import MediaType, path_of
from ...model.stored import Head
from ...page.stream_names import says_little, says_nothing
from .audio_frames import FRAMES
from .containers import HEAD, detect_container
from .plan import PlannedTrack

_MIMES = {
    "aac": "audio/aac",
    "ac3": "audio/ac3",
    "m4a": "audio/mp4",
    "mp3": "audio/mpeg",
    "mp4": "video/mp4",
    "ts": "video/mp2t",
}
_AUDIO = frozenset(["aac", "ac3", "m4a", "mp3"])


def make_head(
    item: MediaItem, ending: str, *, is_audio: bool = False, size: int | None = None
) -> Head:
    """Return the head of a stream's file with that extension."""
    name = f"{_choose_stem(item)}.{ending}"
    kind: MediaType = "audio" if is_audio or ending in _AUDIO else "video"
    return Head(item.url, mime=_MIMES[ending], type=kind, size=size, filename=name)


def expect_ending(main: PlannedTrack, *, is_muxed: bool) -> str:
    """Return the extension of what will be made of a stream, before any of its bytes are here.

    main:     its first track
    is_muxed: whether ffmpeg will make the file; else the bytes stay as they come
    """
    is_audio = main.takes == "audio"
    if is_muxed or any(each.map for each in main.media.segments):
        return "m4a" if is_audio else "mp4"
    return "aac" if is_audio else "ts"


def detect_ending(path: Path, takes: Takes) -> str:
    """Return the extension that suits the bytes of a track."""
    with path.open("rb") as file:
        start = file.read(HEAD)
    kind = detect_container(start, path.stat().st_size)
    if kind == "mp4":
        return "m4a" if takes == "audio" else "mp4"
    return kind if kind is not None and kind in FRAMES else "ts"


def _choose_stem(item: MediaItem) -> str:
    """Return a name without extension: the item's title, else a part of its URL."""
    if item.title:
        return safe_name(item.title.replace("/", "_").replace("\\", "_"))
    *folders, name = path_of(item.url).split("/")
    stems = [name.rpartition(".")[0] or name, *reversed(folders)]
    telling = next((each for each in stems if not says_nothing(each)), None)
    return telling or next(filter(says_little, stems), "video")
