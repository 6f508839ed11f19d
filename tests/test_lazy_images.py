"""Images that wait in attributes of any name, and attributes that hold none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelin import Page, pictures

HERE = "https://site.example/a/"
NAMES = (
    "_src lazy-src lazysrc lazy_src lazyload lay-src original origin-src real_src realsrc file"
    " zoomfile echo loadsrc load-src imgsrc data_src datasrc xsrc src2 img image photo url full hd"
    " bigsrc hisrc ng-src deferred-src ess-data big picture"
).split()
HIDDEN = {
    "no src": "",
    "an empty src": 'src=""',
    "a drawing as data": 'src="data:image/gif;base64,R0lGOD"',
    "a gif": 'src="/special/1265.gif"',
    "an svg": 'src="/lz.svg"',
    "a placeholder by its name": 'src="/img/blank.png"',
    "a spinner": 'src="/img/loading.jpg"',
    "a fragment": 'src="#"',
}


def best_of(markup: str) -> list[str]:
    page = Page(HERE, markup.encode())
    image = next(page.tree.iter("img"))
    found, _ = pictures.renditions(page, image)
    return [each.url.removeprefix(HERE).removeprefix("https://site.example") for each in found]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("source", HIDDEN)
def test_an_image_waits_in_an_attribute_of_any_name(name: str, source: str) -> None:
    assert (
        best_of(f'<img {HIDDEN[source]} {name}="b/photo.jpg?v=1" alt="x">')[0] == "b/photo.jpg?v=1"
    )
    assert (
        best_of(f'<img {name.upper()}=" /photo.webp " {HIDDEN[source]} width=9>')[0]
        == "/photo.webp"
    )


@pytest.mark.parametrize(
    ("markup", "best"),
    [
        ("""<img v-lazy="'/p.jpg'">""", "/p.jpg"),
        ("""<img :src="'/p.jpg'" src="/blank.gif">""", "/p.jpg"),
        ("""<img v-lazy="{src: '/p.jpg', loading: '/l.gif'}">""", "/p.jpg"),
        ("""<img x-bind:src="`/p.jpg`">""", "/p.jpg"),
        ("""<img [src]="'/p.jpg'">""", "/p.jpg"),
        ('<img file="forum.php?mod=attachment&amp;aid=21" src="/none.gif">', "forum.php?mod=attachment&aid=21"),
        ('<img lazy-src="//cdn.example/p" src="/none.gif">', "https://cdn.example/p"),
        ('<img real_src="/p/5" src="/spacer.gif">', "/p/5"),
        ('<img lazy-src="/p.jpg" src="/blurred.jpg">', "/p.jpg"),
        ('<img zoomfile="/p.jpg" src="/p-small.jpg">', "/p.jpg"),
        ('<img file="/p.jpg" src="/none.gif" zoomfile="/p-large.jpg">', "/p-large.jpg"),
        ('<img lazy-srcset="/s.jpg 1x, /p.jpg 2x" src="/none.gif">', "/p.jpg"),
        ('<img data-lazyloaded="1" src="/none.gif" data-src="/p.jpg">', "/p.jpg"),
        ('<img data-lazy-type="image" data-image="true" data-src="/p.jpg">', "/p.jpg"),
        ('<img data-image-focal-point="0.5,0.5" data-src-ratio="16:9" data-src="p.jpg">', "p.jpg"),
        ('<img data-src="/s.jpg|/p.jpg" class="b-lazy">', "/p.jpg"),
        ('<img data-lowsrc="/s.jpg" data-src="/p.jpg">', "/p.jpg"),
        ('<img data-mobile-src="/s.jpg" data-desktop-src="/p.jpg">', "/p.jpg"),
        ('<img src="/blank.gif" data-mobile="/s.jpg" data-desktop="/p.jpg">', "/p.jpg"),
        ('<img data-lazy-loaded="1" src="/p.jpg">', "/p.jpg"),
    ],
)  # fmt: skip
def test_ways_of_loaders(markup: str, best: str) -> None:
    assert best_of(markup)[0] == best


@pytest.mark.parametrize(
    "attribute",
    [
        'longdesc="/about.jpg"',
        'usemap="#p.jpg"',
        'lowsrc="/low.jpg"',
        'crossorigin="x.jpg"',
        "onerror=\"this.src='/e.jpg'\"",
        'onmouseover="/over.jpg"',
        'aria-label="my.jpg"',
        'alt="DSC_001.jpg"',
        'title="/p2.jpg"',
        'errsrc="/e.jpg"',
        'fallback-src="/e.jpg"',
        'placeholder-src="/e.jpg"',
        'hoversrc="/e.jpg"',
        'thumb="/e.jpg"',
        'file="/report.pdf"',
        'lazy-src="true"',
        'lazyload="lazyload"',
        'real="3.5"',
        'photo="/another.jpg"',
        ':src="photo.jpg"',
        ':src="`/p/${id}.jpg`"',
        "@click=\"open('/big.jpg')\"",
        'ratio="16/9"',
        'file="forum.php?mod=attachment"',
    ],
)
def test_an_image_that_is_shown_stays_the_image(attribute: str) -> None:
    assert best_of(f'<img src="/p.jpg" width=600 {attribute}>') == ["/p.jpg"]


@pytest.mark.parametrize(
    "attribute",
    ['href="/about.jpg"', 'link="/p.jpg"', 'onerror="/e.jpg"', 'lazy="yes"', 'ratio="16/9"'],
)
def test_what_is_no_image_is_none_although_nothing_is_shown(attribute: str) -> None:
    found = best_of(f'<img src="data:image/gif;base64,R0lGOD" {attribute}>')
    assert found in ([], ["/about.jpg"])  # an image of SVG has its address in `href`


@given(st.from_regex(r"[a-z_:@\[\]\-.]{1,12}", fullmatch=True), st.text(max_size=40))
def test_any_attribute_is_read(name: str, value: str) -> None:
    value = value.replace('"', "")
    best_of(f'<img {name}="{value}" src="/p.gif">')
