"""Embedded players on pages of our own, and the pages of other sites that they stand for."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.site import Site
from yt_dlp import YoutubeDL
from yt_dlp.extractor.common import InfoExtractor

from reelin import Link, Page, Session
from reelin.extractors.embeds import Embeds, reelin_extractors
from reelin.extractors.ytdlp import Ytdlp
from reelin.media.ytdlp import Backend
from reelin.plugins.registry import Registry
from reelin.testing import check

HERE = "https://blog.example/post/"
HTML = {"content-type": "text/html"}
WATCH = "https://www.youtube.com/watch?v="


def found_in(html: str) -> list[str]:
    return [each.url for each in Embeds().extract(Page(HERE, html.encode(), HTML))]


def test_it_keeps_what_every_extractor_promises() -> None:
    (extractor,) = reelin_extractors()
    check(extractor)


@pytest.mark.parametrize(
    ("player", "page"),
    [
        ("https://www.youtube.com/embed/bTqVqk7FSmY?rel=0&list=PL1", f"{WATCH}bTqVqk7FSmY"),
        ("//www.youtube-nocookie.com/embed/bTqVqk7FSmY", f"{WATCH}bTqVqk7FSmY"),
        ("http://youtube.com/v/bTqVqk7FSmY&fs=1", f"{WATCH}bTqVqk7FSmY"),
        ("//www.youtube.com/embed/videoseries?list=PLab-c", "https://www.youtube.com/playlist?list=PLab-c"),
        ("//www.youtube.com/embed?listType=playlist&list=PLx", "https://www.youtube.com/playlist?list=PLx"),
        ("//www.youtube.com/embed/live_stream?channel=UCab", "https://www.youtube.com/channel/UCab/live"),
        ("https://player.vimeo.com/video/76979871?title=0", "https://vimeo.com/76979871"),
        ("https://player.vimeo.com/video/769?dnt=1&h=ab12", "https://vimeo.com/769/ab12"),
        ("https://vimeo.com/event/12/embed", "https://vimeo.com/event/12"),
        ("http://vimeo.com/moogaloop.swf?clip_id=17", "https://vimeo.com/17"),
        ("https://w.soundcloud.com/player/?url=https%3A//api.soundcloud.com/tracks/1%3Fsecret_token%3Ds-x&color=0", "https://api.soundcloud.com/tracks/1?secret_token=s-x"),
        ("https://w.soundcloud.com/player/?visual=true&url=https%3A%2F%2Fsoundcloud.com%2Fa%2Fb", "https://soundcloud.com/a/b"),
        ("https://www.dailymotion.com/embed/video/x5kesuj", "https://www.dailymotion.com/video/x5kesuj"),
        ("https://geo.dailymotion.com/player/xab.html?video=x5", "https://www.dailymotion.com/video/x5"),
        ("https://player.twitch.tv/?parent=blog&video=v123", "https://www.twitch.tv/videos/123"),
        ("https://player.twitch.tv/?channel=somebody", "https://www.twitch.tv/somebody"),
        ("https://clips.twitch.tv/embed?clip=Fun-Clip", "https://clips.twitch.tv/Fun-Clip"),
        ("https://www.mixcloud.com/widget/iframe/?hide=1&feed=%2Fdj%2Fset%2F", "https://www.mixcloud.com/dj/set/"),
        ("https://www.mixcloud.com/widget/iframe/?feed=https%3A%2F%2Fwww.mixcloud.com%2Fdj%2Fset%2F", "https://www.mixcloud.com/dj/set/"),
        ("https://www.facebook.com/plugins/video.php?height=9&href=https%3A%2F%2Fwww.facebook.com%2Fa%2Fvideos%2F1%2F", "https://www.facebook.com/a/videos/1/"),
        ("https://www.facebook.com/video/embed?video_id=1", "https://www.facebook.com/watch/?v=1"),
        ("https://www.tiktok.com/embed/v2/123", "https://www.tiktok.com/@/video/123"),
        ("https://www.tiktok.com/player/v1/123", "https://www.tiktok.com/@/video/123"),
        ("https://streamable.com/e/abc", "https://streamable.com/abc"),
        ("https://fast.wistia.net/embed/iframe/abc?x=1", "https://fast.wistia.net/embed/iframe/abc"),
        ("https://rumble.com/embed/v1ab/?pub=4", "https://rumble.com/embed/v1ab/"),
        ("https://odysee.com/$/embed/a/b?r=1", "https://odysee.com/a/b"),
        ("https://www.loom.com/embed/ab12", "https://www.loom.com/share/ab12"),
        ("https://embed.ted.com/talks/lang/de/a_talk", "https://www.ted.com/talks/a_talk"),
        ("//player.bilibili.com/player.html?aid=1&bvid=BV1x", "https://www.bilibili.com/video/BV1x"),
        ("https://archive.org/embed/item", "https://archive.org/details/item"),
    ],
)  # fmt: skip
def test_players_and_their_pages(player: str, page: str) -> None:
    assert found_in(f'<iframe src="{player.replace("&", "&amp;")}"></iframe>') == [page]


@pytest.mark.parametrize(
    "html",
    [
        "<iframe src='{}'></iframe>",
        "<iframe src='about:blank' data-src='{}'></iframe>",
        "<iframe data-lazy-src='{}' class=lazy></iframe>",
        "<embed src='{}'>",
        "<object data='{}'></object>",
        "<object><param name=movie value='{}'></object>",
        "<amp-iframe src='{}'></amp-iframe>",
        "<div class=consent data-iframe='<iframe src=\"{}\"></iframe>'></div>",
        "<iframe srcdoc='<a href={}>Play</a>'></iframe>",
        "<meta property='og:video' content='{}'>",
        "<lite-youtube videoid=bTqVqk7FSmY></lite-youtube>",
        "<amp-youtube data-videoid=bTqVqk7FSmY></amp-youtube>",
        "<div data-youtube-id=bTqVqk7FSmY></div>",
        "<div data-yt-id=bTqVqk7FSmY></div>",
    ],
)
def test_where_players_stand(html: str) -> None:
    assert found_in(html.format("https://www.youtube.com/embed/bTqVqk7FSmY")) == [
        f"{WATCH}bTqVqk7FSmY"
    ]


def test_addresses_in_json_attributes() -> None:
    html = r"""<div data-v='{"u":"https:\/\/player.vimeo.com\/video\/7","p":"x"}'></div>"""
    assert found_in(html) == ["https://vimeo.com/7"]


def test_bandcamp_tells_the_album_inside_its_frame() -> None:
    html = "<iframe src='https://bandcamp.com/EmbeddedPlayer/album=1/size=large/'>"
    html += "<a href='https://band.bandcamp.com/album/first'>First by Band</a></iframe>"
    assert found_in(html) == ["https://band.bandcamp.com/album/first"]


@pytest.mark.parametrize(
    "html",
    [
        "<a href='https://www.youtube.com/@channel'>Follow us</a>",
        "<a href='https://www.youtube.com/watch?v=bTqVqk7FSmY'>Watch there</a>",
        "<iframe src='https://open.spotify.com/embed/track/1'></iframe>",
        "<iframe src='https://www.facebook.com/plugins/like.php?href=x'></iframe>",
        "<iframe src='https://youtube.com.evil.example/embed/bTqVqk7FSmY'></iframe>",
        "<iframe src='https://evil.example/?youtube.com/embed/bTqVqk7FSmY'></iframe>",
        "<iframe src='https://w.soundcloud.com/player/?url=javascript%3Aalert(1)'></iframe>",
        "<lite-youtube videoid='not an id'></lite-youtube>",
        "<p>youtube.com/embed/bTqVqk7FSmY</p>",
    ],
)
def test_what_is_no_player(html: str) -> None:
    assert found_in(html) == []


async def test_what_is_embedded_is_found_where_it_comes_from(site: Site) -> None:
    class TubeIE(InfoExtractor):
        _VALID_URL = r"https://www\.youtube\.com/watch\?v=(?P<id>[\w-]{11})"

        def _real_extract(self, url: str) -> dict[str, Any]:
            video = self._match_id(url)
            return {"id": video, "title": "Tune", "url": f"https://cdn.example/{video}.mp4"}

    class Tube(Backend):
        def claims(self, url: str) -> bool:
            return TubeIE.suitable(url)

        def downloader(self) -> YoutubeDL:
            ydl = super().downloader()
            ydl._ies.clear()
            ydl.add_info_extractor(TubeIE())
            return ydl

    here = site.add("/post", "<iframe src=//www.youtube.com/embed/bTqVqk7FSmY></iframe>")
    async with Session(registry=Registry([Embeds(), Ytdlp(backend=Tube())])) as session:
        found = [(each.title, each.url) async for each in session.items(here)]
    assert found == [("Tune", "https://cdn.example/bTqVqk7FSmY.mp4")]


def test_each_once_and_in_order() -> None:
    frame = (
        "<iframe src='https://player.vimeo.com/video/{0}' data-src='//player.vimeo.com/video/{0}'>"
    )
    html = "".join(f"{frame.format(number)}</iframe>" for number in (3, 1, 2, 1))
    assert found_in(html) == [f"https://vimeo.com/{number}" for number in (3, 1, 2)]
    (first, *_) = Embeds().extract(Page(HERE, html.encode(), HTML))
    assert first == Link("https://vimeo.com/3", origin="<iframe src>")


def test_nothing_but_markup_is_read() -> None:
    body = b"<iframe src='https://player.vimeo.com/video/1'>"
    assert [*Embeds().extract(Page(HERE, body, {"content-type": "text/plain"}))] == []


@given(st.lists(st.sampled_from(["<iframe src='", "//", "youtube.com/embed/", "?list=", "&", "h=", "player.", "vimeo.com/video/1", "'", ">", "w.soundcloud.com/player/?url=", "%", "{}", "{0.x}", "a" * 11, "\\/", "[", "\x00"]), max_size=40))  # fmt: skip
def test_whatever_stands_there_does_no_harm(parts: list[str]) -> None:
    found_in("".join(parts))


@pytest.mark.parametrize(
    "piece",
    ["//w.soundcloud.com/player?", "&", "//", "list=", "youtube.com/embed/", "&h=", "//\\/"],
)
def test_long_attributes_take_no_long_time(piece: str) -> None:
    html = f"<iframe src='//player.vimeo.com/video/1?{piece * 100_000}'></iframe>"
    started = time.monotonic()
    found_in(html)
    assert time.monotonic() - started < 2
