"""Players that are elements of their own: Vidstack, media-chrome and their like."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from reelin import Extractor, Link, MediaItem, Page, Player, elements, hookimpl

# Elements that take what <video> and <audio> take: an address, <source> and <track> elements.
ELEMENTS = (
    "media-player, media-outlet, media-provider, hls-video, hls-audio, dash-video, videojs-video,"
    " shaka-video, custom-video, custom-audio, mux-video, mux-audio, castable-video, stream-player"
)
# Of Mux's players only an id stands in the page (https://www.mux.com/docs/guides/play-your-videos).
MUX = "https://stream.mux.com/{}.m3u8"


class Vidstack(Player):
    """Vidstack, media-chrome and Mux elements: their sources, titles, posters and tracks."""

    name = "vidstack"
    finds = '<media-player title="Cats" src="cats.mp4"></media-player>'
    marks = tuple(f"<{tag}" for tag in (*ELEMENTS.split(", "), "mux-player"))

    def in_markup(self, page: Page) -> Iterator[MediaItem | Link]:
        """`<media-player title="…" src="x.m3u8">`, with `<source>` and `<track>` inside."""
        for element in page.select(ELEMENTS):
            for item in elements.player_items(page, element):
                yield replace(item, origin=f"<{element.tag!s}>") if item.type != "other" else item
        for element in page.select("[playback-id]"):
            yield MediaItem(
                MUX.format(element.get("playback-id", "").partition("?")[0]),
                "video",
                mime="application/vnd.apple.mpegurl",
                title=element.get("metadata-video-title") or element.get("title"),
                origin=f"<{element.tag!s} playback-id>",
            )


@hookimpl
def reelin_extractors() -> list[Extractor]:
    """The built-in `vidstack`."""
    return [Vidstack()]
