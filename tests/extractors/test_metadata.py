"""What <meta> tags announce: files, players, and teasers that are wanted only alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelin import Link, MediaItem, Page
from reelin.extractors.direct import Direct
from reelin.extractors.metadata import Metadata, reelin_extractors
from reelin.model.merge import merge
from reelin.testing import check

HERE = "https://site.example/a/"


def page(html: str) -> Page:
    return Page(HERE, html.encode(), {"content-type": "text/html; charset=utf-8"})


def meta(*properties: str) -> str:
    pairs = (each.partition("=")[::2] for each in properties)
    return "".join(f'<meta property="{name}" content="{value}">' for name, value in pairs)


def found_in(html: str, metadata: Metadata | None = None) -> list[MediaItem | Link]:
    return [*(metadata or Metadata()).extract(page(html))]


def items_in(html: str, metadata: Metadata | None = None) -> list[MediaItem]:
    return [each for each in found_in(html, metadata) if isinstance(each, MediaItem)]


def wanted_in(html: str) -> list[str]:
    """What is wanted on a page of what `direct` and `metadata` find, merged."""
    found = [*Direct().extract(page(html)), *items_in(html)]
    return [item.url.removeprefix(HERE) for item in merge(found) if item.noise is None]


def test_it_keeps_what_every_extractor_promises() -> None:
    (metadata,) = reelin_extractors()
    check(metadata)


def test_an_announced_video_with_its_facts() -> None:
    (video,) = items_in(
        meta(
            "og:title=The film",
            "og:video=http://site.example/f.mp4",
            "og:video:secure_url=https://site.example/f.mp4",
            "og:video:type=video/mp4; codecs=avc1",
            "og:video:width=1280",
            "og:video:height=720",
            "video:duration=95",
        )
    )
    assert (video.url, video.type, video.mime) == (
        "https://site.example/f.mp4",
        "video",
        "video/mp4",
    )
    assert (video.width, video.height, video.duration) == (1280, 720, 95)
    assert video.title == "The film"
    assert [each.url for each in video.alternatives] == ["http://site.example/f.mp4"]


def test_several_are_several_in_order() -> None:
    html = meta("og:audio=1.mp3", "og:audio:title=One", "og:audio=2.ogg", "og:title=Page")
    assert [(item.url, item.title) for item in items_in(html)] == [
        (f"{HERE}1.mp3", "One"),
        (f"{HERE}2.ogg", None),
    ]


def test_the_stream_of_a_twitter_player() -> None:
    html = meta(
        "twitter:player=/embed/7",
        "twitter:player:stream=/7?s",
        "twitter:player:stream:content_type=video/mp4",
        "twitter:title=Film",
    )
    (film,) = items_in(html)
    assert (film.url, film.type, film.title) == ("https://site.example/7?s", "video", "Film")
    assert len(found_in(html)) == 1


@pytest.mark.parametrize(
    ("properties", "links"),
    [
        (["og:video=https://www.youtube.com/embed/x"], ["https://www.youtube.com/embed/x"]),
        (["og:video=/embed/7", "og:video:type=text/html"], ["https://site.example/embed/7"]),
        (["twitter:player=https://player.vimeo.com/video/1"], ["https://player.vimeo.com/video/1"]),
        (["og:video=https://other.example/embed/7"], []),
        (["og:video=/p.swf", "og:video:type=application/x-shockwave-flash"], []),
        (["og:video=/embed/7", "og:video=f.mp4"], []),
    ],
)
def test_players_are_links_where_there_is_no_file(properties: list[str], links: list[str]) -> None:
    found = found_in(meta(*properties))
    assert [each.url for each in found if isinstance(each, Link)] == links


TEASER = meta("og:image=t.jpg", "og:image:alt=A cat", "og:image:width=1200")


@pytest.mark.parametrize(
    ("html", "wanted"),
    [
        (TEASER, ["t.jpg"]),
        (f"{TEASER}<img src=other.jpg>", ["other.jpg"]),
        (f"{TEASER}<img src=t.jpg>", ["t.jpg"]),
        (f"{TEASER}<img src=logo.png><img width=1 height=1 src=count>", ["logo.png", "t.jpg"]),
        (f"{TEASER}<video src=f.mp4></video>", ["f.mp4"]),
        (f"{TEASER}<script>play('f.mp4')</script>", []),
        (f"{TEASER}<div style='background: url(b.jpg)'></div>", ["b.jpg"]),
        (TEASER + meta("og:video=f.mp4"), ["f.mp4"]),
        (meta("twitter:image=2.jpg") + TEASER, ["t.jpg"]),
        (meta("twitter:image:src=2.jpg") + "<link rel=image_src href=3.jpg>", ["2.jpg"]),
        (meta("og:image=site-logo.png"), []),
        (meta("og:image=1.jpg", "og:image=2.jpg"), ["1.jpg", "2.jpg"]),
    ],
)
def test_a_teaser_is_wanted_where_nothing_else_is(html: str, wanted: list[str]) -> None:
    assert wanted_in(html) == [each for each in wanted if each != "logo.png"]


def test_a_teaser_tells_of_the_same_picture_on_the_page() -> None:
    found = [*Direct().extract(page(f"{TEASER}<img src=t.jpg>")), *items_in(f"{TEASER}<img>")]
    (picture,) = merge(found)
    assert (picture.title, picture.width, picture.noise) == ("A cat", 1200, None)


def test_teasers_on_demand() -> None:
    html = f"{TEASER}<img src=other.jpg>"
    assert [each.noise for each in items_in(html, Metadata(teasers=True))] == [None]
    (item,) = items_in(html)
    assert item.noise is not None


@pytest.mark.parametrize(
    "value", ["", "data:image/png;base64,AA", "<b>", "https://[x", "mailto:a@b.example"]
)
def test_nonsense_gives_nothing(value: str) -> None:
    assert found_in(meta(f"og:image={value}", f"og:video={value}")) == []


@given(st.lists(st.tuples(st.sampled_from(["og:image", "og:video:type", "og:audio"]), st.text())))
def test_whatever_stands_there_does_no_harm(pairs: list[tuple[str, str]]) -> None:
    found_in("og:" + meta(*(f"{name}={value}" for name, value in pairs)))
