"""yt-dlp as an extractor: a real YoutubeDL with extractors of our own, offline."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from support.site import Site
from yt_dlp import YoutubeDL
from yt_dlp.extractor.common import InfoExtractor

from reelin import ExtractError, FetchError, MediaItem, Page, PluginError, Session, UsageError
from reelin.extractors.ytdlp import Ytdlp, reelin_extractors
from reelin.testing import check
from reelin.ytdlp import Backend

CDN = "https://cdn.example"
FILM: dict[str, Any] = {
    "id": "7",
    "title": "The film",
    "uploader": "Ann",
    "duration": 61.5,
    "timestamp": 1_700_000_000,
    "thumbnail": f"{CDN}/7.jpg",
    "formats": [
        {"format_id": "s", "url": f"{CDN}/7.m4a", "ext": "m4a", "vcodec": "none", "acodec": "mp4a.40.2", "abr": 128},
        {"format_id": "l", "url": f"{CDN}/7-360.mp4", "ext": "mp4", "height": 360, "vcodec": "avc1", "acodec": "mp4a"},
        {"format_id": "m", "url": f"{CDN}/7-720.mp4", "ext": "mp4", "height": 720, "width": 1280, "tbr": 1500, "filesize": 5000, "vcodec": "avc1", "acodec": "mp4a"},
        {"format_id": "v", "url": f"{CDN}/7-1080.webm", "ext": "webm", "height": 1080, "vcodec": "vp9", "acodec": "none"},
    ],
}  # fmt: skip


class FilmIE(InfoExtractor):
    _VALID_URL = r"https?://films\.example/(?P<id>\w+)"

    def _real_extract(self, url: str) -> Any:
        if self._match_id(url) == "list":
            films = [
                self.url_result(f"https://films.example/{each}") for each in ("a", "gone", "b")
            ]
            return self.playlist_result(iter(films), "list", "All films")
        if self._match_id(url) == "gone":
            self.raise_geo_restricted("\x1b[31mNot in your country\x1b[0m", countries=["FR"])
        if self._match_id(url) == "broken":
            self._search_regex(r"x", "y", "the key")
        return {**FILM, "id": self._match_id(url), "title": f"Film {self._match_id(url)}"}


class Offline(Backend):
    """A real YoutubeDL that knows only extractors of the tests."""

    known: tuple[type[InfoExtractor], ...] = (FilmIE,)

    def claims(self, url: str) -> bool:
        return any(each.suitable(url) for each in self.known)

    def downloader(self) -> YoutubeDL:
        ydl = super().downloader()
        ydl._ies.clear()
        for each in self.known:
            ydl.add_info_extractor(each())
        return ydl


async def found_at(url: str, **options: Any) -> list[MediaItem]:
    extractor = Ytdlp(backend=Offline(), **options)
    return [each async for each in extractor.extract(Page(url))]


def test_it_keeps_what_every_extractor_promises() -> None:
    (extractor,) = reelin_extractors()
    check(extractor)


async def test_a_film_with_its_facts() -> None:
    (film,) = await found_at("https://films.example/7")
    assert film.url == f"{CDN}/7-720.mp4"
    assert (film.type, film.mime, film.height, film.width) == ("video", "video/mp4", 720, 1280)
    assert (film.size, film.bitrate, film.duration) == (5000, 1_500_000, 61.5)
    assert (film.title, film.artist, film.filename) == ("Film 7", "Ann", "Film 7.mp4")
    assert film.date == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
    assert film.thumbnail == f"{CDN}/7.jpg"
    assert "User-Agent" in film.headers
    assert [(each.url, each.type) for each in film.alternatives] == [
        (f"{CDN}/7-360.mp4", None),
        (f"{CDN}/7.m4a", "audio"),
    ]


async def test_a_list_comes_entry_by_entry_and_tells_what_failed_at_its_end() -> None:
    extractor = Ytdlp(backend=Offline())
    found = []
    with pytest.raises(ExtractError) as failure:
        async for item in extractor.extract(Page("https://films.example/list")):
            found.append(item)
    assert [(each.title, each.position, each.album) for each in found] == [
        ("Film a", 1, "All films"),
        ("Film b", 3, "All films"),
    ]
    assert str(failure.value) == "https://films.example/list: Not in your country"


async def test_an_entry_is_there_before_the_next_is_asked_for() -> None:
    asked: list[str] = []

    class Slow(FilmIE):
        def _real_extract(self, url: str) -> Any:
            asked.append(self._match_id(url))
            return super()._real_extract(url)

    class Watched(Offline):
        known = (Slow,)

    finds = Ytdlp(backend=Watched()).extract(Page("https://films.example/list"))
    assert (await anext(finds)).title == "Film a"
    assert asked == ["list", "a"]
    await finds.aclose()  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("name", "kind", "message"),
    [
        ("gone", ExtractError, "https://films.example/gone: Not in your country"),
        ("broken", PluginError, "https://films.example/broken: Unable to extract the key (yt-dlp; a newer version may help)"),
    ],
)  # fmt: skip
async def test_errors_are_one_clean_line(name: str, kind: type[Exception], message: str) -> None:
    with pytest.raises(kind) as failure:
        await found_at(f"https://films.example/{name}")
    assert str(failure.value) == message


@pytest.mark.parametrize(
    ("options", "name"),
    [
        ({}, "7-720.mp4"),
        ({"format": "worst"}, "7-360.mp4"),
        ({"quality": "worst"}, "7-360.mp4"),
        ({"quality": "480p"}, "7-360.mp4"),
        ({"quality": "1080p"}, "7-720.mp4"),
        ({"format": "audio"}, "7.m4a"),
        ({"format": "mp3"}, "7.m4a"),
        ({"format": "m4a", "quality": "192k"}, "7.m4a"),
    ],
)
async def test_the_format_that_is_wanted(options: dict[str, Any], name: str) -> None:
    (film,) = await found_at("https://films.example/7", **options)
    assert film.url == f"{CDN}/{name}"
