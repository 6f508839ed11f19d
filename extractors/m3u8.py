"""HLS playlists: one video or track, with its variants as alternatives.

A playlist is told by its content (RFC 8216bis, 4), whatever its name and MIME type are. What a page
names by its address or type is looked at as well: see `reads`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

from reelin import HLS_TYPES, Extractor, MediaItem, Page, hookimpl

if TYPE_CHECKING:
    from reelin import hls, m3u8


class M3U8(Extractor):
    """HLS streams (.m3u8), all variants; audio and subtitles by language."""

    name = "m3u8"
    finds = "#EXTM3U\n#EXT-X-TARGETDURATION:6\n#EXTINF:6,\none.ts\n#EXT-X-ENDLIST"
    reads = HLS_TYPES

    audio: Annotated[str, "language or name of the audio, where there are several"] = ""
    subtitles: Annotated[str, "languages of the subtitles to put in, such as en,de; or all"] = ""

    def extract(self, page: Page) -> Iterator[MediaItem]:
        """Yield the stream that a playlist describes."""
        if not page.text.lstrip("\ufeff \t\r\n").startswith("#EXTM3U"):
            return
        from reelin import m3u8  # costs a twentieth of the start, and is rare

        if not m3u8.is_playlist(page.text):
            return
        playlist = m3u8.parse(page.text, page.final_url)
        if isinstance(playlist, m3u8.Media):
            yield _single(playlist, page)
        elif playlist.variants:
            yield _several(playlist, self._wish(), page)

    def _wish(self) -> hls.Choice:
        from reelin import hls

        languages = (each.strip() for each in self.subtitles.split(","))
        return hls.Choice(audio=self.audio.strip(), subtitles=tuple(filter(None, languages)))


def _single(playlist: m3u8.Media, page: Page) -> MediaItem:
    """A stream in one quality."""
    from reelin import hls

    return MediaItem(
        page.url,
        mime=hls.MIME,
        duration=playlist.duration or None if playlist.endlist else None,
        protocol="hls",
        origin="playlist",
    )


def _several(playlist: m3u8.Master, wish: hls.Choice, page: Page) -> MediaItem:
    from reelin import hls

    best, *others = hls.renditions(playlist, wish)
    return MediaItem(
        page.url,
        best.type,
        mime=hls.MIME,
        width=best.width,
        height=best.height,
        bitrate=best.bitrate,
        format=best.format,
        alternatives=tuple(others),
        protocol="hls",
        origin=f"playlist of {len(others) + 1} variants",
    )


@hookimpl
def reelin_extractors() -> list[Extractor]:
    """The built-in `m3u8`."""
    return [M3U8()]
