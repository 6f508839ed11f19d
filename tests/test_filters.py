"""Filters answer keep, drop, or cannot tell yet; alternatives step in."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelin import Alternative, Audio, Date, Extension, MediaItem, Size, Type, UsageError
from reelin.model.units import format_size, parse_date, parse_rate, parse_size
from reelin.plugins.filter import Filter
from reelin.run.filters import as_audio, judge, prefer


def item(url: str = "http://x/a.mp3", **more: object) -> MediaItem:
    return MediaItem(url, **more)  # type: ignore[arg-type]


JAN = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("rule", "candidate", "keep"),
    [
        (Type({"audio"}), item(type="audio"), True),
        (Type({"audio"}), item(type="video"), False),
        (Type({"audio"}), item(), None),
        (Type({"audio"}), item(mime="audio/mpeg"), True),
        (Extension({".MP3"}), item(), True),
        (Extension({"jpg"}), item("http://x/a.JPEG"), True),
        (Extension({"ogg"}), item(), False),
        (Extension(never={"mp3"}), item(), False),
        (Extension({"mp3"}), item("http://x/get?id=1"), None),
        (Extension({"mp3"}), item("http://x/get.php", mime="audio/mpeg"), True),
        (Extension({"png"}), item("http://x/get", mime="image/jpeg"), False),
        (Size(10, 20), item(), None),
        (Size(10, 20), item(size=10), True),
        (Size(10, 20), item(size=20), True),
        (Size(10, 20), item(size=9), False),
        (Size(10, 20), item(size=21), False),
        (Size(10), item(size=10**15), True),
        (Date(JAN), item(), None),
        (Date(JAN), item(date=JAN), True),
        (Date(JAN), item(date=JAN - timedelta(seconds=1)), False),
        (Date(last=JAN), item(date=JAN), True),
        (Date(JAN), item(date=datetime(2026, 1, 1, 1, tzinfo=timezone(timedelta(hours=2)))), False),
    ],
)
def test_verdicts(rule: Filter, candidate: MediaItem, keep: bool | None) -> None:
    verdict = rule.judge(candidate)
    assert verdict.keep is keep
    assert bool(verdict.reason) is (keep is False)


def test_the_first_that_drops_decides() -> None:
    rules = [Size(10), Type({"video"}), Extension({"ogg"})]
    assert judge(item(type="audio"), rules)[0] == "type"
    assert judge(item(type="video"), rules)[0] == "ext"
    assert judge(item(type="video"), rules[:2])[1].keep is None
    assert judge(item(type="video"), [])[1].keep is True


def test_an_unknown_type_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="image, video"):
        Type({"movie"})


def test_an_alternative_steps_in_for_what_is_refused() -> None:
    ogg = item(
        "http://x/a.ogg", type="audio", title="T", alternatives=(Alternative("http://x/a.mp3"),)
    )
    chosen = prefer(ogg, [Extension({"mp3"})])
    assert (chosen.url, chosen.title) == ("http://x/a.mp3", "T")
    assert [each.url for each in chosen.alternatives] == ["http://x/a.ogg"]
    assert prefer(ogg, [Extension({"ogg"})]) is ogg
    assert prefer(ogg, [Extension({"wav"})]) is ogg


@pytest.mark.parametrize(
    ("name", "other", "expected"),
    [
        ("Talk.mp4", Alternative("http://x/videoplayback?id=1", mime="audio/mp4"), "Talk.m4a"),
        ("Talk.mp4", Alternative("http://x/a.mp3"), "Talk.mp3"),
        ("Talk no. 5", Alternative("http://x/a.mp3"), "Talk no. 5.mp3"),
        ("Talk.MP4", Alternative("http://x/a", mime="application/octet-stream"), "Talk.MP4"),
        (None, Alternative("http://x/a.mp3"), None),
    ],
)
def test_an_alternative_keeps_the_name_with_its_own_ending(
    name: str | None, other: Alternative, expected: str | None
) -> None:
    film = item(
        "http://x/a.mp4", type="video", filename=name, alternatives=(replace(other, type="audio"),)
    )
    assert prefer(film, [Type({"audio"})]).filename == expected


@given(st.integers(0, 10**12), st.integers(0, 10**12), st.integers(0, 10**12))
def test_size_is_an_interval(size: int, least: int, most: int) -> None:
    assert (Size(least, most).judge(item(size=size)).keep is True) == (least <= size <= most)


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("0", 0),
        ("500", 500),
        ("10k", 10240),
        ("5M", 5 << 20),
        ("1.5GiB", 3 << 29),
        ("2 KB", 2048),
        ("1TB", 1 << 40),
    ],
)
def test_sizes_are_read(text: str, size: int) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "k", "-1", "1e9", "5X", "ten", "1,5M", "9" * 30, "99999999T"])
def test_what_is_no_size_is_told(text: str) -> None:
    with pytest.raises(UsageError):
        parse_size(text)


@pytest.mark.parametrize(
    ("text", "rate"), [("500k", 512000), ("2M", 2 << 20), ("1MiB/s", 1 << 20), ("3kbps", 3072)]
)
def test_rates_are_read(text: str, rate: int) -> None:
    assert parse_rate(text) == rate


@pytest.mark.parametrize("text", ["0", "fast", "", "0.1"])
def test_what_is_no_rate_is_told(text: str) -> None:
    with pytest.raises(UsageError):
        parse_rate(text)


def test_dates_are_inclusive_and_utc() -> None:
    assert parse_date("2026-01-31") == datetime(2026, 1, 31, tzinfo=UTC)
    assert parse_date("2026-01-31", end=True).time().isoformat() == "23:59:59.999999"
    assert parse_date("2026-01-31T10:00+02:00").utcoffset() == timedelta(hours=2)
    assert parse_date("2026-01-31T10:00", end=True).hour == 10


@given(st.text())
def test_dates_and_sizes_never_raise_anything_else(text: str) -> None:
    for parse in (parse_date, parse_size, parse_rate):
        try:
            parse(text)
        except UsageError as error:
            assert str(error)


@pytest.mark.parametrize(
    ("size", "text"), [(0, "0 B"), (1023, "1023 B"), (1536, "1.5 KiB"), (5 << 40, "5.0 TiB")]
)
def test_sizes_for_people(size: int, text: str) -> None:
    assert format_size(size) == text


@pytest.mark.parametrize(
    ("offered", "wish", "taken"),
    [
        ("ogg mp3 wav", "mp3 best", "mp3"),
        ("ogg m4a wav", "mp3 best", "wav"),
        ("ogg m4a flac", "wav best", "flac"),
        ("mp3 flac wav", "wav best", "wav"),
        ("mp3 opus", "flac best", "mp3"),  # the first, where nothing tells which is best
        ("ogg:96 m4a:256 opus:160", "mp3 best", "m4a:256"),
        ("mp3:128 mp3:320 flac", "mp3 best", "mp3:320"),
        ("ogg aac", "m4a best", "aac"),
        ("mp3 m4b aiff", "m4a best", "m4b"),
        ("mp4:2000 ogg mp3", "mp3 best", "mp3"),
        ("mp4 ogg", "mp3 best", "ogg"),
        ("mp4", "mp3 best", "mp4"),
        ("mp4 webm", "mp3 best", "mp4"),
        ("mp3:320 flac ogg", "mp3 128k", "flac"),
        ("ogg mp3:128 flac", "mp3 192k", "mp3:128"),
        ("ogg mp3:320", "mp3 128k", "mp3:320"),
        ("mp3 flac", "mp3 worst", "flac"),
        ("audio/x-mp3 wav", "mp3 best", "audio/x-mp3"),
        ("audio/ogg audio/x-flac", "opus best", "audio/x-flac"),
        ("jpg mp3", "mp3 best", "jpg"),
    ],
)
def test_what_audio_is_made_of(offered: str, wish: str, taken: str) -> None:
    def rendition(word: str) -> dict[str, object]:
        form, _, rate = word.partition(":")
        mime = form if "/" in form else None
        url = f"http://x/{word.replace('/', '-')}" + ("" if mime else f"/a.{form}")
        kind = {"mp4": "video", "webm": "video", "jpg": "image"}.get(form, "audio")
        bitrate = int(rate) * 1000 if rate else None
        return {"url": url, "type": kind, "mime": mime, "bitrate": bitrate}

    first, *others = (rendition(word) for word in offered.split())
    alternatives = tuple(Alternative(**each) for each in others)
    found = as_audio(item(**first, alternatives=alternatives), (), Audio(*wish.split()))
    assert found.url == rendition(taken)["url"]
    assert (found.audio is None) == (found.type == "image")


def test_what_a_filter_refuses_is_no_source_of_audio() -> None:
    track = item("http://x/a.ogg", type="audio", alternatives=(Alternative("http://x/a.mp3"),))
    wish = Audio("mp3")
    assert as_audio(track, [Extension(never={"mp3"})], wish).url == "http://x/a.ogg"
    assert as_audio(track, (), None) is track
