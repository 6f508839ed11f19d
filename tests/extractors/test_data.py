"""Media in data: by shape, whatever the framework."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelin import MediaItem, Page, noise
from reelin.extractors.data import Data, reelin_extractors
from reelin.page.javascript.source import MOST_TEXT
from reelin.testing import check

HERE = "https://site.example/show/"
STATE = {
    "props": {
        "pageProps": {
            "episode": {"title": "Episode 7", "audio": {"url": "/a/7.mp3"}, "cover": "/c/7.jpg"},
            "clip": {"name": "Clip", "file": "https://cdn.example/clip.mp4", "duration": 12},
            "link": "/about.html",
        }
    }
}
WAYS = {
    "Next.js": '<script id="__NEXT_DATA__" type="application/json">{}</script>',
    "Nuxt": "<script>window.__NUXT__={};</script>",
    "Apollo": "<script>window.__APOLLO_STATE__ = {}</script>",
    "state, parsed": "<script>window.__STATE__ = JSON.parse({!r})</script>",
    "an attribute": "<div data-page='{}'></div>",
}


def items_of(html: str, mime: str = "text/html") -> list[MediaItem]:
    page = Page(f"{HERE}index.html", html.encode(), {"content-type": mime})
    return [each for each in Data().extract(page) if isinstance(each, MediaItem)]


def test_it_keeps_what_every_extractor_promises() -> None:
    (data,) = reelin_extractors()
    check(data)


@pytest.mark.parametrize("way", WAYS)
def test_media_are_found_by_shape(way: str) -> None:
    html = "<img src=shown.jpg>" + WAYS[way].format(json.dumps(STATE))
    found = {item.url: item for item in items_of(html)}
    assert set(found) == {"https://site.example/a/7.mp3", "https://cdn.example/clip.mp4"}
    clip = found["https://cdn.example/clip.mp4"]
    assert (clip.title, clip.duration, clip.type) == ("Clip", 12.0, "video")


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({"title": "A", "media": {"url": "1.mp3"}}, [("A", None)]),
        ({"title": "A", "media": {"title": "B", "url": "1.mp3"}}, [("B", None)]),
        ({"title": "A", "media": {"audio": {"url": "1.mp3"}}}, [("A", None)]),
        ({"title": "A", "x": {"y": {"z": {"url": "1.mp3"}}}}, [(None, None)]),
        ({"title": "A", "author": "C", "x": {"title": "B", "y": {"url": "1.mp3"}}}, [("B", "C")]),
        (
            [{"title": "A", "file": {"url": "1.mp3"}}, {"title": "B", "file": {"url": "2.mp3"}}],
            [("A", None), ("B", None)],
        ),
        (  # the title of a list is no track's
            {"title": "LP", "artist": "C", "parts": [{"url": "1.mp3"}, {"url": "2.mp3"}]},
            [(None, "C"), (None, "C")],
        ),
        ({"name": "Player", "props": {"url": "1.mp3"}}, [(None, None)]),  # a component's
    ],
)
def test_the_object_around_speaks_for_what_is_in_it(
    data: object, expected: list[tuple[str | None, str | None]]
) -> None:
    html = WAYS["Next.js"].format(json.dumps({"data": data}))
    assert [(item.title, item.artist) for item in items_of(html)] == expected


def test_the_day_is_taken_from_around_as_well() -> None:
    data = {"title": "A", "datePublished": "2026-02-03", "media": {"url": "1.mp3"}}
    (item,) = items_of(WAYS["Nuxt"].format(json.dumps(data)))
    assert item.date == datetime(2026, 2, 3, tzinfo=UTC)


def test_json_in_xhtml_and_beyond_what_is_read_of_code() -> None:
    far = {"text": "x" * MOST_TEXT, "clip": {"src": "1.mp4"}}
    html = f"<script type='application/json'><![CDATA[{json.dumps(far)}]]></script>"
    assert [item.url for item in items_of(html)] == [f"{HERE}1.mp4"]


@pytest.mark.parametrize(
    "attribute", ["'{}'", "' {}'", "&#123;&quot;a&quot;:[&quot;1.mp3&quot;]&#125;"]
)
def test_attributes_however_written(attribute: str) -> None:
    value = attribute.format('{"a": ["1.mp3"]}') if "{}" in attribute else attribute
    assert [item.url for item in items_of(f"<p data-x={value}>")] == [f"{HERE}1.mp3"]


def test_pictures_are_taken_where_the_page_shows_none() -> None:
    state = {"photos": [{"caption": "One", "src": "/p/1.jpg"}, {"src": "/img/icon-x.svg"}]}
    html = WAYS["Next.js"].format(json.dumps(state))
    assert [(item.url, item.title) for item in items_of(html) if not item.noise] == [
        ("https://site.example/p/1.jpg", "One")
    ]
    assert items_of(html + "<img src=a.jpg>") == []


def test_nuxt_2_hands_over_what_stands_twice() -> None:
    html = (
        "<script>window.__NUXT__=(function(a,b,c){return {data:[{track:{title:a,cover:b,"
        'url:"\\u002F1.mp3"}}],error:c}}("My Song, our song","/c.jpg",null));</script>'
    )
    (item,) = items_of(html + "<img src=x.jpg>")
    assert (item.url, item.title) == ("https://site.example/1.mp3", "My Song, our song")
    assert item.thumbnail == "https://site.example/c.jpg"


NUXT_3 = '<script type="application/json" id="__NUXT_DATA__">{}</script>'


def test_nuxt_3_writes_values_once() -> None:
    flat = [["Reactive", 1], {"state": 2}, [3, 6], {"title": 4, "src": 5, "date": 7}, "Song"]
    flat += ["/1.mp3", {"title": 4, "src": 8}, ["Date", "2026-02-03T00:00:00.000Z"], "/2.mp3"]
    first, second = items_of(NUXT_3.format(json.dumps(flat)))
    assert (first.url, first.title) == ("https://site.example/1.mp3", "Song")
    assert first.date == datetime(2026, 2, 3, tzinfo=UTC)
    assert (second.url, second.title) == ("https://site.example/2.mp3", "Song")


@pytest.mark.parametrize(
    "flat",
    [
        [],
        {},
        [[0]],
        [{"a": -1, "b": 99, "c": "x", "d": None, "e": True}],
        [[1, 1], *([n, n] for n in range(2, 200)), "/1.mp3"],  # 2**200 values if all were made
        [[], [""], ["Set"], ["Map", 0, 1]],
    ],
    ids=["nothing", "no list", "itself", "no places", "doubling", "empty"],
)
def test_odd_references_cost_nothing(flat: object) -> None:
    items_of(NUXT_3.format(json.dumps(flat)))
    items_of(NUXT_3.format(json.dumps(flat)[:-1]))


def test_pictures_come_with_their_sides() -> None:
    photos = [{"src": "/p/1.jpg", "width": 1600, "height": 900}, {"src": "/p/2.jpg", "width": "x"}]
    first, second = items_of(WAYS["Next.js"].format(json.dumps({"photos": photos})))
    assert (first.width, first.height, second.width) == (1600, 900, None)


def test_artwork_belongs_to_its_track() -> None:
    state = {
        "photos": [{"src": "/p/1.jpg"}],
        "song": {"title": "Song", "src": "/1.mp3", "cover": {"url": "/c/1.jpg"}},
        "film": {"sources": [{"file": "/1.mp4"}], "image": "/c/2.jpg"},
    }
    found = items_of(WAYS["Next.js"].format(json.dumps(state)))
    assert {item.url.removeprefix("https://site.example"): item.noise for item in found} == {
        "/1.mp3": None,
        "/1.mp4": None,
        "/p/1.jpg": None,
        "/c/1.jpg": noise.ARTWORK,
        "/c/2.jpg": noise.ARTWORK,
    }
    assert found[0].thumbnail == "https://site.example/c/1.jpg"


def test_size_and_length_of_a_file_come_along() -> None:
    state = [
        {"title": "A", "audio": {"url": "/1.mp3", "fileSize": "123456", "duration": 60}},
        {"src": "/2.mp4", "size": 98765},
        {"src": "/3.mp4", "size": 720},
    ]
    found = items_of(WAYS["Next.js"].format(json.dumps(state)))
    assert [(item.title, item.size, item.duration, item.height) for item in found] == [
        ("A", 123456, 60.0, None),
        (None, 98765, None, None),
        (None, None, None, 720),
    ]


def test_an_answer_that_is_json_is_read_too() -> None:
    found = items_of(json.dumps(STATE), "application/json")
    assert [item.url for item in found] == [
        "https://site.example/a/7.mp3",
        "https://cdn.example/clip.mp4",
        "https://site.example/c/7.jpg",
    ]


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=20) | st.just("/a/b.mp3"),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=20,
)


@given(json_values, st.sampled_from(sorted(WAYS)))
def test_any_data_raise_nothing(value: object, way: str) -> None:
    items_of(WAYS[way].format(json.dumps(value)))
