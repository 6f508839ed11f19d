"""Feeds as HTML pages name them."""

from __future__ import annotations

from reelin import Link, Page
from reelin.extractors.feedlinks import FeedLinks, reelin_extractors
from reelin.testing import check


def test_it_keeps_what_every_extractor_promises() -> None:
    (extractor,) = reelin_extractors()
    check(extractor)


def found_on(page: Page, extractor: FeedLinks | None = None) -> list[Link]:
    return list((extractor or FeedLinks()).extract(page))


FEED_LINKS = """<link rel=alternate type=application/rss+xml href=/comments/feed title=Comments>
<link rel="alternate" type="application/rss+xml" href="/feed/"><link rel=alternate type=application/atom+xml href=/atom>"""


def html(text: str) -> Page:
    return Page(
        "https://cast.example/", (FEED_LINKS + text).encode(), {"content-type": "text/html"}
    )


def test_the_feed_of_a_page_is_followed_on_demand_or_for_a_podcast() -> None:
    feed = [Link("https://cast.example/feed/", "<link rel=alternate>", offsite=True)]
    series = '<script type="application/ld+json">{"@type": "PodcastSeries", "name": "x"}</script>'
    episode = '<script type="application/ld+json">{"@type": "PodcastEpisode", "partOfSeries": {"@type": "PodcastSeries"}}</script>'
    assert found_on(html("")) == []
    assert found_on(html(""), FeedLinks(always=True)) == feed
    assert found_on(html(series)) == feed
    assert found_on(html("<div itemscope itemtype='https://schema.org/PodcastSeries'>")) == feed
    assert found_on(html(series + "<audio src=a.mp3>")) == []
    assert found_on(html(episode)) == []
