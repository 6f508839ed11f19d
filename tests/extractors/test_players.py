"""One page a pattern for each player: what its documentation shows is what is found."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.site import Site

from reelin import Extractor, Link, MediaItem, Page, Player, Session
from reelin.model.merge import merge
from reelin.plugins.registry import Registry
from reelin.testing import check
from reelin.testing.recording import find_on as found_by

HERE = "https://site.example/show/"
PLAYERS = {
    name: each for name, each in Registry.load().extractors.items() if isinstance(each, Player)
}
PREVIEWS = "previews for a player's timeline"
HLS = "application/vnd.apple.mpegurl"


@dataclass(frozen=True)
class Case:
    """A page with one player, and its items in order: path and some facts of each."""

    player: str
    html: str
    items: list[tuple[str, dict[str, Any]]]


def script(text: str) -> str:
    return f"<script>{text}</script>"


CASES = {
    "howler: formats of one sound": Case(
        "howler",
        script("const s = new Howl({src: ['a.webm', 'a.mp3'], sprite: {x: [0, 10]}});"),
        [("a.webm", {"alternatives": ["a.mp3"]})],
    ),
    "howler: a playlist whose addresses are put together": Case(
        "howler",
        script(
            "var player = new Player([{title: 'Rave', file: 'rave', howl: null},"
            " {title: '80s', file: '80s', howl: null}]);"
            "sound = data.howl = new Howl({src: ['./audio/' + data.file + '.webm',"
            " './audio/' + data.file + '.mp3'], html5: true});"
        ),
        [
            ("audio/rave.webm", {"title": "Rave", "position": 1}),
            ("audio/80s.webm", {"title": "80s", "position": 2}),
        ],
    ),
    "howler: an address without extension": Case(
        "howler",
        script("new Howl({src: '/stream/42', format: ['mp3']})"),
        [("/stream/42", {"type": "audio"})],
    ),
    "howler: WebM is sound here": Case(
        "howler",
        script("new Howl({src: ['a.webm', 'a.mp3']}); new Howl({src: 'b.mp4'})"),
        [("a.webm", {"type": "audio", "alternatives": ["a.mp3"]}), ("b.mp4", {"type": "audio"})],
    ),
    "plyr: a source": Case(
        "plyr",
        script(
            "const player = new Plyr('#player'); player.source = {type: 'video', title: 'Film',"
            " sources: [{src: 'f-720.mp4', size: 720}, {src: 'f-1080.mp4', size: 1080}]};"
        ),
        [("f-1080.mp4", {"title": "Film", "height": 1080, "alternatives": ["f-720.mp4"]})],
    ),
    "jwplayer: a file": Case(
        "jwplayer",
        script("jwplayer('x').setup({file: '/v/film.mp4', title: 'Film', image: 'film.jpg'})"),
        [("/v/film.mp4", {"title": "Film", "type": "video", "thumbnail": "film.jpg"})],
    ),
    "jwplayer: qualities, captions, playlist": Case(
        "jwplayer",
        script(
            """jwplayer("x").setup({playlist: [
            {title: "One", sources: [{file: "1-360.mp4", label: "360p"}, {file: "1-720.mp4",
             label: "720p"}], tracks: [{file: "1.vtt", kind: "captions", label: "English"}]},
            {title: "Two", file: "2.mp4"}]});"""
        ),
        [
            ("1-720.mp4", {"title": "One", "height": 720, "alternatives": ["1-360.mp4"]}),
            ("1.vtt", {"title": "English", "type": "other"}),
            ("2.mp4", {"title": "Two", "position": 2, "total": 2}),
        ],
    ),
    "jwplayer: qualities by name, bit rates": Case(
        "jwplayer",
        script(
            """jwplayer("x").setup({sources: [{file: "f_360p.mp4", bitrate: 500000},
            {file: "f_720p.mp4", bitrate: 2000000}]})"""
        ),
        [("f_720p.mp4", {"height": 720, "bitrate": 2000000, "alternatives": ["f_360p.mp4"]})],
    ),
    "jwplayer: tracks of the player alone": Case(
        "jwplayer",
        script(
            """jwplayer("x").setup({file: "f.mp4", tracks: [{file: "s.vtt", kind: "captions"},
            {file: "strip.vtt", kind: "thumbnails"}]})"""
        ),
        [("f.mp4", {}), ("s.vtt", {"noise": None}), ("strip.vtt", {"noise": PREVIEWS})],
    ),
    "hlsjs: a literal": Case(
        "hlsjs",
        script("hls.loadSource('https://cdn.example/live/master.m3u8'); hls.attachMedia(v)"),
        [("https://cdn.example/live/master.m3u8", {"type": "video"})],
    ),
    "hlsjs: a variable, and no extension": Case(
        "hlsjs",
        script("const src = '/playlist?id=7'; const hls = new Hls(); hls.loadSource(src);"),
        [("/playlist?id=7", {"type": "video", "mime": HLS})],
    ),
    "dashjs: initialize": Case(
        "dashjs",
        script(
            "var p = dashjs.MediaPlayer().create();"
            "p.initialize(document.querySelector('#v'), 'm/manifest.mpd', true);"
        ),
        [("m/manifest.mpd", {"type": "video"})],
    ),
    "dashjs: markup": Case(
        "dashjs",
        "<video data-dashjs-player src='x.mpd'></video>",
        [("x.mpd", {"type": "video"})],
    ),
    "wavesurfer: load": Case(
        "wavesurfer",
        script("var wavesurfer = WaveSurfer.create({container: '#w'}); wavesurfer.load('a.wav')"),
        [("a.wav", {"type": "audio"})],
    ),
    "wavesurfer: create": Case(
        "wavesurfer",
        script("WaveSurfer.create({container: '#w', url: '/stream/9', peaks: [0, 1]})"),
        [("/stream/9", {"type": "audio"})],
    ),
    "amplitude: songs": Case(
        "amplitude",
        script(
            """Amplitude.init({"songs": [{"name": "Song", "artist": "Band", "album": "LP",
            "url": "s/1.mp3", "cover_art_url": "c/1.jpg"}, {"name": "Other", "url": "s/2.mp3"}]})"""
        ),
        [
            (
                "s/1.mp3",
                {"title": "Song", "artist": "Band", "album": "LP", "thumbnail": "c/1.jpg"},
            ),
            ("s/2.mp3", {"title": "Other", "position": 2}),
        ],
    ),
    "amplitude: keys are no songs": Case(
        "amplitude",
        script(
            """Amplitude.init({"bindings": {37: 'prev', 39: 'next'}, "waves": ["tall", "low"],
            "songs": [{"name": "Song", "url": "/stream/1"}]})"""
        ),
        [("/stream/1", {"title": "Song", "type": "audio"})],
    ),
    "jplayer: setMedia": Case(
        "jplayer",
        script(
            """$("#j").jPlayer({ready: function () { $(this).jPlayer("setMedia",
            {title: "Bubble", m4a: "b.m4a", oga: "b.ogg"}); }, supplied: "m4a, oga"});"""
        ),
        [("b.m4a", {"title": "Bubble", "alternatives": ["b.ogg"]})],
    ),
    "jplayer: a playlist": Case(
        "jplayer",
        script(
            """new jPlayerPlaylist({jPlayer: "#j", cssSelectorAncestor: "#c"}, [
            {title: "One", mp3: "1.mp3", oga: "1.ogg"}, {title: "Film", m4v: "2.m4v",
             webmv: "2.webm", poster: "2.png"}], {swfPath: "/js"});"""
        ),
        [
            ("1.mp3", {"title": "One", "position": 1, "alternatives": ["1.ogg"]}),
            ("2.m4v", {"title": "Film", "thumbnail": "2.png", "alternatives": ["2.webm"]}),
        ],
    ),
    "aplayer: audio": Case(
        "aplayer",
        script(
            """const ap = new APlayer({container: document.getElementById('a'), audio: [
            {name: 'Tune', artist: 'She', url: 't.mp3', cover: 't.jpg', theme: '#ebd0c2'}]});"""
        ),
        [("t.mp3", {"title": "Tune", "artist": "She", "thumbnail": "t.jpg"})],
    ),
    "aplayer: meting-js": Case(
        "aplayer",
        "<meting-js name='Tune' artist='She' url='t.mp3' cover='t.jpg'></meting-js>",
        [("t.mp3", {"title": "Tune", "artist": "She"})],
    ),
    "soundmanager: createSound": Case(
        "soundmanager",
        script("soundManager.createSound({id: 'a', url: '/s/a.mp3'}); soundManager.play('a')"),
        [("/s/a.mp3", {"type": "audio"})],
    ),
    "soundmanager: an id and an address": Case(
        "soundmanager",
        script("soundManager.createSound('a', '/s/b.mp3')"),
        [("/s/b.mp3", {"type": "audio"})],
    ),
    "flowplayer: a clip": Case(
        "flowplayer",
        script(
            """flowplayer("#p", {clip: {title: "Clip", sources: [
            {type: "application/x-mpegurl", src: "c.m3u8"}, {type: "video/mp4", src: "c.mp4"}]}})"""
        ),
        [("c.m3u8", {"title": "Clip", "alternatives": ["c.mp4"]})],
    ),
    "flowplayer: a playlist with subtitles": Case(
        "flowplayer",
        script(
            """flowplayer("#p", {playlist: [{title: "One", sources: [{src: "1.mp4"}], subtitles:
            [{src: "1.vtt", srclang: "de", label: "Deutsch"}]}, {title: "Two", src: "2.mp4"}]})"""
        ),
        [
            ("1.mp4", {"title": "One", "position": 1}),
            ("1.vtt", {"title": "Deutsch", "language": "de"}),
            ("2.mp4", {"title": "Two", "position": 2}),
        ],
    ),
    "flowplayer: the old one": Case(
        "flowplayer",
        script("""$f("player", "/swf/flowplayer.swf", {clip: {url: "/old/clip.flv"}})"""),
        [("/old/clip.flv", {"type": "video"})],
    ),
    "flowplayer: an attribute": Case(
        "flowplayer",
        """<div class=flowplayer data-item='{"sources": [{"src": "d.mp4", "type": "video/mp4"}]}'>""",
        [("d.mp4", {"type": "video"})],
    ),
    "shaka: load": Case(
        "shaka",
        script("const player = new shaka.Player(video); await player.load('s/manifest.mpd');"),
        [("s/manifest.mpd", {"type": "video"})],
    ),
    "videojs: data-setup": Case(
        "videojs",
        """<video class="video-js" data-setup='{"controls": true, "poster": "p.jpg",
        "sources": [{"src": "v.mp4", "type": "video/mp4"}]}'></video>""",
        [("v.mp4", {"mime": "video/mp4", "thumbnail": "p.jpg"})],
    ),
    "videojs: src": Case(
        "videojs",
        script("var p = videojs('v'); p.src({type: 'application/x-mpegURL', src: '/x/stream'});"),
        [("/x/stream", {"type": "video"})],
    ),
    "videojs: sources of several qualities": Case(
        "videojs",
        script(
            "videojs('v', {sources: [{src: 'a480.mp4', res: 480}, {src: 'a1080.mp4', res: 1080}]})"
        ),
        [("a1080.mp4", {"height": 1080, "alternatives": ["a480.mp4"]})],
    ),
    "videojs: a playlist": Case(
        "videojs",
        script(
            """player.playlist([{name: 'One', sources: [{src: '1.mp4', type: 'video/mp4'}],
            poster: '1.jpg'}, {name: 'Two', sources: [{src: '2.mp4', type: 'video/mp4'}]}]);
            videojs.log('x')"""
        ),
        [("1.mp4", {"title": "One", "position": 1}), ("2.mp4", {"title": "Two", "position": 2})],
    ),
    "videojs: tracks of a playlist, and added ones": Case(
        "videojs",
        script(
            """var p = videojs('v'); p.playlist([{name: 'One', sources: [{src: '1.mp4'}],
            textTracks: [{kind: 'captions', src: '1.vtt', srclang: 'en', label: 'English'}]}]);
            p.addRemoteTextTrack({kind: 'captions', src: 'de.vtt', srclang: 'de'}, false);"""
        ),
        [
            ("1.mp4", {"title": "One"}),
            ("1.vtt", {"title": "English", "language": "en"}),
            ("de.vtt", {"type": "other", "language": "de"}),
        ],
    ),
    "mediaelement: setSrc": Case(
        "mediaelement",
        script("var p = new MediaElementPlayer('v'); p.setSrc('e.mp4'); p.load()"),
        [("e.mp4", {"type": "video"})],
    ),
    "mediaelement: what its element says": Case(
        "mediaelement",
        """<video title="Film" poster="p.jpg" data-mejsoptions='{"sources": [{"src": "f.mp4"},
        {"src": "f.webm"}]}'></video>""",
        [("f.mp4", {"title": "Film", "thumbnail": "p.jpg", "alternatives": ["f.webm"]})],
    ),
    "mediaelement: a playlist": Case(
        "mediaelement",
        """<ul class="mejs__playlist"><li data-url="1.mp3" data-title="One">One</li>
        <li data-url="2.mp3">Two</li></ul>""",
        [("1.mp3", {"title": "One", "position": 1}), ("2.mp3", {"title": "Two"})],
    ),
    "wordpress: a playlist": Case(
        "wordpress",
        """<script type="application/json" class="wp-playlist-script">{"type": "audio", "tracks":
        [{"src": "u/1.mp3", "type": "audio/mpeg", "title": "One", "meta": {"artist": "They",
        "album": "It", "length_formatted": "3:05"}, "image": {"src": "u/1.png", "width": 48}},
        {"src": "u/2.mp3", "title": "Two", "meta": {}}]}</script>""",
        [
            (
                "u/1.mp3",
                {
                    "title": "One",
                    "artist": "They",
                    "album": "It",
                    "duration": 185.0,
                    "thumbnail": "u/1.png",
                },
            ),
            ("u/2.mp3", {"title": "Two", "position": 2}),
        ],
    ),
    "vidstack: media-player": Case(
        "vidstack",
        """<media-player title="Film" src="f.m3u8"><media-provider><source src="f.mp4">
        <track src="f.vtt" label="English" srclang="en"></media-provider></media-player>""",
        [
            ("f.vtt", {"type": "other", "language": "en"}),
            ("f.m3u8", {"title": "Film", "alternatives": ["f.mp4"]}),
        ],
    ),
    "vidstack: media-chrome": Case(
        "vidstack",
        "<media-controller><hls-video src='m.m3u8' slot=media></hls-video></media-controller>",
        [("m.m3u8", {"type": "video"})],
    ),
    "vidstack: qualities in its provider": Case(
        "vidstack",
        """<media-player title="Film"><media-provider><source src="a.mp4" data-height="480">
        <source src="b.mp4" data-height="1080"></media-provider></media-player>""",
        [("b.mp4", {"title": "Film", "height": 1080, "alternatives": ["a.mp4"]})],
    ),
    "vidstack: mux": Case(
        "vidstack",
        "<mux-player playback-id='AbC01' metadata-video-title='Film'></mux-player>",
        [("https://stream.mux.com/AbC01.m3u8", {"title": "Film", "mime": HLS})],
    ),
}


def page(html: str) -> Page:
    return Page(f"{HERE}index.html", html.encode(), {"content-type": "text/html"})


def found_on(html: str, extractor: Extractor) -> list[MediaItem | Link]:
    return asyncio.run(found_by(extractor, page(html)))


def shown(value: Any) -> Any:
    """A fact as the cases write it."""
    if isinstance(value, tuple):
        return [each.url.removeprefix(HERE) for each in value]
    return value.removeprefix(HERE) if isinstance(value, str) else value


@pytest.mark.parametrize("name", CASES)
def test_what_the_documentation_shows_is_found(name: str) -> None:
    case = CASES[name]
    player = PLAYERS[case.player]
    items = merge(each for each in found_on(case.html, player) if isinstance(each, MediaItem))
    site = page(case.html)
    wanted = [(site.absolute(path), facts) for path, facts in case.items]
    told = [
        (item.url, {key: shown(getattr(item, key)) for key in facts})
        for item, (_, facts) in zip(items, wanted, strict=False)
    ]
    assert told == wanted and len(items) == len(wanted), items


def test_players_are_told_by_provider_and_id() -> None:
    html = (
        '<media-player src="youtube/_cMxraX_5RE"></media-player>'
        '<media-player src="vimeo/640499893"></media-player>'
        '<youtube-video slot=media src="https://www.youtube.com/watch?v=rubNgGj3pYo">'
    )
    assert [each.url for each in found_on(html, PLAYERS["vidstack"])] == [
        "https://www.youtube.com/watch?v=_cMxraX_5RE",
        "https://vimeo.com/640499893",
        "https://www.youtube.com/watch?v=rubNgGj3pYo",
    ]


async def test_a_playlist_of_jw_player_may_stand_elsewhere(site: Site) -> None:
    listed_there = {"playlist": [{"title": "Film", "sources": [{"file": "/f.mp4"}]}]}
    site.add("/list.json", json.dumps(listed_there).encode(), "application/json")
    url = site.add("/page", script("jwplayer('x').setup({playlist: '/list.json'})"))
    (film,) = await listed(url)
    assert (film.url, film.title) == (f"{site.origin}/f.mp4", "Film")


def test_every_player_has_a_page_here() -> None:
    assert {case.player for case in CASES.values()} == set(PLAYERS)


@pytest.mark.parametrize("name", PLAYERS)
def test_it_keeps_what_every_extractor_promises(name: str) -> None:
    check(PLAYERS[name])


@pytest.mark.parametrize("name", PLAYERS)
def test_a_page_without_it_is_left_alone(name: str) -> None:
    html = "<video src=a.mp4></video>" + script("list = [{src: 'b.mp3'}]; x.load('c.mp3')")
    assert found_on(html, PLAYERS[name]) == []


async def listed(url: str) -> list[MediaItem]:
    """What a run finds, with all extractors."""
    async with Session() as session:
        return [each async for each in session.items(url)]


OWN = {
    "howler": ("", "new Howl({src: ['/s/a.webm', '/s/a.mp3']})", "/s/a.webm"),
    "jwplayer": ("<div id=x></div>", "jwplayer('x').setup({file: '/s/a'})", "/s/a"),
    "hls": ("<video></video>", "new Hls().loadSource('/s/a.m3u8')", "/s/a.m3u8"),
    "video": ("<video class=video-js></video>", "videojs('v').src('/s/a.mp4')", "/s/a.mp4"),
    "wavesurfer": ("", "WaveSurfer.create({url: '/s/a'})", "/s/a"),
    "amplitude": ("", "Amplitude.init({songs: [{url: '/s/a.mp3'}]})", "/s/a.mp3"),
    "plyr": ("<audio></audio>", "player.source = {sources: [{src: '/s/a.mp3'}]}", "/s/a.mp3"),
}
LIBRARIES = ("jquery-3.7.1.min", "jquery.cookie", "vendor/swiper", "swiper@8.4/swiper.min")


@pytest.mark.parametrize("library", OWN)
async def test_a_player_that_plays_nothing_is_looked_up_in_the_site_s_scripts(
    library: str, site: Site
) -> None:
    markup, text, source = OWN[library]
    files = (*LIBRARIES, f"{library}.min", "app")
    loaded = "".join(f"<script src=/js/{each}.js></script>" for each in files)
    for each in files:
        site.add(f"/js/{each}.js", text.encode(), "text/javascript")
    url = site.add("/page", f"<title>Page</title>{markup}{loaded}")
    found = await listed(url)
    assert [item.url.removeprefix(site.origin) for item in found] == [source]
    assert found[0].origin.startswith(f"{site.origin}/js/app.js")
    assert [site.times_asked(f"/js/{each}.js") for each in files] == [0] * (len(files) - 1) + [1]


async def test_players_of_one_page_share_the_script_files(site: Site) -> None:
    for number in range(9):
        site.add(f"/js/{number}.js", "x = 1", "text/javascript")
    files = "".join(f"<script src=/js/{number}.js></script>" for number in range(9))
    page = site.add("/page", f"{files}{script('videojs; jwplayer; new Howl(what)')}<video-js>")
    assert await listed(page) == []
    assert [site.times_asked(f"/js/{number}.js") for number in range(9)] == [0] * 6 + [1] * 3


@pytest.mark.parametrize(
    "html",
    [
        "<p>We wrote about Howler and jwplayer.</p>",
        script("new Howl({src: 'a.mp3'})"),
        script("list = ['a.mp3']; new Howl({src: list[0]})"),
        "<video class=video-js><source src=a.mp4></video>" + script("videojs('v')"),
        "<link rel=stylesheet href=/mejs/mediaelement.css><p>No player here</p>",
    ],
    ids=["only words", "a source", "a list", "a source in markup", "no element"],
)
async def test_no_script_file_is_fetched_without_need(html: str, site: Site) -> None:
    site.add("/js/app.js", "new Howl({src: 'b.mp3'})", "text/javascript")
    url = site.add("/page", html + "<script src=/js/app.js></script>")
    assert {item.url.rpartition("/")[2] for item in await listed(url)} <= {"a.mp3", "a.mp4"}
    assert site.times_asked("/js/app.js") == 0


@given(st.sampled_from(sorted(CASES)), st.integers(0, 400), st.text(max_size=20))
def test_odd_pages_raise_nothing(name: str, at: int, text: str) -> None:
    html = CASES[name].html
    for player in PLAYERS.values():
        found_on(html[:at] + text + html[at:], player)
