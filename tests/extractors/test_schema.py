"""schema.org as JSON-LD and as microdata: media with their facts, teasers, and broken data."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelin import Link, MediaItem, Page
from reelin.extractors.direct import Direct
from reelin.extractors.schema import Schema, reelin_extractors
from reelin.model.merge import merge
from reelin.testing import check

HERE = "https://site.example/a/"
VIDEO = {"@context": "https://schema.org", "@type": "VideoObject", "contentUrl": "f.mp4"}


def page(html: str) -> Page:
    return Page(f"{HERE}page", html.encode(), {"content-type": "text/html; charset=utf-8"})


def script(text: str) -> str:
    return f'<script type="application/ld+json">{text}</script>'


def ld(*things: Any) -> str:
    return "".join(script(json.dumps(each)) for each in things)


def found_in(html: str, schema: Schema | None = None) -> list[MediaItem | Link]:
    return [*(schema or Schema()).extract(page(html))]


def items_in(html: str, schema: Schema | None = None) -> list[MediaItem]:
    return [each for each in found_in(html, schema) if isinstance(each, MediaItem)]


def wanted_in(html: str) -> list[str]:
    return [item.url.removeprefix(HERE) for item in items_in(html) if item.noise is None]


def test_it_keeps_what_every_extractor_promises() -> None:
    (schema,) = reelin_extractors()
    check(schema)


def test_a_video_with_its_facts() -> None:
    (video,) = items_in(
        ld(
            {
                **VIDEO,
                "name": "Cats &amp; dogs\n",
                "thumbnailUrl": ["poster.jpg", "other.jpg"],
                "uploadDate": "2024-12-07T01:36:42.000Z",
                "duration": "PT1H4M19.5S",
                "width": "1280px",
                "height": {"@type": "QuantitativeValue", "value": 720},
                "bitrate": "2.5 Mbps",
                "encodingFormat": "video/mp4; codecs=x",
                "inLanguage": {"@type": "Language", "name": "Portuguese", "alternateName": "pt_BR"},
                "embedUrl": "https://www.youtube.com/embed/x",
            }
        )
    )
    assert (video.url, video.type, video.title) == (f"{HERE}f.mp4", "video", "Cats & dogs")
    assert video.thumbnail == f"{HERE}poster.jpg"
    assert video.date is not None
    assert video.date.isoformat() == "2024-12-07T01:36:42+00:00"
    assert (video.duration, video.width, video.height) == (3859.5, 1280, 720)
    assert (video.bitrate, video.mime, video.language) == (2_500_000, "video/mp4", "pt-BR")
    assert video.origin == "schema.org VideoObject"


def test_a_podcast_episode_passes_on_its_facts() -> None:
    episode = {
        "@type": "PodcastEpisode",
        "name": "One",
        "datePublished": "2020-03-18",
        "partOfSeries": {"@type": "PodcastSeries", "name": "The series", "image": "cover.jpg"},
        "associatedMedia": {"@type": "MediaObject", "contentUrl": "1.mp3", "contentSize": "40 MB"},
    }
    (item,) = (each for each in items_in(ld({"@graph": [episode]})) if each.noise is None)
    assert (item.url, item.type, item.title) == (f"{HERE}1.mp3", "audio", "One")
    assert item.album == "The series"
    assert item.date is not None
    assert item.date.tzinfo is not None


def test_a_recording_with_its_encodings_is_one_item() -> None:
    song = {
        "@type": ["MusicRecording", "Product"],
        "name": "Song",
        "position": 3,
        "byArtist": [{"@type": "MusicGroup", "name": "Band"}],
        "inAlbum": {"@type": "MusicAlbum", "name": "Album"},
        "encoding": [
            {"@type": "AudioObject", "contentUrl": "s.mp3", "encodingFormat": "audio/mpeg"},
            {"@type": "AudioObject", "contentUrl": "s.flac", "bitrate": "900kbps"},
        ],
    }
    (item,) = items_in(ld(song))
    assert (item.url, item.title, item.artist) == (f"{HERE}s.mp3", "Song", "Band")
    assert (item.album, item.position) == ("Album", 3)
    assert [(each.url, each.bitrate) for each in item.alternatives] == [(f"{HERE}s.flac", 900_000)]


@pytest.mark.parametrize(
    ("thing", "found"),
    [
        ({"contentUrl": "https://cdn.example/v?id=7"}, ("https://cdn.example/v?id=7", "video")),
        ({"embedUrl": "e.mp4"}, (f"{HERE}e.mp4", "video")),
        ({"contentUrl": "/a/page", "url": "e.webm"}, (f"{HERE}e.webm", "video")),
        ({"@type": "AudioObject", "contentUrl": "a.mp4"}, (f"{HERE}a.mp4", "audio")),
        ({"@type": "https://schema.org/Clip", "url": "f.mp4"}, (f"{HERE}f.mp4", "video")),
        ({"@type": "DataDownload", "contentUrl": "t.csv"}, (f"{HERE}t.csv", "document")),
        ({"contentUrl": "v.mp4?a=1&amp;b=2"}, (f"{HERE}v.mp4?a=1&b=2", "video")),
    ],
)
def test_where_files_stand(thing: dict[str, str], found: tuple[str, str]) -> None:
    assert [(each.url, each.type) for each in items_in(ld({"@type": "VideoObject", **thing}))] == [
        found
    ]


@pytest.mark.parametrize(
    ("address", "links"),
    [
        ({"embedUrl": "https://www.youtube.com/embed/x"}, ["https://www.youtube.com/embed/x"]),
        ({"contentUrl": "https://vimeo.com/7"}, ["https://vimeo.com/7"]),
        ({"embedUrl": "/embed/7"}, ["https://site.example/embed/7"]),
        ({"embedUrl": "https://other.example/embed/7"}, []),
        ({"contentUrl": "/watch/7.html", "url": "/watch/7"}, []),
        ({"contentUrl": "null", "embedUrl": "<iframe src='x.mp4'>"}, []),
        ({"contentUrl": "data:video/mp4;base64,AA", "embedUrl": 7, "url": None}, []),
    ],
)
def test_players_are_links(address: dict[str, Any], links: list[str]) -> None:
    found = found_in(ld({"@type": "VideoObject", **address}))
    assert [each.url for each in found if isinstance(each, Link)] == links
    assert len(found) == len(links)


def test_the_pictures_of_an_article_are_teasers() -> None:
    html = ld(
        {
            "@type": "NewsArticle",
            "image": ["1.jpg", {"@type": "ImageObject", "url": "2.jpg", "width": 900}],
            "thumbnailUrl": "3.jpg",
            "publisher": {
                "@type": "Organization",
                "logo": {"@type": "ImageObject", "url": "l.jpg"},
            },
            "author": {"@type": "Person", "image": "me.jpg"},
        }
    )
    items = items_in(html)
    assert [item.url.removeprefix(HERE) for item in items] == ["1.jpg", "2.jpg", "3.jpg"]
    assert all(item.noise for item in items)
    assert not any(item.noise for item in items_in(html, Schema(teasers=True)))
    (picture,) = merge([*Direct().extract(page("<img src=2.jpg>")), items[1]])
    assert (picture.width, picture.noise) == (900, None)


def test_pictures_that_are_content_are_wanted() -> None:
    picture = {"@type": "ImageObject", "contentUrl": "big.jpg", "caption": "A cat"}
    (item,) = items_in(ld({**picture, "thumbnailUrl": "small.jpg"}))
    assert (item.title, item.thumbnail, item.noise) == ("A cat", f"{HERE}small.jpg", None)
    assert wanted_in(ld({"@type": "ImageGallery", "image": ["1.jpg", picture]})) == [
        "1.jpg",
        "big.jpg",
    ]
    graph = [{"@id": "#p", **picture}, {"@type": "WebPage", "primaryImageOfPage": {"@id": "#p"}}]
    assert wanted_in(ld({"@graph": graph})) == []


def test_a_poster_that_the_page_shows_stays_a_picture() -> None:
    html = ld({**VIDEO, "thumbnailUrl": "p.jpg"}) + "<img src=p.jpg>"
    video, picture = merge([*items_in(html), *Direct().extract(page(html))])
    assert (video.thumbnail, picture.url, picture.noise) == (f"{HERE}p.jpg", f"{HERE}p.jpg", None)


GOOD = '{"@type": "VideoObject", "contentUrl": "f.mp4"'


@pytest.mark.parametrize(
    "text",
    [
        GOOD + ",}",
        f"<!-- {GOOD}}} -->",
        f"//<![CDATA[\n{GOOD}}}\n//]]>",
        f"/*<![CDATA[*/ {GOOD}}} /*]]>*/",
        GOOD + ', "description": "two\nlines\tand \x01"}',
        GOOD + ', "description": "two\nlines",}',
        '{"@type": "Thing"}' + GOOD + "};",
        '{"@type": "Thing"},\n' + GOOD + ",}",
        GOOD + ', "about": {"a": "b"}',
        (GOOD + "}").replace('"', "&quot;"),
    ],
)
def test_broken_json_is_read(text: str) -> None:
    found = items_in(script(text))
    assert [item.url for item in found] in ([f"{HERE}f.mp4"], [])
    assert found or text.endswith('"}')


def test_microdata() -> None:
    html = """
    <div itemscope itemtype="http://schema.org/AudioObject"><p itemprop="name">A  talk</p>
    <meta itemprop="contentUrl" content="/t.mp3"><meta itemprop="duration" content="PT39M">
    <div itemprop="author" itemscope itemtype="http://schema.org/Person">
    <b itemprop="name">Ann</b><img itemprop="image" src="ann.jpg"></div>
    <time itemprop="uploadDate" datetime="2020-03-18T14:16:20+01:00">today</time></div>
    <article itemscope itemtype="http://schema.org/Article">
    <meta itemprop="image" content="teaser.jpg"></article>
    <figure itemprop="associatedMedia" itemscope itemtype="http://schema.org/ImageObject">
    <a href="/large" itemprop="contentUrl"><img src="small.jpg" itemprop="thumbnail" alt="x"></a>
    <figcaption itemprop="caption description">A house</figcaption></figure>
    <p itemprop="contentUrl">nobody's.mp3</p>"""
    talk, teaser, house = items_in(html)
    assert (talk.url, talk.title, talk.artist) == ("https://site.example/t.mp3", "A talk", "Ann")
    assert (talk.type, talk.duration) == ("audio", 2340)
    assert (teaser.url, teaser.noise is None) == (f"{HERE}teaser.jpg", False)
    assert (house.url, house.type, house.title) == (
        "https://site.example/large",
        "image",
        "A house",
    )
    assert (house.thumbnail, house.noise) == (f"{HERE}small.jpg", None)


def test_rdfa_lite() -> None:
    html = """<meta property="og:image" content="og.jpg">
    <body vocab="https://schema.org/" typeof="WebPage" prefix="og: http://ogp.me/ns#">
    <div typeof="VideoObject" resource="#film"><h1 property="name">A  film</h1>
    <meta property="contentUrl" content="/f.mp4"><link property="thumbnailUrl" href="/p.jpg">
    <time property="uploadDate og:time" datetime="2020-03-18T14:16:20+01:00">today</time>
    <p property="creator" typeof="Person"><b property="name">Ann</b><img property="image" src="a.jpg">
    <meta property="og:video" content="other.mp4"></div>
    <p property="schema:associatedMedia" typeof="schema:ImageObject">
    <img property="schema:contentUrl" src="house.jpg"><i property="schema:caption">A house</i>
    <p property="associatedMedia" resource="/loose.mp4">"""
    house, film = items_in(html)
    assert (film.url, film.type, film.title) == ("https://site.example/f.mp4", "video", "A film")
    assert (film.thumbnail, film.origin) == (
        "https://site.example/p.jpg",
        "schema.org VideoObject",
    )
    assert film.date is not None
    assert (house.url, house.title, house.noise) == (f"{HERE}house.jpg", "A house", None)


def test_a_thing_within_another_that_is_no_property_stands_alone() -> None:
    html = """<body itemscope itemtype="https://schema.org/WebPage">
    <div itemscope itemtype="https://schema.org/VideoObject"><link itemprop="contentUrl" href="f.mp4">"""
    assert wanted_in(html) == ["f.mp4"]


def test_one_thing_in_two_notations_is_one_item() -> None:
    video = items_in(
        ld({**VIDEO, "name": "Film"})
        + "<p vocab=https://schema.org/ typeof=VideoObject><a property=contentUrl href=f.mp4>"
        "<meta property=duration content=PT9S>"
    )
    (film,) = merge(video)
    assert (len(video), film.title, film.duration) == (2, "Film", 9)


def test_nothing_on_other_pages() -> None:
    assert found_in("<p>ld+json itemprop</p><script>x = {contentUrl: 'a.mp3'}</script>") == []
    picture = Page(HERE, b"itemprop", {"content-type": "image/png"})
    assert [*Schema().extract(picture)] == []


SCALARS = st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=9)
WORDS = ["@type", "@id", "contentUrl", "image", "width", "duration", "encoding", "inLanguage"]
VALUES = st.recursive(
    SCALARS | st.sampled_from(["VideoObject", "ImageObject", "a.mp4", "PT1S", "2020-01-01"]),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(WORDS), inner),
    max_leaves=30,
)


@given(VALUES)
def test_whatever_is_told_does_no_harm(value: Any) -> None:
    found_in(script(json.dumps(value).replace("</", "<\\/")))


@given(st.text())
def test_whatever_stands_there_does_no_harm(text: str) -> None:
    found_in(script(text) + f"<div itemscope itemtype=VideoObject><p itemprop=contentUrl>{text}")
    found_in(f"<div typeof=VideoObject resource='{text}'><p property='contentUrl {text}'>{text}")


def passing_on(depth: int) -> dict[str, Any]:
    """Things whose series and video have series and videos."""
    thing: dict[str, Any] = {"name": "x"}
    for _ in range(depth):
        thing = {"partOfSeries": thing, "video": {"video": {"name": "y"}}}
    return thing


@pytest.mark.parametrize(
    "html",
    [
        ld(passing_on(36)),
        script('{"image": ' * 50_000),
        script("[" * 200_000 + "]" * 200_000),
        script("{" * 200_000),
        script('"a"' * 200_000),
        script("<!-- " * 100_000),
        script("/" * 400_000),
        ld([{**VIDEO, "contentUrl": f"{n}.mp4", "thumbnailUrl": "p.jpg"} for n in range(5000)]),
        "<div itemprop=video itemscope><p itemprop=name>" * 20_000,
        "<div property=video typeof=VideoObject><p property=name>" * 20_000,
        "<p itemscope itemtype=VideoObject>" + "<b itemprop=contentUrl>a.mp4" * 20_000,
    ],
    ids="passed-on nested arrays braces documents comments slashes videos scopes rdfa properties".split(),
)
def test_large_and_deep_data_takes_bounded_time(html: str) -> None:
    document = page(html)
    assert len(document.tree)
    started = time.monotonic()
    list(Schema().extract(document))
    assert time.monotonic() - started < 5
