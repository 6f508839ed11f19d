"""Players that are elements of their own: Vidstack, media-chrome and their like."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from reelin import Extractor, Link, MediaItem, Page, Player, elements, hookimpl, tracks

if TYPE_CHECKING:
    from lxml.etree import _Element

# Elements that take what <video> and <audio> take: an address, <source> and <track> elements.
ELEMENTS = (
    "media-player media-outlet media-provider hls-video hls-audio dash-video videojs-video"
    " shaka-video custom-video custom-audio mux-video mux-audio castable-video stream-player"
).split()
# Elements that play the pages of other sites.
EMBEDS = ("youtube-video", "vimeo-video", "twitch-video")
# Of Mux's players only an id stands in the page (https://www.mux.com/docs/guides/play-your-videos).
MUX = "https://stream.mux.com/{}.m3u8"


class Vidstack(Player):
    """Vidstack, media-chrome and Mux elements: their sources, titles, posters and tracks."""

    name = "vidstack"
    finds = '<media-player title="Cats" src="cats.mp4"></media-player>'
    plays_in = ", ".join(ELEMENTS)

    def is_on(self, page: Page) -> bool:
        """Told by its elements alone: scripts are given nothing."""
        return next(page.tree.iter(*ELEMENTS, *EMBEDS, "mux-player"), None) is not None

    def in_markup(self, page: Page) -> Iterator[MediaItem | Link]:
        """`<media-player title="…" src="x.m3u8">`, with `<source>` and `<track>` inside."""
        for element in page.tree.iter(*ELEMENTS, *EMBEDS):
            url = _page_of(element)
            if url:
                yield Link(url, origin=f"<{element.tag!s}>")
            elif next(element.iterancestors(*ELEMENTS), None) is None:
                yield from elements.player_items(page, element)
        for element in page.select("[playback-id]"):
            yield MediaItem(
                MUX.format(element.get("playback-id", "").partition("?")[0]),
                "video",
                mime="application/vnd.apple.mpegurl",
                title=element.get("metadata-video-title") or element.get("title"),
                origin=f"<{element.tag!s} playback-id>",
            )


def _page_of(element: _Element) -> str | None:
    """`<media-player src="youtube/ID">`, `<youtube-video src="https://…">`."""
    source = element.get("src", "")
    provider, _, video = source.partition("/")
    return tracks.page_of_video(provider, video) or (source if elements.is_player(source) else None)


@hookimpl
def reelin_extractors() -> list[Extractor]:
    """The built-in `vidstack`."""
    return [Vidstack()]
