"""Sitemaps of images and videos."""

from __future__ import annotations

from datetime import UTC, datetime

from reelin import Link, MediaItem, Page
from reelin.extractors.sitemaps import Sitemaps, reelin_extractors
from reelin.testing import check

SITEMAP = """<?xml version="1.0" encoding="UTF-8"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
 xmlns:image="http://www.google.com/schemas/sitemap-image/1.1" xmlns:video="http://www.google.com/schemas/sitemap-video/1.1">
<url><loc>https://site.example/a</loc><image:image><image:loc>https://cdn.example/a.jpg</image:loc><image:title>A</image:title></image:image>
<image:image><image:loc>/b</image:loc></image:image></url>
<url><loc>https://site.example/v</loc><video:video><video:title>Film &amp; more</video:title><video:content_loc>https://cdn.example/v</video:content_loc>
<video:thumbnail_loc>/t.jpg</video:thumbnail_loc><video:duration>600</video:duration><video:publication_date>2024-01-02</video:publication_date></video:video></url>
<url><loc>https://site.example/p</loc><video:video><video:player_loc>https://site.example/player?1</video:player_loc></video:video></url>
<url><loc>https://site.example/text</loc></url></urlset>"""


def found_on(text: str, sitemaps: Sitemaps | None = None) -> list[MediaItem | Link]:
    page = Page("https://site.example/sitemap.xml", text.encode(), {"content-type": "text/xml"})
    return list((sitemaps or Sitemaps()).extract(page))


def test_it_keeps_what_every_extractor_promises() -> None:
    (sitemaps,) = reelin_extractors()
    check(sitemaps)


def test_images_and_videos() -> None:
    first, second, video, player = found_on(SITEMAP)
    assert first == MediaItem(
        "https://cdn.example/a.jpg", "image", title="A", origin="<image:image>"
    )
    assert second.url == "https://site.example/b"
    assert video == MediaItem(
        "https://cdn.example/v",
        "video",
        title="Film & more",
        duration=600.0,
        date=datetime(2024, 1, 2, tzinfo=UTC),
        thumbnail="https://site.example/t.jpg",
        origin="<video:video>",
    )
    assert player == Link("https://site.example/p", "<video:player_loc>")


def test_pages_on_demand_and_further_sitemaps() -> None:
    assert found_on(SITEMAP, Sitemaps(follow=True))[-1] == Link(
        "https://site.example/text", "<url>"
    )
    index = "<sitemapindex><sitemap><loc>https://site.example/1.xml</loc></sitemap></sitemapindex>"
    assert found_on(index) == [Link("https://site.example/1.xml", "<sitemap>", offsite=True)]


def test_other_pages() -> None:
    assert found_on("<html>") == found_on("<urlset") == found_on("<a><urlset/></a>") == []
