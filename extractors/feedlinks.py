"""The feed that a page names: `<link rel=alternate type="application/rss+xml" href>`.

It is followed from the page of a podcast, whose episodes are there. From any other page only on
demand: else the page's own media would drown in those of its site.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated

from reelin import FEEDS, Extractor, Link, Page, hookimpl

# What a page is about by the first such word of its JSON-LD or microdata.
PODCAST = re.compile(r"Podcast(Series|Episode)\b")
BEFORE = re.compile(r"""(?:"@type"\s*:\s*\[?\s*"|schema\.org/)\Z""")


class FeedLinks(Extractor):
    """The feed of a podcast's page; on demand, that of any page."""

    name = "feedlinks"
    finds = (
        '<link rel="alternate" type="application/rss+xml" href="feed.xml">'
        ' <div itemscope itemtype="https://schema.org/PodcastSeries"></div>'
    )

    always: Annotated[bool, "from any page, not only that of a podcast"] = False

    def extract(self, page: Page) -> Iterator[Link]:
        """Yield the first feed that is not one of comments: others are the same, or parts of it."""
        if not page.is_markup or not (self.always or _is_of_podcast(page)):
            return
        for link in page.select("link[rel~=alternate][href]"):
            url = page.absolute(link.get("href", ""))
            about = f"{link.get('href')} {link.get('title')}".lower()
            if url and link.get("type", "").strip().lower() in FEEDS and "comment" not in about:
                yield Link(url, "<link rel=alternate>", offsite=True)
                return


def _is_of_podcast(page: Page) -> bool:
    """Whether a page presents a whole podcast, rather than an episode, and plays nothing itself."""
    for found in PODCAST.finditer(page.text):
        if BEFORE.search(page.text, max(0, found.start() - 40), found.start()):
            plays = next(page.tree.iter("audio", "video"), None) is not None
            return found[1] == "Series" and not plays
    return False


@hookimpl
def reelin_extractors() -> list[Extractor]:
    """The built-in `feedlinks`."""
    return [FeedLinks()]
