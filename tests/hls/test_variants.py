"""Which variant is the best, the worst and the one that was asked for, whatever a playlist says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.command import Command
from support.hls import MIME, Cut, decoded, playlist, put, served
from support.live import QUICK
from support.loopback import Loopback, reply
from support.outcomes import fetch, names_in

from reelin import MediaItem, hls, m3u8
from reelin.model.resolution import Resolution

URL = "https://a.example/master.m3u8"


def item_of(*streams: str) -> MediaItem:
    """A stream with these variants: attributes, and after a space the address."""
    lines = [
        f"#EXT-X-STREAM-INF:{about}\n{uri or f'{at}.m3u8'}"
        for at, (about, _, uri) in enumerate(each.partition(" ") for each in streams)
    ]
    master = m3u8.parse("\n".join(["#EXTM3U", *lines]), URL)
    assert isinstance(master, m3u8.Master)
    best, *others = hls.renditions(master, hls.Choice())
    facts = {"width": best.width, "height": best.height, "bitrate": best.bitrate}
    return MediaItem(
        URL, best.type, **facts, format=best.format, alternatives=tuple(others), protocol="hls"
    )


def order(*streams: str) -> list[str]:
    master = m3u8.parse(
        "\n".join(
            ["#EXTM3U", *(f"#EXT-X-STREAM-INF:{s}\n{at}.m3u8" for at, s in enumerate(streams))]
        ),
        URL,
    )
    assert isinstance(master, m3u8.Master)
    found = hls.renditions(master, hls.Choice())
    return [each.url.rpartition("/")[2].partition(".")[0] for each in found]


@pytest.mark.parametrize(
    ("streams", "best_first"),
    [
        (["BANDWIDTH=1,RESOLUTION=2x2", "BANDWIDTH=3,RESOLUTION=6x6"], "10"),
        (["BANDWIDTH=5,RESOLUTION=2x2", "BANDWIDTH=5,RESOLUTION=6x6"], "10"),
        (["RESOLUTION=2x2", "RESOLUTION=6x6", "RESOLUTION=4x4"], "120"),
        (["BANDWIDTH=0,RESOLUTION=2x2", "BANDWIDTH=0,RESOLUTION=6x6"], "10"),
        (["BANDWIDTH=5,AVERAGE-BANDWIDTH=1", "BANDWIDTH=5,AVERAGE-BANDWIDTH=4"], "10"),
        (["AVERAGE-BANDWIDTH=1", "AVERAGE-BANDWIDTH=4"], "10"),
        (['BANDWIDTH=5,NAME="360p"', 'BANDWIDTH=5,NAME="1080p HD"'], "10"),
        (["BANDWIDTH=9,RESOLUTION=426x240", "BANDWIDTH=5,RESOLUTION=1280x720"], "10"),
        (["BANDWIDTH=9,RESOLUTION=426x240", "RESOLUTION=1280x720"], "10"),
        (["BANDWIDTH=5,RESOLUTION=720x1280", "BANDWIDTH=5,RESOLUTION=1280x540"], "01"),
        (["BANDWIDTH=5,RESOLUTION=2x2", "BANDWIDTH=7,RESOLUTION=2x2"], "10"),
        (["BANDWIDTH=9", "BANDWIDTH=5,RESOLUTION=1280x720"], "01"),
        (['BANDWIDTH=9,CODECS="mp4a.40.2"', "BANDWIDTH=5,RESOLUTION=2x2"], "10"),
        (['BANDWIDTH=9,NAME="a"', 'BANDWIDTH=9,NAME="b"'], "01"),
        (["PROGRAM-ID=1", "PROGRAM-ID=1"], "01"),
        (["BANDWIDTH=5,RESOLUTION=640*360", "BANDWIDTH=5,RESOLUTION=1920*1080"], "10"),
        (['BANDWIDTH=5,NAME="480p30"', 'BANDWIDTH=5,NAME="720p60"'], "10"),
        (
            [
                "BANDWIDTH=5,RESOLUTION=4x4,FRAME-RATE=30",
                "BANDWIDTH=5,RESOLUTION=4x4,FRAME-RATE=60",
            ],
            "10",
        ),
        (['BANDWIDTH=9,NAME="audio_only"', "BANDWIDTH=5"], "10"),
    ],
)
def test_the_best_comes_first(streams: list[str], best_first: str) -> None:
    assert "".join(order(*streams)) == best_first


@pytest.mark.parametrize(
    ("streams", "wish", "chosen", "is_it"),
    [
        (["BANDWIDTH=9", "BANDWIDTH=5", "BANDWIDTH=7"], "worst", "@5", True),
        (["BANDWIDTH=5", "BANDWIDTH=9", "BANDWIDTH=7"], "best", "@9", True),
        (["BANDWIDTH=9", "BANDWIDTH=5"], "720p", "@9", False),
        (['NAME="a"', 'NAME="b"'], "worst", "@0~b", True),
        (["BANDWIDTH=9 hd/1080p.m3u8", "BANDWIDTH=5 hd/720p.m3u8"], "720p", "@5", True),
        (["BANDWIDTH=9 1080p/a.m3u8", "BANDWIDTH=5 720P/a.m3u8?x=1"], "720p", "@5", True),
        (['BANDWIDTH=9,NAME="1080p"', 'BANDWIDTH=9,NAME="720p"'], "720p", "@9~720p", True),
        (['BANDWIDTH=9,NAME="1080p"', 'BANDWIDTH=9,NAME="480p"'], "720p", "@9~480p", False),
        (["BANDWIDTH=9,RESOLUTION=16x9", "BANDWIDTH=5"], "worst", "@5", True),
        (["BANDWIDTH=9,RESOLUTION=16x9", "BANDWIDTH=5"], "9p", "16x9@9", True),
        (['BANDWIDTH=1,CODECS="mp4a.40.2"', "BANDWIDTH=9", "BANDWIDTH=5"], "worst", "@5", True),
    ],
)
def test_a_wish(streams: list[str], wish: str, chosen: str, is_it: bool) -> None:
    item, met = Resolution.of(wish).choose(item_of(*streams))
    assert hls.Choice.read(item.format).variant == chosen and met is is_it
    assert item.url == URL and item.protocol == "hls", "its audio stands in the playlist of all"


@pytest.mark.parametrize(
    ("stream", "kind"),
    [
        ('BANDWIDTH=1,NAME="audio_only"', "audio"),
        ('BANDWIDTH=1,NAME="Audio Only"', "audio"),
        ('BANDWIDTH=1,NAME="audio"', "audio"),
        ('BANDWIDTH=1,VIDEO="audio_only"', "audio"),
        ('BANDWIDTH=1,VIDEO="audio_only",CODECS="mp4a.40.2"', "audio"),
        ("BANDWIDTH=1 live/audio_only.m3u8?token=1", "audio"),
        ("BANDWIDTH=1 live/audio-only/index.m3u8", "audio"),
        ("BANDWIDTH=1 stream_audio_only.m3u8", "audio"),
        ("BANDWIDTH=1 chunked/index.m3u8", "video"),
        ("BANDWIDTH=1 audio/index.m3u8", "video"),
        ("BANDWIDTH=1 audio_only/a/b/index.m3u8", "video"),
        ('BANDWIDTH=1,NAME="not audio"', "video"),
        ('BANDWIDTH=1,NAME="audio_only",RESOLUTION=4x4', "video"),
        ('BANDWIDTH=1,NAME="audio_only",CODECS="avc1.4d401f,mp4a.40.2"', "video"),
        ('BANDWIDTH=1,NAME="audio_only",FRAME-RATE=30', "video"),
    ],
)
def test_sound_that_only_its_name_tells(stream: str, kind: str) -> None:
    assert item_of(stream).type == kind
    item, _ = Resolution.of("worst").choose(item_of("BANDWIDTH=9", "BANDWIDTH=5", stream))
    assert hls.Choice.read(item.format).variant == (
        "@5" if kind == "audio" else item_of(stream).format
    )


AUDIO = "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=a,"


@pytest.mark.parametrize(
    ("renditions", "wish", "chosen"),
    [
        (["en", "fra"], "fr", "1"),
        (["en", "fr"], "fre", "1"),
        (["en", "fre-CA"], "FRA", "1"),
        (["en", "de"], "ger", "1"),
        (["en", "chi"], "zho", "1"),
        (["en", "gsw"], "gsw", "1"),
        (["en", "frr"], "fr", "0"),
        (["en!", "en"], "", "1"),
        (["en!", "en"], "en", "1"),
        (["en!", "en"], "n0", "0"),
        (["en!", "fr"], "en", "0"),
        (["en!"], "", "0"),
    ],
)
def test_the_sound_of_a_wish(renditions: list[str], wish: str, chosen: str) -> None:
    """`!`: it is the default, and describes the picture."""
    more = ',DEFAULT=YES,CHARACTERISTICS="public.accessibility.describes-video"'
    lines = [
        f'{AUDIO}NAME="n{at}",LANGUAGE="{each.strip("!")}",URI="{at}.m3u8"'
        + (more if "!" in each else "")
        for at, each in enumerate(renditions)
    ]
    master = m3u8.parse(
        "\n".join(["#EXTM3U", *lines, "#EXT-X-STREAM-INF:BANDWIDTH=1,AUDIO=a", "film.m3u8"]), URL
    )
    assert isinstance(master, m3u8.Master)
    taken = hls.choose_audio(master, master.variants[0], hls.Choice(audio=wish))
    assert taken is not None and taken.name == f"n{chosen}"


def two(server: Loopback, one: Cut, other: Cut, *about: str) -> str:
    served(server, "one", one)
    served(server, "two", other)
    lines = "".join(
        f"#EXT-X-STREAM-INF:{each}\n/{name}/film.m3u8\n"
        for each, name in zip(about, ("one", "two"), strict=True)
    )
    return server.on("/master.m3u8", reply(200, f"#EXTM3U\n{lines}".encode(), MIME))


def half(ts: Cut) -> Cut:
    return Cut(ts.segments[:2], ts.durations[:2])


def test_from_the_command_line(server: Loopback, ts: Cut, tmp_path: Path) -> None:
    url = two(server, ts, half(ts), "BANDWIDTH=9", "BANDWIDTH=5")
    for wish, name in (("worst", "two"), ("best", "one")):
        words = (url, wish, "--no-config", "--resolution", wish)
        assert Command(*words, home=tmp_path).end().code == 0
        (saved,) = names_in(tmp_path / "downloads" / wish)
        path = tmp_path / "downloads" / wish / saved
        assert decoded(path) == decoded(server.url(f"/{name}/film.m3u8"))
    told = Command(url, "x", "--no-config", "--resolution", "720p", home=tmp_path).end()
    assert told.code == 0 and "no size is told" in told.err


def test_alternatives_have_their_own_address(server: Loopback, ts: Cut, tmp_path: Path) -> None:
    url = two(server, ts, half(ts), "BANDWIDTH=9", "BANDWIDTH=5")
    shown = Command(url, "--dry-run", "--json", "--no-config", home=tmp_path).end()
    (item,) = [each for each in map(json.loads, shown.out.splitlines()) if "alternatives" in each]
    (other,) = item["alternatives"]
    assert item["url"] == url and other["url"] == server.url("/two/film.m3u8")


async def test_vod_without_an_end(server: Loopback, ts: Cut, tmp_path: Path) -> None:
    lines = ts.lines(*put(server, "x", ts.segments))
    text = playlist("#EXT-X-PLAYLIST-TYPE:VOD", *lines, ends=False)
    report, _ = await fetch(server.on("/film.m3u8", reply(200, text, MIME)), tmp_path)
    assert report.ok
    assert decoded(tmp_path / report.saved[0].name) == decoded(served(server, "plain", ts))
    event = playlist("#EXT-X-PLAYLIST-TYPE:EVENT", *lines, ends=False)
    url = server.on("/event.m3u8", reply(200, event, MIME))
    report, _ = await fetch(url, tmp_path / "event")
    assert "is live" in report.failures[0].error


@pytest.mark.parametrize("mime", [MIME, "text/plain", "application/octet-stream", "video/mp4"])
@pytest.mark.parametrize("begin", ["#EXTM3U\n", "#EXTM3U\n#EXTINF:6,\n", "\ufeff#EXTM3U\r\n"])
async def test_a_playlist_that_is_too_long(
    server: Loopback, tmp_path: Path, mime: str, begin: str
) -> None:
    """A line of twelve million letters: nothing of it is saved, from a page or by itself."""
    body = begin.encode() + b"a" * 12_000_000 + b"\n#EXT-X-ENDLIST\n"
    server.on("/long.m3u8", reply(200, body, mime))
    page = reply(200, b"<title>x</title><video src='/long.m3u8'></video>", "text/html")
    for url in (server.url("/long.m3u8"), server.on("/page", page)):
        report, _ = await fetch(url, tmp_path, network=QUICK)
        assert not report.ok and report.saved == () and names_in(tmp_path) == []
