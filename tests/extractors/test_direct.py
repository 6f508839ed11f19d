"""What stands in the markup of a page: one small page for each pattern."""

from __future__ import annotations

import pytest

from reelin import MediaItem, Page
from reelin.extractors.direct import Direct
from reelin.model.merge import merge

AT = "http://x.example/a/"


def found(body: str, *, everything: bool = False, **headers: str) -> list[MediaItem]:
    """The wanted items of a page."""
    page = Page(AT, body.encode(), {"content-type": "text/html; charset=utf-8"} | headers)
    return [
        item for item in merge(Direct(everything=everything).extract(page)) if item.noise is None
    ]


def urls(body: str) -> list[str]:
    return [item.url.removeprefix(AT) for item in found(body)]


def only(body: str) -> MediaItem:
    (item,) = found(body)
    return item


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ('<img src="a.jpg">', ["a.jpg"]),
        ("<IMG SRC=a.jpg>", ["a.jpg"]),
        ('<img src="photo?id=3">', ["photo?id=3"]),
        ('<img src="//x.example/a/b.jpg">', ["b.jpg"]),
        ('<base href="/a/b/"><img src="c.jpg">', ["b/c.jpg"]),
        ('<img src="s.jpg" srcset="m.jpg 480w, l.jpg 800w">', ["l.jpg"]),
        ('<img src="s.jpg" srcset="m.jpg 1x, l.jpg 2x">', ["l.jpg"]),
        ('<img data-src="a.jpg" src="data:image/gif;base64,R0">', ["a.jpg"]),
        ('<img data-src="a.jpg" src="blank.gif">', ["a.jpg"]),
        ('<img data-original="a.jpg" src="tiny.jpg">', ["a.jpg"]),
        ('<img data-srcset="s.jpg 1x, l.jpg 2x" src="tiny.jpg">', ["l.jpg"]),
        ('<img data-lazy-src="a.jpg">', ["a.jpg"]),
        ('<img src="s.jpg" data-large-file="m.jpg" data-orig-file="l.jpg">', ["l.jpg"]),
        ('<li data-thumb="t.jpg"><img src="a.jpg"></li>', ["a.jpg"]),
        ('<p data-url="a.jpg?full"><img src="a.jpg?s"></p>', ["a.jpg?full"]),
        ('<p data-url="o/a.jpg"><img srcset="a.jpg 900w"></p>', ["a.jpg"]),
        ('<p data-url="a.jpg"><img src="b.jpg"></p>', ["a.jpg", "b.jpg"]),
        ('<img data-src="a.jpg"><noscript><img src="a.jpg"></noscript>', ["a.jpg"]),
        ('<noscript><img src="a.jpg"></noscript>', ["a.jpg"]),
        (
            '<picture><source srcset="l.webp 900w" type="image/webp"><img src="s.jpg"></picture>',
            ["l.webp"],
        ),
        ('<amp-img src="a.jpg" width=3 height=2 layout=responsive></amp-img>', ["a.jpg"]),
        ('<audio src="a.mp3"></audio>', ["a.mp3"]),
        ('<audio><source src="a.ogg"><source src="a.mp3"></audio>', ["a.ogg"]),
        ('<video><source src="a.mp4" size=576><source src="b.mp4" size=1080></video>', ["b.mp4"]),
        ('<video src="a.mp4"><track src="en.vtt" srclang=en></video>', ["en.vtt", "a.mp4"]),
        ('<div><source src="a.mp4" type="video/mp4"></div>', ["a.mp4"]),
        ('<a href="a.mp3">x</a>', ["a.mp3"]),
        ('<a href="A.MP3?x=1#t">x</a>', ["A.MP3?x=1"]),
        ('<a href="book.pdf">x</a><a href="all.zip">y</a>', ["book.pdf", "all.zip"]),
        ('<a download href="get?id=4">x</a>', ["get?id=4"]),
        ('<a href="page.html">x</a><a href="/">y</a><a href="style.css">z</a>', []),
        ('<a href="/wiki/File:Cat.jpg"><img src="cat.jpg"></a>', ["cat.jpg"]),
        ('<a href="share?u=a.jpg">x</a>', []),
        ('<a href="l.jpg"><img src="s.jpg"></a>', ["l.jpg"]),
        ('<object data="a.pdf" type="application/pdf"></object>', ["a.pdf"]),
        ('<embed src="a.mp3"><iframe src="b.pdf"></iframe>', ["a.mp3", "b.pdf"]),
        ("<div style=\"background-image: url('a.jpg')\"></div>", ["a.jpg"]),
        ('<div style="background:url(a.jpg), url(&quot;b.png&quot;)"></div>', ["a.jpg", "b.png"]),
        ('<div data-bg="a.jpg"></div>', ["a.jpg"]),
        ('<div data-bg="url(a.jpg)"></div>', ["a.jpg"]),
        ('<div data-bgset="a.jpg 400w, b.jpg 900w"></div>', ["b.jpg"]),
        ('<img data-echo="a.jpg" src="blank.gif">', ["a.jpg"]),
        ('<img data-echo="a.jpg">', ["a.jpg"]),
        ('<img src="a.jpg" data-hover="b.jpg">', ["a.jpg"]),
        ('<amp-anim src="a.gif" width=400 height=300></amp-anim>', ["a.gif"]),
        ('<frameset><frame src="a.jpg"></frameset>', ["a.jpg"]),
        ('<li data-video-src="a.mp4">x</li>', ["a.mp4"]),
        ('<div data-json=\'{"src": "a.mp4"}\'></div>', []),
        ('<link rel=enclosure href="a.mp3">', ["a.mp3"]),
        ('<p><img src="a.jpg"<p><td><img src="b.jpg" alt=x>', ["a.jpg", "b.jpg"]),
        ('<img src="a b.jpg"><img src="é.jpg">', ["a%20b.jpg", "%C3%A9.jpg"]),
        ('<img src="javascript:x()"><img src=""><img>', []),
    ],
)
def test_patterns(body: str, expected: list[str]) -> None:
    assert urls(body) == expected


@pytest.mark.parametrize(
    "body",
    [
        '<img src="a.gif" width=1 height=1>',
        '<img src="spacer.gif">',
        '<img src="/img/loading.svg">',
        '<img src="a.png" width=32 height=32>',
        '<img src="/icons/a.png">',
        '<img src="site-logo.png">',
        '<img src="/avatars/me.jpg">',
        '<nav><img src="a.jpg"></nav>',
        '<footer><p><img src="a.jpg"></footer>',
        '<header><img src="a.jpg"></header>',
        '<div role=navigation><img src="a.jpg"></div>',
        '<link rel=icon href="favicon.ico">',
        '<link rel="preload" as="image" href="hero.jpg">',
        "<style>body { background: url(paper.png) }</style>",
        '<a data-thumb-src="a.jpg">x</a>',
    ],
)
def test_noise_is_left_out_with_a_reason_unless_everything_is_wanted(body: str) -> None:
    assert found(body) == []
    assert len(found(body, everything=True)) == 1
    page = Page(AT, body.encode(), {"content-type": "text/html"})
    assert [bool(item.noise) for item in Direct().extract(page)] == [True]


@pytest.mark.parametrize(
    "body",
    [
        "<article><header><img src=a.jpg></header></article>",
        "<main><aside></aside><img src=a.jpg></main>",
        "<img src=logical.jpg>",
        "<img src=a.jpg width=640 height=40>",
    ],
)
def test_what_only_resembles_noise_is_kept(body: str) -> None:
    assert len(found(body)) == 1


def test_renditions_are_alternatives_best_first() -> None:
    item = only(
        '<picture><source srcset="m.webp 480w, l.webp 900w" type="image/webp">'
        '<img src="s.jpg" srcset="m.jpg 480w" alt="A cat"></picture>'
    )
    assert (item.url, item.width, item.mime) == (AT + "l.webp", 900, "image/webp")
    assert [each.url.removeprefix(AT) for each in item.alternatives] == ["m.jpg", "m.webp", "s.jpg"]
    assert (item.type, item.title, item.origin) == ("image", "A cat", "<picture> srcset")


def test_a_thumbnail_goes_along_with_its_full_picture() -> None:
    item = only(
        '<figure><a href="l.jpg"><img src="s.jpg"></a><figcaption>A cat</figcaption></figure>'
    )
    assert (item.url, item.thumbnail, item.title) == (AT + "l.jpg", AT + "s.jpg", "A cat")


def test_a_film_has_its_poster_and_qualities() -> None:
    item = only(
        '<video poster="p.jpg" title="Film"><source src="a.mp4" type="video/mp4" res=480 label=SD>'
        '<source src="b.mp4" type="video/mp4" res=1080 label=HD></video>'
    )
    assert (item.url, item.height, item.thumbnail, item.title) == (
        AT + "b.mp4",
        1080,
        AT + "p.jpg",
        "Film",
    )
    assert [(each.label, each.height, each.mime) for each in item.alternatives] == [
        ("SD", 480, "video/mp4")
    ]


def test_subtitles_have_their_language() -> None:
    track = found('<video src="a.mp4"><track src="de.vtt" srclang="de" label="Deutsch"></video>')[0]
    assert (track.type, track.language, track.title) == ("other", "de", "Deutsch")


def test_a_download_has_the_name_it_asks_for() -> None:
    item = only('<a download="song.mp3" href="get?id=4">The song</a>')
    assert (item.filename, item.title, item.origin) == ("song.mp3", "The song", "<a download>")


def test_order_is_that_of_the_document() -> None:
    body = '<a href="1.mp3">x</a><img src="2.jpg"><video src="3.mp4"></video><div style="background:url(4.png)">'
    assert urls(body) == ["1.mp3", "2.jpg", "3.mp4", "4.png"]


@pytest.mark.parametrize("charset", ["windows-1251", "shift_jis", "gbk"])
def test_titles_in_every_encoding(charset: str) -> None:
    word = {"windows-1251": "Кошка", "shift_jis": "ねこ", "gbk": "猫"}[charset]
    body = f'<meta charset="{charset}"><img src="a.jpg" alt="{word}">'.encode(charset)
    page = Page(AT, body, {"content-type": "text/html"})
    assert [item.title for item in Direct().extract(page)] == [word]


def test_a_url_that_is_a_file_is_an_item_with_its_headers_facts() -> None:
    page = Page(
        "http://x.example/get?id=1",
        b"",
        {
            "content-type": "video/mp4",
            "content-length": "5",
            "last-modified": "Mon, 02 Nov 2026 10:00:00 GMT",
        },
    )
    (item,) = Direct().extract(page)
    assert (item.url, item.type, item.size) == ("http://x.example/get?id=1", "video", 5)
    assert item.date is not None and item.date.year == 2026


def test_a_page_of_a_hundred_thousand_attributes_is_read() -> None:
    attributes = " ".join(f'data-x{n}="y"' for n in range(100_000))
    assert urls(f"<div {attributes}></div><img src=a.jpg>") == ["a.jpg"]


def test_amp_audio_says_who_plays() -> None:
    item = only("<amp-audio src=a.mp3 title=Song artist=Band album=LP artwork=c.jpg></amp-audio>")
    assert (item.title, item.artist, item.album) == ("Song", "Band", "LP")
    assert item.thumbnail == f"{AT}c.jpg"


def test_the_height_of_a_player_is_none_of_its_film() -> None:
    assert only("<video src=a.mp4 height=270></video>").height is None


def test_titled_sources_of_one_format_are_a_playlist() -> None:
    first, second = found(
        "<audio poster=p.jpg><source src=1.mp3 title=One data-playlist-thumbnail=1.jpg>"
        "<source src=1.ogg title=One><source src=2.mp3 title=Two></audio>"
    )
    assert (first.title, first.position, first.total) == ("One", 1, 2)
    assert first.thumbnail == f"{AT}1.jpg"
    assert [each.url for each in first.alternatives] == [f"{AT}1.ogg"]
    assert (second.url, second.title, second.position) == (f"{AT}2.mp3", "Two", 2)
    assert second.thumbnail == f"{AT}p.jpg"


def test_titled_formats_are_one_film() -> None:
    film = only("<video><source src=a.webm title=WebM><source src=a.mp4 title=MP4></video>")
    assert len(film.alternatives) == 1
    film = only(
        "<video><source src=a.mp4 title=low size=360><source src=b.mp4 title=high size=720>"
    )
    assert film.url == f"{AT}b.mp4"


def test_a_link_calls_its_picture_by_its_caption() -> None:
    assert only('<a href=a.jpg title="Winter"><img src=t.jpg></a>').title == "Winter"
    assert only('<a href=a.jpg data-caption="Cap"><img src=t.jpg alt=x></a>').title == "Cap"
    assert only("<a href=a.jpg><img src=t.jpg alt=Alt></a>").title == "Alt"


def test_sizes_for_smaller_screens_are_renditions() -> None:
    item = only("<a href=a.jpg data-at-450=b.jpg data-at-800=c.jpg><img src=t.jpg></a>")
    assert [each.url for each in item.alternatives] == [f"{AT}c.jpg", f"{AT}b.jpg"]


def test_sides_of_what_is_shown_are_not_those_of_the_full_picture() -> None:
    item = only("<img width=150 height=150 src=a-150x150.jpg data-orig-file=a.jpg>")
    assert (item.url, item.width, item.height) == (f"{AT}a.jpg", None, None)
    item = only("<img width=600 height=400 data-src=a.jpg src=blank.gif>")
    assert (item.width, item.height) == (600, 400)


def test_the_cover_of_a_track_is_no_picture_of_the_page() -> None:
    assert urls("<li data-src=1.mp3 data-cover=1.jpg>One</li>") == ["1.mp3"]


def test_names_tell_qualities_where_nothing_else_does() -> None:
    film = only("<video><source src=f_480p.mp4><source src=f_1080p.mp4></video>")
    assert (film.url, film.height) == (f"{AT}f_1080p.mp4", 1080)
    assert only("<video><source src=f_480p.mp4 size=360></video>").height == 360


def test_what_a_player_falls_back_to_is_the_same() -> None:
    song = only(
        '<audio><source src="a.mp3?_=1"><a href="a.mp3">http://x.example/a/a.mp3</a></audio>'
    )
    assert (song.url, song.title) == (f"{AT}a.mp3?_=1", None)
    assert [each.url for each in song.alternatives] == [f"{AT}a.mp3"]
    assert urls("<video><a href=film.mp4>Film</a></video>") == ["film.mp4"]


def test_an_address_is_no_title() -> None:
    assert only(f'<a href="a.mp3">{AT}a.mp3</a>').title is None
