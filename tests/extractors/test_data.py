"""Media in data: by shape, whatever the framework."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelin import MediaItem, Page
from reelin.extractors.data import Data, reelin_extractors
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


def test_pictures_are_taken_where_the_page_shows_none() -> None:
    state = {"photos": [{"caption": "One", "src": "/p/1.jpg"}, {"src": "/img/icon-x.svg"}]}
    html = WAYS["Next.js"].format(json.dumps(state))
    assert [(item.url, item.title) for item in items_of(html) if not item.noise] == [
        ("https://site.example/p/1.jpg", "One")
    ]
    assert items_of(html + "<img src=a.jpg>") == []


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
