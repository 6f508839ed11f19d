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
        "class='htmlBlockSeeAlsoSlider'",
        "class='page__teasers'",
        "id='local-nav'",
        "id='main_navigation'",
        "id='header'",
        "class='site-header clearfix'",
        "class='widget widget_text'",
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
        "class='header-image'",
        "class='elementor-widget'",
    ],
)
def test_parts_that_are_only_named_alike(names: str) -> None:
    assert "other.jpg" in shown(f"{STORY}<div {names}><img src=other.jpg></div>")


@pytest.mark.parametrize(
    "url",
    [
        "http://ad.example/x.jpg",
        "https://a.ad.uk.example/call/pubi/1/",
        "http://stats.example/11006/7.gif",
        "/www/delivery/avw.php?zoneid=2",
        "/wp-content/themes/lake/images/wave.png",
        "/skin/frontend/plain/img/pdf.png",
        "/wp-content/plugins/share/assets/svg/close.svg",
        "/img/cnlogo.png",
        "/img/Partner_Logo2.gif",
        "/feed-icon16x16.png",
        "/button4.png",
    ],
)
def test_addresses_of_a_pages_design_and_of_its_ads(url: str) -> None:
    assert shown(f"<img src='{url}'>") == []


@pytest.mark.parametrize(
    "url",
    [
        "http://x.ad/a.jpg",
        "http://roads.example/a.jpg",
        "http://stat.example/a.jpg",
        "/catalogo.jpg",
        "/psicologo-infantil.jpg",
        "/themes/autumn/leaves.jpg",
        "/wp-content/uploads/plugins.jpg",
        "/iconic2.jpg",
    ],
)
def test_addresses_that_only_resemble_them(url: str) -> None:
    assert len(shown(f"<img src='{url}'>")) == 1


def test_a_header_within_the_content_is_its_own() -> None:
    assert shown("<main><div class=header><img src=a.jpg></div></main>") == ["a.jpg"]


def test_a_part_with_most_of_the_text_is_the_content_whatever_its_name() -> None:
    text = "Down by the lake there is a house that nobody has lived in for a very long time. " * 2
    story = f"<div class=sidebar_content><img src=one.jpg>{f'<p>{text}' * 3}</div>"
    side = "<div class=sidebar><p>More<p>More<p>More<p>More<img src=two.jpg></div>"
    assert shown(f"{story}{side}<img src=a.jpg><img src=b.jpg>") == ["one.jpg", "a.jpg", "b.jpg"]
