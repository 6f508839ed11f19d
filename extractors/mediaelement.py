"""MediaElement.js (https://www.mediaelementjs.com): options and playlists in markup, `setSrc`."""

from __future__ import annotations

from collections.abc import Iterator

from reelin import (
    Extractor,
    Link,
    MediaItem,
    Page,
    Player,
    elements,
    hookimpl,
    tracks,
)

ENTRIES = ".mejs-playlist [data-url], .mejs__playlist [data-url], .mep-playlist [data-url]"


class MediaElement(Player):
    """MediaElement.js: sources in options and other JSON of its elements, playlists, `setSrc`."""

    name = "mediaelement"
    finds = '<script>new MediaElementPlayer("v").setSrc("cats.mp4")</script>'
    marks = ("mediaelement", "mejs")
    plays_in = "video, audio, [data-mejsoptions]"
    calls = ("setSrc", "MediaElementPlayer", "mediaelementplayer")

    def in_markup(self, page: Page) -> Iterator[MediaItem | Link]:
        """`<video data-mejsoptions='{…}'>`, and any other JSON of a player's attributes."""
        for element in page.select("video, audio, [data-mejsoptions]"):
            for name, value in element.items():
                if name.startswith("data-") and value.strip()[:1] in ("{", "["):
                    for each in tracks.in_text(page, value, name):
                        yield elements.complete(page, element, each)
        entries = [
            {"text": elements.text_of(each)}
            | {name.removeprefix("data-"): value for name, value in each.items()}
            for each in page.select(ENTRIES)
        ]
        yield from tracks.read(page, entries, "playlist of data-url")


@hookimpl
def reelin_extractors() -> list[Extractor]:
    """The built-in `mediaelement`."""
    return [MediaElement()]
