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
PODCAST = re.compile(r"""(?:"@type"\s*:\s*\[?\s*"|schema\.org/)Podcast(Series|Episode)\b""")


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
    if "Podcast" not in page.text:
        return False
    found = PODCAST.search(page.text)
    return found is not None and found[1] == "Series" and not page.select("audio, video")


@hookimpl
def reelin_extractors() -> list[Extractor]:
    """The built-in `feedlinks`."""
    return [FeedLinks()]
