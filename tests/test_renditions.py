"""Which rendition of a film a wished resolution takes."""

from __future__ import annotations

from itertools import permutations

import pytest

from reelin import Alternative, MediaItem, Resolution, UsageError

HEIGHTS = [(1920, 1080, 6_000_000), (1280, 720, 3_000_000), (1280, 720, 2_000_000), (640, 360, 800)]


def film(sizes: list[tuple[int, int, int]]) -> MediaItem:
    (width, height, rate), *others = sizes
    return MediaItem(
        "http://x.example/film.m3u8",
        "video",
        width=width,
        height=height,
        bitrate=rate,
        format=str(rate),
        alternatives=tuple(
            Alternative("http://x.example/film.m3u8", width=w, height=h, bitrate=r, format=str(r))
            for w, h, r in others
        ),
    )


@pytest.mark.parametrize(
    ("wish", "rate", "is_it"),
    [
        ("best", 6_000_000, True),
        ("worst", 800, True),
        ("720p", 3_000_000, True),
        ("720", 3_000_000, True),
        ("1280x720", 3_000_000, True),
        ("1280X720", 3_000_000, True),
        ("1000p", 3_000_000, False),
        ("4000p", 6_000_000, False),
        ("144p", 800, False),
        ("1024x720", 3_000_000, False),
    ],
)
def test_the_rendition_that_fits(wish: str, rate: int, is_it: bool) -> None:
    for sizes in permutations(HEIGHTS):
        item, exact = Resolution.of(wish).choose(film(list(sizes)))
        assert (item.bitrate, item.format, exact) == (rate, str(rate), is_it)
        assert {each.format for each in item.alternatives} | {item.format} == {
            str(each) for _, _, each in HEIGHTS
        }


def test_an_upright_film_is_called_by_its_width() -> None:
    item, exact = Resolution.of("720p").choose(film([(1080, 1920, 2), (720, 1280, 1)]))
    assert (item.width, exact) == (720, True)


def test_what_has_no_choice_stays() -> None:
    for item in (film(HEIGHTS[:1]), MediaItem("http://x.example/a.jpg", "image")):
        assert Resolution.of("144p").choose(item) == (item, True)


@pytest.mark.parametrize("text", ["", "hd", "0p", "x720", "1280x", "720pp", "-1", "99999999p"])
def test_what_is_no_resolution(text: str) -> None:
    with pytest.raises(UsageError, match="resolution"):
        Resolution.of(text)


@pytest.mark.parametrize("text", ["best", "worst", "720p", "1280x720"])
def test_as_it_was_written(text: str) -> None:
    assert str(Resolution.of(text)) == text
