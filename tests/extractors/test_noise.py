"""Which of a page's pictures nobody would want: by their place, and by their address."""

from __future__ import annotations

import pytest

from reelin import Page
from reelin.extractors.direct import Direct

AT = "http://x.example/a/"
STORY = "<h1>A day out</h1><p><img src=one.jpg><p><img src=two.jpg>"


def shown(body: str, url: str = AT) -> list[str]:
    """The wanted pictures of a page."""
    page = Page(url, body.encode(), {"content-type": "text/html; charset=utf-8"})
    return [item.url.removeprefix(AT) for item in Direct().extract(page) if item.noise is None]


@pytest.mark.parametrize(
    "names",
    [
        "class='ad'",
        "class='right-ad'",
        "class='author-box'",
        "class='home_banner'",
        "class='more-news'",
        "class='pagination'",
        "class='site-logo'",
        "class='teaser'",
        "class='teaser-item'",
        "class='basicTeaser'",
        "class='page__teasers'",
        "id='local-nav'",
        "id='main_navigation'",
    ],
)
def test_parts_around_the_content_by_their_names(names: str) -> None:
    assert shown(f"{STORY}<div {names}><a href=b.html><img src=other.jpg></a></div>") == [
        "one.jpg",
        "two.jpg",
    ]


@pytest.mark.parametrize(
    "names",
    [
        "class='teaserable'",
        "class='adventure'",
        "class='canvas'",
        "class='navy'",
        "class='no-sidebar'",
        "class='spip_logo'",
        "class='read-more'",
        "class='author-jane'",
    ],
)
def test_parts_that_are_only_named_alike(names: str) -> None:
    assert "other.jpg" in shown(f"{STORY}<div {names}><img src=other.jpg></div>")
