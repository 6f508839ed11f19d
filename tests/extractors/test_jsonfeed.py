"""JSON Feed, version 1 and 1.1."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelin import ExtractError, Link, MediaItem, Page
from reelin.extractors.jsonfeed import JsonFeed, reelin_extractors
from reelin.testing import check

HERE = "https://cast.example/feed/"
JSON = """{"version": "https://jsonfeed.org/version/1.1", "title": "J", "authors": [{"name": "Ann"}, {"name": "Bob"}, 5],
 "items": [{"id": 1, "title": "One &amp; only", "date_published": "2024-01-02T03:04:05Z", "image": "/i.jpg", "url": "/1", "attachments": [
 {"url": "1.mp3", "mime_type": "audio/mpeg", "title": "Part", "size_in_bytes": 77, "duration_in_seconds": 12.5}, null, {"url": null}]},
 {"content_html": "<img src='p.jpg'>", "url": "/two/", "title": 2, "author": {"name": "Cy"}}, {"image": "x.png"},
 {"title": true, "url": "/words"}, "no", null]}"""


def found_on(text: str, extractor: JsonFeed | None = None) -> list[MediaItem | Link]:
    page = Page(f"{HERE}feed.json", text.encode(), {"content-type": "application/feed+json"})
    return list((extractor or JsonFeed()).extract(page))


def test_it_keeps_what_every_extractor_promises() -> None:
    (extractor,) = reelin_extractors()
    check(extractor)


def test_attachments_and_pictures() -> None:
    recording, picture, image = found_on(JSON)
    assert recording == MediaItem(
        f"{HERE}1.mp3",
        "audio",
        mime="audio/mpeg",
        title="Part",
        artist="Ann, Bob",
        album="J",
        position=1,
        total=3,
        date=datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC),
        size=77,
        duration=12.5,
        thumbnail="https://cast.example/i.jpg",
        origin="attachments",
    )
    assert isinstance(picture, MediaItem)
    assert (picture.url, picture.title) == ("https://cast.example/two/p.jpg", "2")
    assert picture.artist == "Cy"
    assert image.url == f"{HERE}x.png"


def test_a_file_may_be_the_address_of_a_post() -> None:
    post = {"url": "https://cast.example/words", "external_url": "https://cdn.example/1.mp3"}
    feed = {"version": "https://jsonfeed.org/version/1", "items": [post]}
    (item,) = found_on(json.dumps(feed))
    assert (item.url, getattr(item, "type", None)) == ("https://cdn.example/1.mp3", "audio")


def test_posts_without_files_on_demand() -> None:
    assert found_on(JSON, JsonFeed(follow=True))[-1] == Link(
        "https://cast.example/words", "page of a post"
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        '{"items": [{"attachments": [{"url": "a.mp3"}]}]}',
        '{"version": "https://jsonfeed.org/version/1.1", "items": {"a": 1}}',
        '<html>{"version": "https://jsonfeed.org/version/1.1"}',
    ],
)
def test_what_is_no_feed_or_holds_nothing(text: str) -> None:
    assert found_on(text) == []


WORDS = (
    "items attachments url mime_type title image author authors name content_html size_in_bytes"
    " date_published duration_in_seconds"
).split()
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9) | st.just("/a"),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(WORDS), inner, max_size=5)
    ),
)


@given(VALUES, VALUES)
def test_any_json_is_read(post: object, title: object) -> None:
    feed = {"version": "https://jsonfeed.org/version/1", "title": title, "items": [post, {}]}
    for each in found_on(json.dumps(feed), JsonFeed(follow=True)):
        assert each.url.startswith("http")


def test_the_next_page_of_a_feed_is_read_as_well() -> None:
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "next_url": "?page=2",
        "items": [{"title": "One", "attachments": [{"url": "1.mp3"}]}],
    }
    page = Page(
        "https://a.example/feed.json",
        json.dumps(feed).encode(),
        {"content-type": "application/feed+json"},
    )
    item, link = JsonFeed().extract(page)
    assert link == Link("https://a.example/feed.json?page=2", "next page", pages=50)
    assert isinstance(item, MediaItem) and item.position is None
    assert list(JsonFeed(max_pages=1).extract(page)) == [item]


@pytest.mark.parametrize(
    "text",
    [
        '{"version": "https://jsonfeed.org/version/1.1", "items": [',
        '{"version": "https://jsonfeed.org/version/1.1", "items": [{"title": "One"}, {',
        '{"version": "jsonfeed.org", "items": ' + "[" * 100_000,
    ],
    ids=["cut", "cut in a post", "too deep"],
)
def test_a_feed_that_cannot_be_read_is_an_error(text: str) -> None:
    with pytest.raises(ExtractError, match="cannot be read"):
        found_on(text)
