"""Playlists of plain files: M3U, PLS and XSPF."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelin import Link, MediaItem, Page
from reelin.extractors.playlists import Playlists, reelin_extractors
from reelin.testing import check

HERE = "https://radio.example/lists/"


def page(text: str, mime: str = "audio/x-mpegurl", name: str = "list") -> Page:
    return Page(f"{HERE}{name}", text.encode(), {"content-type": mime})


def found_on(page: Page, playlists: Playlists | None = None) -> list[MediaItem | Link]:
    return list((playlists or Playlists()).extract(page))


def items_of(page: Page) -> list[MediaItem]:
    return [each for each in found_on(page) if isinstance(each, MediaItem)]


def test_it_keeps_what_every_extractor_promises() -> None:
    (playlists,) = reelin_extractors()
    check(playlists)


def test_m3u_with_all_that_it_may_say() -> None:
    one, two, three = items_of(
        page(
            "\ufeff#EXTM3U\r\n#PLAYLIST:The  list\r\n#EXTINF:123.5,Ann - One, or more\r\n#EXTART:Ann\r\n01 One.mp3\r\n\r\n"
            '#EXTINF:-1 tvg-logo="/t,wo.png" group-title="x",Two\r\nhttps://cdn.example/2.ogg\r\n'
            "#EXTALB:Album\r\n# comment\r\n..\\3.flac\r\n"
        )
    )
    assert one == MediaItem(
        f"{HERE}01%20One.mp3",
        "audio",
        title="Ann - One, or more",
        artist="Ann",
        album="The list",
        position=1,
        total=3,
        duration=123.5,
        origin="M3U",
    )
    assert (two.title, two.duration, two.noise) == ("Two", None, None)
    assert two.thumbnail == "https://radio.example/t,wo.png"
    assert (three.url, three.album) == ("https://radio.example/3.flac", "Album")


@pytest.mark.parametrize(
    "playlist",
    [
        page(
            "#EXTM3U\n#EXT-X-VERSION:3\n#EXTINF:5,\na.ts\n#EXT-X-ENDLIST", "application/x-mpegurl"
        ),
        page("<html><p>a.mp3</p></html>", "text/html", "list.m3u"),
        page("<html>[playlist] #EXTM3U <playlist></html>", "text/html"),
        page("a.mp3\nb.mp3", "text/plain", "list.txt"),
        page("", "audio/x-mpegurl"),
    ],
)
def test_what_is_no_playlist_of_files(playlist: Page) -> None:
    assert found_on(playlist) == []


def test_plain_m3u_by_its_name() -> None:
    assert [item.url for item in items_of(page("a.mp3\nb.mp3\n", "text/plain", "l.m3u"))] == [
        f"{HERE}a.mp3",
        f"{HERE}b.mp3",
    ]


PLS = """[playlist]
NumberOfEntries=3
File2=https://b.example/2.mp3
Title2= Two
Length2=61
File1=1.mp3
Length1=-1
file3=http://radio.example:8000/
Length3=-1
Title99=nothing
Version=2"""


def test_pls() -> None:
    one, two, live = items_of(page(PLS, "audio/x-scpls"))
    assert (one.url, one.position, one.noise) == (f"{HERE}1.mp3", 1, None)
    assert (two.title, two.duration, two.position, two.total) == ("Two", 61.0, 2, 3)
    assert live.noise == "perhaps a stream that never ends"
    (*_, wanted) = found_on(page(PLS), Playlists(live=True))
    assert isinstance(wanted, MediaItem)
    assert wanted.noise is None


def test_xspf() -> None:
    items = items_of(
        page(
            """<?xml version="1.0"?><playlist version="1" xmlns="http://xspf.org/ns/0/"><title>Mix</title><creator>DJ</creator>
            <trackList><track><location>a%20b.ogg</location><location>a.mp3</location><title>A &amp; B</title><creator>Ann</creator>
            <album>Al</album><duration>61500</duration><image>a.jpg</image></track><track><title>lost</title></track>
            <track><location> https://b.example/b.mp3 </location></track></trackList></playlist>""",
            "application/xspf+xml",
        )
    )
    assert items[0] == MediaItem(
        f"{HERE}a%20b.ogg",
        "audio",
        title="A & B",
        artist="Ann",
        album="Al",
        position=1,
        total=2,
        duration=61.5,
        thumbnail=f"{HERE}a.jpg",
        alternatives=items[0].alternatives,
        origin="XSPF",
    )
    assert [each.url for each in items[0].alternatives] == [f"{HERE}a.mp3"]
    assert (items[1].url, items[1].artist, items[1].album) == (
        "https://b.example/b.mp3",
        "DJ",
        "Mix",
    )


def test_playlists_within_playlists_are_links() -> None:
    found = found_on(page("#EXTM3U\nmore.m3u\nvideo.m3u8"))
    assert found[0] == Link(f"{HERE}more.m3u", "M3U", offsite=True)
    assert isinstance(found[1], MediaItem)


LINES = ["#EXTM3U", "[playlist]", "#EXTINF:", '#EXTINF:-1 a="b",c', "a.mp3", "File1=a", "Length1=x"]
LINES += ["file0=http://[", "<playlist>", "<trackList>", "<track>", "<location>a</location>", "&a;"]


@given(
    st.sampled_from(["#EXTM3U\n", "[playlist]\n", "<playlist><trackList><track>", ""]),
    st.lists(st.one_of(st.sampled_from(LINES), st.text(max_size=9)), max_size=30),
)
def test_any_mixture_of_lines_is_read(start: str, lines: list[str]) -> None:
    for each in found_on(page(start + "\n".join(lines))):
        assert each.url.startswith("http")


@pytest.mark.parametrize(
    "unit", ['#EXTINF:1 a="\n', "a", '#EXTINF:-1,"a="', "<playlist>", "File1=", "\n"]
)
def test_large_playlists_take_linear_time(unit: str) -> None:
    started = time.monotonic()
    found_on(page("#EXTM3U\n" + unit * (1_000_000 // len(unit))))
    found_on(page("<playlist><trackList>" + unit * (1_000_000 // len(unit))))
    assert time.monotonic() - started < 10
