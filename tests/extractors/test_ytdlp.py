"""yt-dlp as an extractor: a real YoutubeDL with extractors of our own, on loopback or offline."""

from __future__ import annotations

import asyncio
import logging
import subprocess
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.site import Site
from yt_dlp import YoutubeDL
from yt_dlp.extractor.common import InfoExtractor

from reelin import (
    ExtractError,
    FetchError,
    MediaItem,
    Network,
    Order,
    Page,
    PluginError,
    ReelinError,
    Session,
    Type,
    UsageError,
)
from reelin.extractors.ytdlp import Ytdlp, reelin_extractors
from reelin.media.ytdlp import Backend, clean_message
from reelin.model.media_types import type_of
from reelin.plugins.registry import Registry
from reelin.plugins.transfer import Watcher
from reelin.testing import check

CDN = "https://cdn.example"
FILMS = "https://films.example"
SOUND: dict[str, Any] = {"format_id": "s", "url": f"{CDN}/7.m4a", "ext": "m4a", "vcodec": "none", "acodec": "mp4a.40.2", "abr": 128}  # fmt: skip
SMALL: dict[str, Any] = {"format_id": "360", "url": f"{CDN}/7-360.mp4", "ext": "mp4", "height": 360, "vcodec": "avc1", "acodec": "mp4a", "tbr": 500}  # fmt: skip
LARGE: dict[str, Any] = {"format_id": "720", "url": f"{CDN}/7-720.mp4", "ext": "mp4", "height": 720, "width": 1280, "tbr": 1500, "filesize": 5000, "vcodec": "avc1", "acodec": "mp4a"}  # fmt: skip
SILENT: dict[str, Any] = {"format_id": "v", "url": f"{CDN}/7-1080.webm", "ext": "webm", "height": 1080, "vcodec": "vp9", "acodec": "none"}  # fmt: skip
STREAM: dict[str, Any] = {"format_id": "hls", "url": f"{CDN}/7/high.m3u8", "ext": "mp4", "height": 1080, "protocol": "m3u8_native", "vcodec": "avc1", "acodec": "mp4a"}  # fmt: skip
SEGMENTS: dict[str, Any] = {**SILENT, "format_id": "dash", "height": 1440, "protocol": "http_dash_segments", "manifest_url": f"{CDN}/7.mpd"}  # fmt: skip
FILM: dict[str, Any] = {
    "id": "7",
    "title": "Film 7",
    "uploader": "Ann",
    "duration": 61.5,
    "timestamp": 1_700_000_000,
    "thumbnail": f"{CDN}/7.jpg",
    "webpage_url": f"{FILMS}/7",
    "formats": [SOUND, SMALL, LARGE],
}


class FilmsIE(InfoExtractor):
    """A site whose pages are what `pages` says, or raise."""

    _VALID_URL = r"https?://(?:films\.example|127\.0\.0\.1:\d+/watch)/(?P<id>[\w-]+)"

    def _real_extract(self, url: str) -> Any:
        name = self._match_id(url)
        if name == "list":
            names = iter(("a", "gone", "b"))
            return self.playlist_result(map(self.film, names), "list", "All films", uploader="Ann")
        if name == "lists":
            lists = [self.film("list"), {**FILM, "formats": [dict(LARGE)]}]
            return self.playlist_result(lists, "lists", "All lists")
        if name == "gone":
            self.raise_geo_restricted("\x1b[31mNot in your country\x1b[0m", countries=["FR"])
        if name == "broken":
            self._search_regex(r"x", "y", "the key")
        if name == "crash":
            raise KeyError("formats")
        if name == "outside":
            return {**self.film("a"), "_type": "url_transparent", "title": "As we call it"}
        if name == "loop":
            return self.film("loop")
        return {**FILM, "id": name, "title": f"Film {name}", "formats": [dict(each) for each in FILM["formats"]]}  # fmt: skip

    def film(self, name: str) -> dict[str, Any]:
        return dict(self.url_result(f"{FILMS}/{name}"))


class LocalIE(InfoExtractor):
    """Reads a page of the test server."""

    _VALID_URL = r"http://127\.0\.0\.1:\d+/watch/(?P<id>\w+)"

    def _real_extract(self, url: str) -> Any:
        page = self._download_webpage(url, self._match_id(url))
        source = self._search_regex(r'data-file="([^"]+)"', page, "file")
        headers = {"Referer": url}
        return {"id": "1", "title": "Local", "url": source, "ext": "mp4", "http_headers": headers}


class Offline(Backend):
    """Knows only extractors of the tests, and has an ffmpeg, or has none."""

    known: tuple[type[InfoExtractor], ...] = (LocalIE, FilmsIE)
    can_merge = True

    def claims(self, url: str) -> bool:
        return any(each.suitable(url) for each in self.known)

    def downloader(self) -> YoutubeDL:
        ydl = super().downloader()
        ydl._ies.clear()
        for each in self.known:
            ydl.add_info_extractor(each())
        return ydl


def ytdlp(**options: Any) -> Ytdlp:
    return Ytdlp(backend=Offline(), **options)


async def found_at(url: str, **options: Any) -> list[MediaItem]:
    return [each async for each in ytdlp(**options).extract(Page(url))]


def only(*formats: dict[str, Any], **options: Any) -> MediaItem:
    """The item of a film that is offered in these formats."""
    (item,) = ytdlp(**options).items({**FILM, "formats": [*formats]})
    return item


def test_it_keeps_what_every_extractor_promises() -> None:
    (extractor,) = reelin_extractors()
    check(extractor)


async def test_a_film_with_its_facts() -> None:
    (film,) = await found_at(f"{FILMS}/7")
    assert (film.url, film.format) == (f"{CDN}/7-720.mp4", None)
    assert (film.type, film.mime, film.height, film.width) == ("video", "video/mp4", 720, 1280)
    assert (film.size, film.bitrate, film.duration) == (5000, 1_500_000, 61.5)
    assert (film.title, film.artist, film.filename) == ("Film 7", "Ann", "Film 7.mp4")
    assert film.date == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
    assert film.thumbnail == f"{CDN}/7.jpg"
    assert film.origin == "yt-dlp Films"
    assert "User-Agent" in film.headers
    assert [(each.url, each.type, each.codecs) for each in film.alternatives] == [
        (f"{CDN}/7-360.mp4", None, "avc1,mp4a"),
        (f"{CDN}/7.m4a", "audio", "mp4a.40.2"),
    ]


# Which format


ALL = (SOUND, SMALL, LARGE, STREAM, SILENT, SEGMENTS)


@pytest.mark.parametrize(
    ("options", "name"),
    [
        ({}, "dash+s"),
        ({"format": "worst"}, "7-360.mp4"),
        ({"quality": "worst"}, "7-360.mp4"),
        ({"quality": "480p"}, "7-360.mp4"),
        ({"quality": "800p"}, "7-720.mp4"),
        ({"quality": "1080p"}, "v+s"),
        ({"format": "mp4"}, "7/high.m3u8"),
        ({"format": "audio"}, "7.m4a"),
        ({"format": "mp3"}, "7.m4a"),
        ({"format": "m4a", "quality": "192k"}, "7.m4a"),
    ],
)
def test_the_format_that_is_wanted(options: dict[str, Any], name: str) -> None:
    item = only(*ALL, **options)
    expected = (f"{FILMS}/7", name) if "+" in name else (f"{CDN}/{name}", None)
    assert (item.url, item.format) == expected


def test_a_merge_has_the_facts_of_both_parts() -> None:
    film = {**SILENT, "filesize": 1000, "tbr": 900, "width": 1920}
    item = only({**SOUND, "filesize": 100, "tbr": 100}, film)
    assert (item.type, item.mime, item.filename) == ("video", "video/x-matroska", "Film 7.mkv")
    assert (item.size, item.bitrate, item.height, item.width) == (1100, 1_000_000, 1080, 1920)
    assert item.headers == {}  # of its parts' servers, not of the page's
    assert [(each.url, each.codecs) for each in item.alternatives] == [
        (f"{CDN}/7.m4a", "mp4a.40.2")
    ]


def test_pictures_are_merged_with_the_best_sound_and_with_one_of_their_kind() -> None:
    opus = {**sound("webm", 64), "format_id": "o", "acodec": "opus"}
    item = only(opus, SOUND, LARGE, SILENT)
    assert (item.format, item.mime) == ("v+s", "video/x-matroska")
    assert (item.alternatives[0].format, item.alternatives[0].mime) == ("v+o", "video/webm")
    assert only(opus, SOUND, LARGE, SILENT, format="webm").format == "v+o"
    # Where sound is asked for by its rate, the merge is with that one.
    assert only(opus, SOUND, SILENT, quality="64k").format == "v+o"


def test_a_film_may_be_known_by_its_id_among_those_of_its_page() -> None:
    info = {**FILM, "formats": [SOUND, SILENT], "playlist_webpage_url": FILM["webpage_url"]}
    (item,) = ytdlp().items(info)
    assert (item.url, item.format) == (f"{FILMS}/7", "v+s 7")


def test_without_ffmpeg_whole_files_are_taken_and_that_is_told(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Poor(Offline):
        can_merge = False

    (item,) = Ytdlp(backend=Poor()).items({**FILM, "formats": [*ALL]})
    assert (item.url, item.format) == (f"{CDN}/7-720.mp4", None)
    assert all("+" not in (each.format or "") for each in item.alternatives)
    assert [each.message for each in caplog.records] == [
        "Film 7: without ffmpeg its best video and audio cannot be put together"
        " (pip install 'reelin[ffmpeg]')"
    ]
    caplog.clear()
    (item,) = Ytdlp(backend=Poor(), quality="720p").items({**FILM, "formats": [*ALL]})
    assert item.height == 720 and not caplog.records


def sound(ext: str, rate: int) -> dict[str, Any]:
    return {"url": f"{CDN}/{rate}.{ext}", "ext": ext, "vcodec": "none", "acodec": ext, "abr": rate}


@pytest.mark.parametrize(
    ("options", "name"),
    [
        ({}, "256.m4a"),
        ({"format": "mp3"}, "192.mp3"),
        ({"format": "mp3", "quality": "worst"}, "64.mp3"),
        ({"format": "audio", "quality": "128k"}, "160.opus"),
        ({"format": "opus", "quality": "320k"}, "160.opus"),
        ({"format": "flac"}, "256.m4a"),
    ],
)
def test_the_sound_that_is_wanted(options: dict[str, Any], name: str) -> None:
    formats = [sound("mp3", 64), sound("opus", 160), sound("mp3", 192), sound("m4a", 256)]
    item = only(*formats, **options)
    assert (item.type, item.url) == ("audio", f"{CDN}/{name}")


def test_streams_are_as_good_as_files() -> None:
    assert [each.url for each in only(SMALL, STREAM).alternatives] == [f"{CDN}/7-360.mp4"]
    live = only(STREAM)
    assert (live.url, live.type) == (f"{CDN}/7/high.m3u8", "video")
    assert live.mime == "application/vnd.apple.mpegurl"


def test_the_manifest_stands_for_streams_in_parts() -> None:
    master = {"manifest_url": f"{CDN}/7/all.m3u8"}
    high = {**STREAM, **master, "acodec": "none"}
    low = {**high, "url": f"{CDN}/7/low.m3u8", "height": 240}
    part = {**STREAM, **master, "url": f"{CDN}/7/sound.m3u8", "vcodec": "none"}
    item = only(part, low, high)
    assert (item.url, item.format) == (f"{CDN}/7/all.m3u8", "1080p")
    assert [(each.url, each.format, each.type) for each in item.alternatives] == [
        (f"{CDN}/7/all.m3u8", "240p", None),
        (f"{CDN}/7/sound.m3u8", None, "audio"),
    ]
    assert Ytdlp().transfer(Order(item, asyncio.Semaphore(), Watcher())) is None, "it is ours"


def test_a_film_without_sound_is_taken_where_there_is_none_with() -> None:
    assert only(SILENT).url == f"{CDN}/7-1080.webm"


@pytest.mark.parametrize("protocol", ["http_dash_segments", "rtmp", "f4m", "ism", "mms"])
def test_what_only_yt_dlp_can_fetch_is_left_to_it(protocol: str) -> None:
    far = {**LARGE, "url": "rtmp://cdn.example/7", "protocol": protocol}
    item = only(STREAM, far)
    assert (item.url, item.format, item.mime) == (f"{FILMS}/7", "720", "video/mp4")
    assert Ytdlp().transfer(Order(item, asyncio.Semaphore(), Watcher())) is not None
    assert Ytdlp().transfer(Order(only(LARGE), asyncio.Semaphore(), Watcher())) is None


def test_what_never_ends_is_not_left_to_it() -> None:
    live = {**FILM, "is_live": True, "formats": [{**LARGE, "protocol": "http_dash_segments"}]}
    assert [*ytdlp().items(live)] == []


def test_strangers_get_nothing_that_is_fetched_past_the_guard() -> None:
    guarded = Ytdlp(backend=Offline()).for_session(Network(allow_private=False))
    far = {**LARGE, "format_id": "far", "protocol": "rtmp"}
    (item,) = guarded.items({**FILM, "formats": [SMALL, SEGMENTS, SOUND, far]})
    assert item.format == "dash+s"
    assert "far" not in [each.format for each in item.alternatives]


@pytest.mark.parametrize(
    "unfit",
    [
        {"protocol": "mhtml"},
        {"protocol": "youtube_live_chat"},
        {"protocol": "rtmp", "format_id": None},
        {"has_drm": True},
        {"vcodec": "none", "acodec": "none"},
        {"url": None},
    ],
)
def test_what_cannot_be_fetched_is_left_out(unfit: dict[str, Any]) -> None:
    assert [*ytdlp().items({**FILM, "formats": [{**LARGE, **unfit}]})] == []


def test_cookies_and_headers_go_along() -> None:
    cookies = 'a=1; Domain=.cdn.example; Path=/; Secure; Expires=99; b="x y"; Domain=cdn.example'
    item = only({**LARGE, "http_headers": {"Referer": "https://x.example/"}, "cookies": cookies})
    assert item.headers == {"Referer": "https://x.example/", "Cookie": 'a=1; b="x y"'}


@pytest.mark.parametrize("quality", ["high", "720", "k", "-1p", ""])
def test_a_quality_that_is_none(quality: str) -> None:
    with pytest.raises(UsageError, match="option ytdlp"):
        Ytdlp(quality=quality)


def test_options_keep_the_backend() -> None:
    registry = Registry([ytdlp()]).configured({"ytdlp": {"quality": "480p"}})
    (extractor,) = registry.choose(f"{FILMS}/7")
    assert extractor.matches(f"{FILMS}/7")
    assert [each.name for each in Registry([ytdlp()]).describe()[0].options] == [
        "format",
        "quality",
        "subtitles",
    ]


def test_subtitles_on_demand() -> None:
    subtitles = {
        "en": [{"ext": "json3", "url": f"{CDN}/en.json3"}, {"ext": "vtt", "url": f"{CDN}/en.vtt"}],
        "fr": [{"ext": "srt", "url": f"{CDN}/fr.srt", "name": "Français"}],
        "de": [{"ext": "vtt", "url": f"{CDN}/de.m3u8", "protocol": "m3u8_native"}],
        "live_chat": [{"ext": "json", "url": f"{CDN}/chat"}],
    }
    info = {**FILM, "subtitles": subtitles}
    assert len([*ytdlp().items(info)]) == 1
    _, english, french = ytdlp(subtitles=True).items(info)
    assert (english.url, english.type, english.language) == (f"{CDN}/en.vtt", "other", "en")
    assert (french.title, french.filename) == ("Français", "Film 7.fr.srt")


# Lists


async def test_a_list_comes_entry_by_entry_and_tells_what_failed_at_its_end() -> None:
    found = []
    with pytest.raises(ExtractError) as failure:
        async for item in ytdlp().extract(Page(f"{FILMS}/list")):
            found.append(item)
    assert [(each.title, each.position, each.album) for each in found] == [
        ("Film a", 1, "All films"),
        ("Film b", 3, "All films"),
    ]
    assert str(failure.value) == f"{FILMS}/list: Not in your country"


async def test_lists_within_lists() -> None:
    found = []
    with pytest.raises(ExtractError):
        async for item in ytdlp().extract(Page(f"{FILMS}/lists")):
            found.append(item)
    assert [(each.title, each.position, each.total, each.album) for each in found] == [
        ("Film a", 1, None, "All films"),
        ("Film b", 3, None, "All films"),
        ("Film 7", 2, 2, "All lists"),
    ]


async def test_an_entry_is_there_before_the_next_is_asked_for() -> None:
    asked: list[str] = []

    class SlowIE(FilmsIE):
        def _real_extract(self, url: str) -> Any:
            asked.append(self._match_id(url))
            return super()._real_extract(url)

    class Watched(Offline):
        known = (SlowIE,)

    finds = aiter(Ytdlp(backend=Watched()).extract(Page(f"{FILMS}/list")))
    assert (await anext(finds)).title == "Film a"
    assert asked == ["list", "a"]


async def test_audio_alone_is_taken_where_only_audio_is_wanted() -> None:
    async with Session(registry=Registry([ytdlp()])) as session:
        wanted = [Type(frozenset({"audio"}))]
        found = [each async for each in session.items(f"{FILMS}/7", filters=wanted)]
    assert [(each.url, each.type) for each in found] == [(f"{CDN}/7.m4a", "audio")]


async def test_the_embedding_page_knows_better() -> None:
    (film,) = await found_at(f"{FILMS}/outside")
    assert (film.title, film.artist) == ("As we call it", "Ann")


# Errors


@pytest.mark.parametrize(
    ("name", "kind", "message"),
    [
        ("gone", ExtractError, "Not in your country"),
        ("broken", PluginError, "Unable to extract the key (yt-dlp; a newer version may help)"),
        ("crash", PluginError, "KeyError: 'formats' (yt-dlp; a newer version may help)"),
        ("loop", ExtractError, "lists within lists, too deep to follow"),
        ("!", ExtractError, "No suitable extractor found for URL https://films.example/!"),
    ],
)
async def test_errors_are_one_clean_line(name: str, kind: type[Exception], message: str) -> None:
    with pytest.raises(ReelinError) as failure:
        await found_at(f"{FILMS}/{name}")
    assert type(failure.value) is kind
    assert str(failure.value) == f"{FILMS}/{name}: {message}"
    assert failure.value.url == f"{FILMS}/{name}"


async def test_what_the_server_says_is_an_error_of_fetching(site: Site) -> None:
    with pytest.raises(FetchError, match="404") as failure:
        await found_at(f"{site.origin}/watch/missing")
    assert failure.value.status == 404


@pytest.mark.parametrize(
    ("message", "line"),
    [
        ("\x1b[0;31mERROR:\x1b[0m [youtube] aB-3: Private\nvideo", "Private video"),
        ("[x:y] 1: No; please report this issue on  https://x , filling out", "No"),
        ("[a] Failed. Please report this issue on https://x", "Failed"),
        ("WARNING: [generic] Falling back", "Falling back"),
        ("HTTP Error 404: Not Found", "HTTP Error 404: Not Found"),
    ],
)
def test_messages_in_plain_words(message: str, line: str) -> None:
    assert clean_message(message) == line


async def test_nothing_is_printed(capfd: Any, caplog: Any) -> None:
    caplog.set_level(logging.DEBUG, "reelin")
    with pytest.raises(ReelinError):
        await found_at(f"{FILMS}/broken")
    assert capfd.readouterr() == ("", "")
    assert any("Extracting URL" in each.message for each in caplog.records)


# Which URLs


@pytest.mark.parametrize(
    ("url", "is_claimed"),
    [
        ("https://www.youtube.com/watch?v=BaW_jenozKc", True),
        ("https://soundcloud.com/artist/track", True),
        ("https://band.bandcamp.com/album/first", True),
        ("https://17.live/live/3773096", True),
        ("https://films.example/7", False),
        ("https://www.wikipedia.org/", False),
        ("http://127.0.0.1/embed/1", False),
        ("http://localhost/embed/1", False),
        ("https://www.youtube.com/watch.mp4", False),
        ("no URL", False),
    ],
)
def test_sites_that_ytdlp_knows(url: str, is_claimed: bool) -> None:
    assert Ytdlp().matches(url) is is_claimed


def test_files_and_nameless_hosts_cost_no_import() -> None:
    script = (
        "import sys; from reelin.extractors.ytdlp import Ytdlp; y = Ytdlp()\n"
        "y.matches('https://a.example/a.mp3'), y.matches('http://127.0.0.1:80/page')\n"
        "print('yt_dlp' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.stdout.strip() == "False", done.stderr


async def test_urls_are_judged_and_entries_made_beside_the_loop() -> None:
    threads = []

    class Watched(Offline):
        def claims(self, url: str) -> bool:
            threads.append(threading.current_thread())
            return super().claims(url)

        def downloader(self) -> YoutubeDL:
            threads.append(threading.current_thread())
            return super().downloader()

    async with Session(registry=Registry([Ytdlp(backend=Watched())])) as session:
        found = [each.title async for each in session.items(f"{FILMS}/7")]
    assert found == ["Film 7"]  # although nothing but yt-dlp could have fetched that page
    assert len(threads) == 2
    assert threading.main_thread() not in threads


# The whole way


async def test_a_film_is_found_and_saved(site: Site, tmp_path: Path) -> None:
    film = site.add("/media/1.bin", b"\0\0\0\x18ftypmp42" + bytes(3000), "video/mp4")
    watch = site.add("/watch/1", f'<video data-file="{film}"></video>')
    async with Session(registry=Registry([ytdlp()])) as session:
        report = await session.download(watch, tmp_path)
    assert report.ok
    (saved,) = [each for each in tmp_path.iterdir() if each.is_file()]
    assert (saved.name, saved.stat().st_size) == ("Local.mp4", 3012)
    asked = dict(site.asked)
    assert asked["/media/1.bin"]["referer"] == watch
    assert site.times_asked("/watch/1") == 1


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9)
    | st.sampled_from(["none", "http", "m3u8", "20261301", "https://x.example/a", "a=1; b", "\ud800"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["url", "ext", "en", "name", "cookies", "http_headers"]), inner, max_size=4),
    max_leaves=8,
)  # fmt: skip
KEYS = "url format_id ext protocol vcodec acodec height width tbr abr filesize format_note manifest_url cookies http_headers has_drm".split()
FACTS = "id webpage_url playlist_webpage_url is_live title track uploader album playlist_title playlist_index n_entries timestamp upload_date duration thumbnail language subtitles formats".split()


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # while it is imported
@given(
    st.dictionaries(st.sampled_from(FACTS), VALUES),
    st.lists(st.dictionaries(st.sampled_from(KEYS), VALUES), max_size=3),
    st.sampled_from(["best", "worst", "audio", "mp3", "webm"]),
    st.sampled_from(["best", "720p", "192k"]),
)
def test_whatever_ytdlp_tells_does_no_harm(
    info: dict[str, Any], formats: list[dict[str, Any]], wanted: Any, quality: str
) -> None:
    extractor = Ytdlp(format=wanted, quality=quality, subtitles=True, backend=Offline())
    for about in (info, {**info, "formats": formats}):
        for item in extractor.items(about):
            assert item.url.startswith(("http://", "https://"))
            assert item.date is None or item.date.tzinfo


def test_hardly_a_url_of_yt_dlp_is_overlooked() -> None:
    """The words that spare us its patterns: tried on an example of each of its extractors."""
    from yt_dlp.extractor import gen_extractor_classes

    backend, tried, overlooked = Backend(), 0, []
    for each in gen_extractor_classes():
        if each.IE_NAME == "generic" or not each._VALID_URL:
            continue
        case = next(iter(each.get_testcases(include_onlymatching=True)), {"url": ""})
        url = case["url"]
        if url.startswith("http") and each.suitable(url) and type_of(url) is None:
            tried += 1
            overlooked += [] if backend.claims(url) else [url]
    assert tried > 1000 and len(overlooked) < tried / 100, overlooked
