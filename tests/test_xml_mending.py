"""Feeds that are written as if they were HTML: no post is lost to what is open or unquoted."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from reelin import MediaItem, Page
from reelin.extractors.feeds import Feeds
from reelin.page.xml_mending import mend

HERE = "https://site.example/feeds/all.xml"
LAST = '<item><title>Two</title><enclosure url="/2.mp3" type="audio/mpeg"/></item>'


def files_of(item: str, about: str = "") -> list[str]:
    body = f'<?xml version="1.0"?><rss version="2.0"{about}><channel>{item}{LAST}</channel></rss>'
    page = Page(HERE, body.encode(), {"content-type": "application/rss+xml"})
    return [each.url for each in Feeds().extract(page) if isinstance(each, MediaItem)]


@pytest.mark.parametrize(
    "item",
    [
        '<item><description><p>Hi<br>there</description><enclosure url="/1.mp3"/></item>',
        '<item><title>One <b>bold</title><enclosure url="/1.mp3"/></item>',
        "<item><enclosure url=/1.mp3 type=audio/mpeg></enclosure></item>",
        '<item><enclosure url="/1.mp3"type="audio/mpeg"length="0"/></item>',
        '<item><title>1 < 2 & "3"</title><enclosure url="/1.mp3"/></item>',
        '<item></p></b><enclosure url="/1.mp3" url="/other.mp3"/></item>',
        '<item><title a="x<y">One</title><enclosure url="/1.mp3"/></item>',
        '<item><ul><li>a<li>b</ul><enclosure url="/1.mp3"/></item>',
        '<item><enclosure url="/1.mp3" type="text/html"/></item>',
        '<item><enclosure link="/1.mp3"/></item>',
        "<item><enclosure>/1.mp3</enclosure></item>",
        '<item xml:base="https://site.example/"><enclosure url="1.mp3"/></item>',
        '<item><alternateEnclosure type="audio/mpeg"><source uri="/1.mp3"/></alternateEnclosure></item>',
    ],
)  # fmt: skip
def test_each_post_is_found(item: str) -> None:
    assert files_of(item) == ["https://site.example/1.mp3", "https://site.example/2.mp3"]


def test_the_base_of_a_feed_holds_for_its_posts() -> None:
    item = '<item><enclosure url="1.mp3" type="audio/mpeg"/></item>'
    found = files_of(item, ' xml:base="https://cdn.example/e/"')
    assert found == ["https://cdn.example/e/1.mp3", "https://cdn.example/2.mp3"]


@given(st.text(alphabet="<>/&;'\"=ab ![-]?p\n", max_size=80))
def test_what_is_mended_can_be_parsed(text: str) -> None:
    parser = etree.XMLParser(recover=True, resolve_entities=False)
    assert etree.fromstring(f"<r>{mend(text)}</r>".encode(), parser) is not None


@pytest.mark.parametrize("text", ["<p>" * 5000, "<p><b>" * 3000 + "</p>" * 3000])
def test_nothing_is_deeper_than_parsers_go(text: str) -> None:
    assert etree.fromstring(f"<r>{mend(text)}</r>".encode()) is not None


@pytest.mark.parametrize(
    ("declared", "codec", "sent", "title"),
    [
        ("utf-8", "utf-8", "iso-8859-1", "Caf\u00e9"),
        ("utf-8", "utf-8", "utf-8", "Caf\u00e9"),
        ("utf-8", "latin-1", "iso-8859-1", "Caf\u00e9"),
        ("iso-8859-1", "utf-8", "iso-8859-1", "Caf\u00c3\u00a9"),
    ],
)
def test_a_feed_called_latin_1_that_is_utf_8(
    declared: str, codec: str, sent: str, title: str
) -> None:
    body = f'<?xml version="1.0" encoding="{declared}"?><rss><a>Caf\u00e9</a></rss>'
    page = Page(HERE, body.encode(codec), {"content-type": f"text/xml; charset={sent}"})
    assert f"<a>{title}</a>" in page.text
