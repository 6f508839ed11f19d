"""Streams get the title, the heading or the number that other items get by their addresses."""

from __future__ import annotations

import pytest
from support.loopback import Loopback, reply

from reelin import Network, Session
from reelin.page.stream_names import is_nameless_stream, says_nothing

STREAM = "#EXTM3U\n#EXT-X-TARGETDURATION:6\n#EXTINF:6,\n0.ts\n#EXT-X-ENDLIST\n"


@pytest.mark.parametrize(
    "stem",
    [
        "",
        "master",
        "Index",
        "playlist",
        "prog_index",
        "index-v1-a1",
        "master_720p",
        "hls-1080p",
        "chunklist_w12345",
        "720p",
        "1280",
        "0f8fad5b-d9cb-469f-a165-70867728950e",
        "d41d8cd98f00b204e9800998ecf8427e",
    ],
)
def test_names_that_say_nothing(stem: str) -> None:
    assert says_nothing(stem)
    assert is_nameless_stream(f"https://a.example/x/{stem or 'hls'}.m3u8?token=1", None)


@pytest.mark.parametrize(
    "stem", ["big-buck-bunny", "masterclass", "livestock", "film", "a", "S01E02"]
)
def test_names_that_say_something(stem: str) -> None:
    assert not says_nothing(stem)
    assert not is_nameless_stream(f"https://a.example/{stem}.m3u8", None)


def test_only_streams_are_nameless() -> None:
    assert not is_nameless_stream("https://a.example/video.mp4", "video/mp4")
    assert is_nameless_stream("https://a.example/manifest", "application/vnd.apple.mpegurl")
    assert is_nameless_stream("https://a.example/manifest.mpd", None)


def video(name: str, more: str = "") -> str:
    return f'<video src="/{name}/master.m3u8" {more}></video>'


SCRIPT = '<script>jwplayer("x").setup({file: "/a/master.m3u8"})</script>'


@pytest.mark.parametrize(
    ("page", "titles"),
    [
        (f"<title>A Stream</title>{video('a')}", ["A Stream"]),
        (f"<title>A Stream</title>{SCRIPT}", ["A Stream"]),
        (f"<h1>A Stream</h1>{video('a')}", ["A Stream"]),
        (f"{video('a')}", [None]),
        (f"<title>T</title>{video('a', 'title=Own')}", ["Own"]),
        (f"<title>T</title><h2>One</h2>{video('a')}<h2>Two</h2><p>{video('b')}", ["One", "Two"]),
        (f"<title>T</title><h1>T</h1>{video('a')}{video('b')}", ["1 T", "2 T"]),
        (
            f"<title>T</title><h2>One</h2>{video('a')}{video('b')}{video('c')}",
            ["One", "1 T", "2 T"],
        ),
        (f"<title>T</title>{video('a', 'title=Own')}{video('b')}", ["Own", "T"]),
        ("<title>T</title><h2>One</h2><video src=/film.m3u8></video>", [None]),
        ("<title>T</title><h2>One</h2><video src=/video.mp4></video>", [None]),
    ],
)
async def test_titles(server: Loopback, page: str, titles: list[str | None]) -> None:
    for name in "abc":
        server.on(f"/{name}/master.m3u8", reply(200, STREAM.encode(), "audio/mpegurl"))
    url = server.on("/page", reply(200, page.encode(), "text/html"))
    async with Session(network=Network(retries=0)) as session:
        items = [each async for each in session.items(url)]
    found = [
        f"{each.position} {each.title}" if each.position and each.title else each.title
        for each in items
    ]
    assert found == titles
    assert all(each.total in (None, 2) for each in items)
