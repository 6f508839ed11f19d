"""Frames and twins: followed where they are the page's own, and bounded."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.outcomes import fetch
from support.site import Site

from reelin import ExtractError, Page
from reelin.extractors.frames import Frames, reelin_extractors
from reelin.testing import check

HERE = "https://www.site.example/show/"
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(5000)


def links(html: str, frames: Frames | None = None) -> list[str]:
    page = Page(HERE, html.encode(), {"content-type": "text/html"})
    return [each.url for each in (frames or Frames()).extract(page)]


def test_it_keeps_what_every_extractor_promises() -> None:
    (frames,) = reelin_extractors()
    check(frames)


@pytest.mark.parametrize(
    ("html", "found"),
    [
        ("<iframe src=player.html></iframe>", [f"{HERE}player.html"]),
        ("<iframe src=about:blank data-src=/p?id=1></iframe>", ["https://www.site.example/p?id=1"]),
        ("<iframe src=https://site.example/x></iframe>", ["https://site.example/x"]),
        ("<frameset><frame src=a.html><frame src=b.html></frameset>", ["a.html", "b.html"]),
        ("<iframe src=https://ads.example/x></iframe>", []),
        ("<iframe src=film.mp4></iframe>", []),
        ("<iframe></iframe><iframe src='javascript:x'></iframe>", []),
        ("<link rel=amphtml href=/amp/1>", ["https://www.site.example/amp/1"]),
        ("<link rel=amphtml href=/amp/1><img src=a.jpg>", []),
        ("<link rel=amphtml href=https://other.example/amp/1>", []),
    ],
)
def test_what_is_followed(html: str, found: list[str]) -> None:
    assert links(html) == [url if "//" in url else HERE + url for url in found]


def test_not_more_than_so_many() -> None:
    html = "".join(f"<iframe src=/{number}></iframe>" for number in range(50))
    with pytest.raises(ExtractError, match="only 30 of its 50 frames"):
        links(html)
    assert len(links(html, Frames(max_frames=3))) == 3


async def test_what_stands_in_a_frame_is_saved(site: Site, tmp_path: Path) -> None:
    site.add("/in.png", PICTURE, "image/png")
    site.add("/frame", "<img src=/in.png><iframe src=/page>")
    url = site.add("/page", "<p>Text<iframe src=/frame></iframe>")
    report, _ = await fetch(url, tmp_path)
    assert report.ok
    assert [stored.name for stored in report.saved] == ["in.png"]
    assert (site.times_asked("/page"), site.times_asked("/frame")) == (1, 1)
