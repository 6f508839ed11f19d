"""Video.js (https://videojs.com): `data-setup`, `videojs('x', {sources})`, `player.src({…})`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from reelin import (
    Extractor,
    Link,
    MediaItem,
    Page,
    Player,
    Scripts,
    elements,
    hookimpl,
    tracks,
)


class VideoJs(Player):
    """Video.js: sources of markup, `data-setup` and scripts, and the playlists of its plugin."""

    name = "videojs"
    finds = '<video class="video-js" data-setup=\'{"sources": [{"src": "cats.mp4"}]}\'></video>'
    marks = ("videojs", "video-js", "video.js")
    plays_in = ".video-js, video-js, [data-setup]"
    calls = ("videojs", "src", "playlist", "loadMedia")

    def given(self, args: tuple[Any, ...]) -> Iterable[Any]:
        """`videojs` is given an element and options, `loadMedia` what is to be played."""
        return [each.get("src", each) if _is_media(each) else each for each in args]

    def in_scripts(self, page: Page, scripts: Scripts) -> Iterator[MediaItem | Link]:
        """Also the subtitles that `addRemoteTextTrack({kind, src, srclang}, false)` is given."""
        yield from super().in_scripts(page, scripts)
        for where, call in scripts.calls("addRemoteTextTrack", self.marks):
            yield from tracks.captions(page, call.args, where)

    def in_markup(self, page: Page) -> Iterator[MediaItem | Link]:
        """`<video-js data-setup='{"sources": […]}'>`, and the <source> elements in it."""
        for element in page.select("[data-setup]"):
            for each in tracks.in_text(page, element.get("data-setup", ""), "data-setup"):
                yield elements.complete(page, element, each)
        for element in page.select("video-js"):
            yield from elements.player_items(page, element)


def _is_media(value: Any) -> bool:
    """Whether this is the media object of `loadMedia`: its sources, and what is said of them."""
    return isinstance(value, dict) and isinstance(value.get("src"), list) and len(value) == 1


@hookimpl
def reelin_extractors() -> list[Extractor]:
    """The built-in `videojs`."""
    return [VideoJs()]
