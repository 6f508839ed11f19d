"""Feeds of all kinds, as pages of their own and as HTML pages name them."""

from __future__ import annotations

from datetime import UTC, datetime

from reelin import Link, MediaItem, Page
from reelin.extractors.feeds import Feeds, reelin_extractors
from reelin.testing import check

HERE = "https://cast.example/feed/"


def page(text: str, mime: str = "application/rss+xml") -> Page:
    return Page(f"{HERE}feed.xml", text.encode(), {"content-type": mime})


def found_on(page: Page, feeds: Feeds | None = None) -> list[MediaItem | Link]:
    return list((feeds or Feeds()).extract(page))


def items_of(text: str, mime: str = "application/rss+xml") -> list[MediaItem]:
    return [each for each in found_on(page(text, mime)) if isinstance(each, MediaItem)]


PODCAST = """<?xml version="1.0" encoding="UTF-8"?>
<!-- generator <html> -->
<rss version="2.0" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd">
<channel><title>The Cast &amp; Crew</title><itunes:author>Ann Example</itunes:author>
<image><url>https://cast.example/cover.jpg</url></image>
<item><title><![CDATA[Second & <b>last</b>]]></title><pubDate>Tue, 02 Jan 2024 10:00:00 +0100</pubDate>
  <enclosure url="../2.mp3?x=1&amp;y=2" length="2222" type="audio/mpeg"/>
  <itunes:duration>1:02:03</itunes:duration><itunes:image href="2.jpg"/>
  <itunes:author>Bob</itunes:author></item>
<item><title>First</title><pubDate>Mon, 01 Jan 2024 09:00:00 GMT</pubDate>
  <enclosure url="https://cdn.example/1" length="0" type="audio/mpeg"/>
  <itunes:duration>61</itunes:duration></item>
</channel></rss>"""


def test_it_keeps_what_every_extractor_promises() -> None:
    (feeds,) = reelin_extractors()
    check(feeds)


def test_a_podcast_s_episodes_are_numbered_from_the_oldest() -> None:
    second, first = items_of(PODCAST)
    assert second == MediaItem(
        "https://cast.example/2.mp3?x=1&y=2",
        "audio",
        mime="audio/mpeg",
        title="Second & last",
        artist="Bob",
        album="The Cast & Crew",
        position=2,
        total=2,
        date=datetime.fromisoformat("2024-01-02T10:00:00+01:00"),
        size=2222,
        duration=3723.0,
        thumbnail=f"{HERE}2.jpg",
        origin="<enclosure>",
    )
    assert (first.url, first.type, first.position) == ("https://cdn.example/1", "audio", 1)
    assert (first.artist, first.duration, first.size) == ("Ann Example", 61.0, None)
    assert first.date == datetime(2024, 1, 1, 9, tzinfo=UTC)
