"""Listings that go on: read to their end, which some of them never say."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.outcomes import fetch
from support.site import Site

from reelin import Extractor, Link, MediaItem, Page, Warned
from reelin.extractors.gallery import Gallery
from reelin.run.series import Series

IMAGE = b"\x89PNG\r\n\x1a\n" + bytes(2000)
TEXTS = (
    "The weather was better than we had any right to expect in November.",
    "Somebody asked how long the ferry takes: about forty minutes.",
    "None of us had a camera that day, so there is nothing to see here.",
)


def thumbs(*names: object) -> str:
    return "".join(
        f'<a data-lightbox=x href="/{each}.png"><img src="/t.png"></a>' for each in names
    )


def posts(number: int, text: str, image: str = "") -> str:
    begun = f'<a href="/thread/5">Thread</a><div id="post_{number}01">{text}</div>'
    return f'{begun}<div id="post_{number}02">{text} (edited)</div>{image}'


# What the page of that number shows: each listing has three pages, and says that it goes on.
ENDS: dict[str, Callable[[int], str]] = {
    "its last page again": lambda n: thumbs(f"{min(n, 3)}a", f"{min(n, 3)}b"),
    "its first page again": lambda n: thumbs(f"{n if n < 4 else 1}a"),
    "an empty page": lambda n: thumbs(f"{n}a") if n < 4 else "<p>There is nothing on this page.",
    "the last, with its number": lambda n: f"<p>You see page {n} of 3 now</p>{thumbs(min(n, 3))}",
    "old images in another order": lambda n: thumbs(n) if n < 4 else thumbs(3, 1 + n % 2),
    "the last, with other labels": lambda n: thumbs(min(n, 3)) + f"<b>Nr. {'x' * (n % 9)}</b>",
    "the last of a thread": lambda n: posts(
        min(n, 3), TEXTS[min(n, 3) - 1], f"<img src=/{min(n, 3)}.png>"
    ),
}


@pytest.mark.parametrize("name", ENDS)
@pytest.mark.parametrize("address", ["/g?page={}", "/g/page/{}"])
async def test_a_listing_ends_where_it_brings_nothing_new(
    name: str, address: str, site: Site, tmp_path: Path
) -> None:
    for number in range(1, 70):
        onward = f'<a rel=next href="{address.format(number + 1)}">Next</a>'
        site.add(address.format(number), ENDS[name](number) + onward)
    for number in range(1, 4):
        for letter in ("", "a", "b"):
            site.add(f"/{number}{letter}.png", IMAGE + bytes([number]), "image/png")
    site.add("/t.png", IMAGE[:500], "image/png")
    report, events = await fetch(site.origin + address.format(1), tmp_path)
    assert report.ok, report.failures
    assert {stored.name[0] for stored in report.saved} >= {"1", "2", "3"}
    assert not [event for event in events if isinstance(event, Warned)]
    pages = [path for path, _ in site.asked if "png" not in path]
    assert 3 <= len(pages) <= 5


async def test_new_signatures_are_nothing_new(site: Site, tmp_path: Path) -> None:
    for number in range(1, 70):
        signed = f".png?Expires=19{number:08}&Signature=x{number}~&Key-Pair-Id=APKA{number}"
        shown = thumbs(f"{min(number, 3)}a").replace('a.png"', f'a{signed}"')
        site.add(f"/g?page={number}", f"{shown}<a rel=next href='/g?page={number + 1}'>Next</a>")
    for number in range(1, 4):
        site.add(f"/{number}a.png", IMAGE + bytes([number]), "image/png")
    report, _ = await fetch(f"{site.origin}/g?page=1", tmp_path, extractors=[Gallery()])
    assert report.ok, report.failures
    assert len(report.saved) == 3
    assert site.times_asked("/g") == 4


async def test_pages_without_images_do_not_end_a_thread(site: Site, tmp_path: Path) -> None:
    texts = (*TEXTS, "And here is one more.", "The last words are short.")
    for number, text in enumerate(texts, start=1):
        image = f"<img src=/{number}.png>" if number in (1, 5) else "<img src=/1.png>"
        onward = f'<a rel=next href="/thread?page={number + 1}">Next</a>' if number < 5 else ""
        site.add(f"/thread?page={number}", posts(number, text, image) + onward)
        site.add(f"/{number}.png", IMAGE + bytes([number]), "image/png")
    report, _ = await fetch(f"{site.origin}/thread?page=1", tmp_path)
    assert report.ok, report.failures
    assert sorted(stored.name for stored in report.saved) == ["1.png", "5.png"]


def numbered(site: Site, pages: int) -> str:
    for number in range(1, pages + 1):
        site.add(
            f"/a/page/{number}", thumbs(number) + f"<a rel=next href=/a/page/{number + 1}>2</a>"
        )
        site.add(f"/{number}.png", IMAGE + bytes([number]), "image/png")
    site.add("/t.png", IMAGE[:500], "image/png")
    return f"{site.origin}/a/page/1"


async def test_a_bound_that_nobody_chose_is_a_failure(site: Site, tmp_path: Path) -> None:
    report, _ = await fetch(numbered(site, 60), tmp_path, extractors=[Gallery()])
    assert len(report.saved) == 50
    (failure,) = report.failures
    assert failure.error == f"{site.origin}/a/page/51 is not followed: 50 pages are enough"


async def test_a_bound_that_was_chosen_is_told(site: Site, tmp_path: Path) -> None:
    url = numbered(site, 9)
    report, events = await fetch(url, tmp_path, extractors=[Gallery(max_pages=3)])
    assert report.ok
    assert len(report.saved) == 3
    (told,) = [event.message for event in events if isinstance(event, Warned)]
    assert told == f"{site.origin}/a/page/4 is not followed: 3 pages are enough"


async def test_item_pages_that_are_gone_are_told(site: Site, tmp_path: Path) -> None:
    links = "".join(f'<a href="/photo/{n}"><img src="/t/{n}.png"></a>' for n in range(4))
    site.add("/photo/2", "<img id=image src=/2.png>")
    site.add("/2.png", IMAGE, "image/png")
    url = site.add("/album", f"<div class=gallery>{links}</div>")
    report, _ = await fetch(url, tmp_path, extractors=[Gallery()])
    assert [stored.name for stored in report.saved] == ["2.png"]
    (failure,) = report.failures
    assert "/photo/0: 404 Not Found (and 2 more like this)" in failure.error


async def test_more_item_pages_than_are_opened_are_told(site: Site, tmp_path: Path) -> None:
    links = "".join(f'<a href="/photo/{n}"><img src="/t/{n}.png"></a>' for n in range(205))
    for number in range(205):
        site.add(f"/photo/{number}", IMAGE + number.to_bytes(2), "image/png")
    url = site.add("/album", f"<div class=gallery>{links}</div>")
    report, _ = await fetch(url, tmp_path / "all", extractors=[Gallery()])
    assert len(report.saved) == 200
    assert "only 200 of 205" in report.failures[0].error
    report, _ = await fetch(url, tmp_path / "few", extractors=[Gallery(max_items=4)])
    assert (report.ok, len(report.saved)) == (True, 4)


class Chain(Extractor):
    """Pages that lead deeper and deeper."""

    name = "chain"

    def extract(self, page: Page) -> Iterator[MediaItem | Link]:
        """A link on each page."""

        number = int(page.url.rpartition("/")[2])
        yield MediaItem(f"/{number}.png", "image")
        yield Link(f"/deep/{number + 1}")


async def test_links_too_far_away_are_a_failure(site: Site, tmp_path: Path) -> None:
    for number in range(9):
        site.add(f"/deep/{number}", "<p>")
        site.add(f"/{number}.png", IMAGE + bytes([number]), "image/png")
    report, _ = await fetch(f"{site.origin}/deep/0", tmp_path, extractors=[Chain()])
    assert len(report.saved) == 4
    assert "/deep/4 is not followed: it is more than 3 links away" in report.failures[0].error


def test_what_only_changes_its_figures_is_said_already() -> None:
    series = Series()
    page = Page("http://x.example/", b"<p>12 visitors are here now, 3 of them new</p>")
    other = Page("http://x.example/", b"<p>9 visitors are  here now,\n 1 of them new</p>")
    assert series.says_more(page)
    assert not series.says_more(other)
    assert not series.says_more(
        Page("http://x.example/", b"<script>var words = 'and more'</script>")
    )
    assert series.says_more(Page("http://x.example/", b"<p>something else is the case</p>"))
