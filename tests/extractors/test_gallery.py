"""Galleries on pages of our own: lightboxes, item pages, pagination, and what is no gallery."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.outcomes import fetch
from support.site import Site

from reelin import Link, MediaItem, Page
from reelin.extractors.gallery import Gallery, reelin_extractors
from reelin.testing import check
from reelin.testing.recording import find_on as found_by

HERE = "https://site.example/album/"
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(5000)
GRID = '<div class="gallery">{}</div>'
LIGHTBOXES = {
    "PhotoSwipe 5": '<a href="full/1" data-pswp-width="1600" data-pswp-height="900">{}</a>',
    "PhotoSwipe, another source": '<a href="page/1" data-pswp-src="full/1">{}</a>',
    "lightGallery": '<div class="lg-item" data-src="full/1">{}</div>',
    "fancybox": '<a data-fancybox="a" href="full/1">{}</a>',
    "fancybox 2": '<a class="fancybox" data-fancybox-href="full/1" href="#">{}</a>',
    "GLightbox": '<a class="glightbox" href="full/1">{}</a>',
    "Magnific Popup": '<a class="image-popup" data-mfp-src="full/1" href="page/1">{}</a>',
    "fslightbox": '<a data-fslightbox="g" href="full/1">{}</a>',
    "Colorbox": '<a class="cboxElement" href="full/1">{}</a>',
    "Lightbox 2": '<a data-lightbox="set" href="full/1" data-title="Title">{}</a>',
    "prettyPhoto": '<a rel="prettyPhoto[g]" href="full/1">{}</a>',
    "lightGallery 1": '<a data-src="full/1">{}</a>',
    "XenForo": '<a class="file-preview js-lbImage" href="full/1">{}</a>',
    "WordPress": '<a class="lightbox" href="page/1" data-full-url="full/1">{}</a>',
}


def page(html: str, url: str = HERE) -> Page:
    return Page(url, html.encode(), {"content-type": "text/html"})


async def found_on(html: str, gallery: Gallery | None = None) -> list[MediaItem | Link]:
    return await found_by(gallery or Gallery(), page(html))


def test_it_keeps_what_every_extractor_promises() -> None:
    (gallery,) = reelin_extractors()
    check(gallery)


@pytest.mark.parametrize("name", LIGHTBOXES)
async def test_what_a_lightbox_shows_is_found_without_extension(name: str) -> None:
    thumb = '<img src="thumb/1.jpg" alt="Title">'
    (item,) = await found_on(LIGHTBOXES[name].format(thumb))
    assert isinstance(item, MediaItem)
    assert (item.url, item.type) == (f"{HERE}full/1", "image")
    assert (item.title, item.thumbnail) == ("Title", f"{HERE}thumb/1.jpg")


SIZED = {
    "PhotoSwipe 5": 'data-pswp-src=1.jpg data-pswp-width="1600" data-pswp-height="900"',
    "PhotoSwipe 4": 'class=lightbox href=1.jpg data-size="1600x900"',
    "lightGallery": 'href=1.jpg data-lg-size="1600-900"',
    "fancybox": "data-fancybox href=1.jpg data-width=1600 data-height=900",
}


@pytest.mark.parametrize("name", SIZED)
async def test_sides_that_a_lightbox_is_told_are_those_of_the_picture(name: str) -> None:
    (item,) = await found_on(f"<a {SIZED[name]}><img src=t.jpg></a>")
    assert isinstance(item, MediaItem)
    assert (item.url, item.width, item.height) == (f"{HERE}1.jpg", 1600, 900)


async def test_films_of_other_sites_in_a_lightbox_are_links() -> None:
    html = (
        '<a data-fancybox href="https://www.youtube.com/watch?v=z2X2HaTvkl8"><img src=a.jpg></a>'
        '<a class=glightbox href="https://vimeo.com/115041822">Film</a>'
        '<a data-fancybox data-type=iframe href="/map"><img src=map.jpg></a>'
    )
    assert await found_on(html) == [
        Link("https://www.youtube.com/watch?v=z2X2HaTvkl8", "lightbox"),
        Link("https://vimeo.com/115041822", "lightbox"),
    ]


FORUMS = {
    "phpBB": ("file.php?id=10", "file.php?id=10&amp;t=1"),
    "vBulletin": ("attachment.php?attachmentid=7&amp;d=1", "attachment.php?attachmentid=7&thumb=1"),
    "MyBB": ("attachment.php?aid=5", "attachment.php?thumbnail=5"),
    "SMF": ("index.php?action=dlattach;attach=3;image", "index.php?action=dlattach;attach=4;image"),
}


@pytest.mark.parametrize("name", FORUMS)
async def test_who_sends_a_thumbnail_sends_the_picture(name: str) -> None:
    full, small = FORUMS[name]
    (item,) = await found_on(f'<p><a href="{full}"><img src="{small}"></a><a href=x.php?a=1>x</a>')
    assert isinstance(item, MediaItem)
    assert (item.url, item.type) == (f"{HERE}{full}".replace("&amp;", "&"), "image")
    assert item.thumbnail == f"{HERE}{small}".replace("&amp;", "&")


SCRIPTS = {
    "lightGallery": "lightGallery(d, {dynamic: true, dynamicEl: [{src: 'a.jpg', thumb: 't.jpg'}]})",
    "fancybox": "Fancybox.show([{src: 'a.jpg', thumb: 't.jpg', caption: 'Title'}])",
    "fancybox 3": "$.fancybox.open([{src: 'a.jpg', opts: {thumb: 't.jpg', caption: 'Title'}}])",
    "GLightbox": "const g = GLightbox({elements: [{href: 'a.jpg', type: 'image', title: 'Title'}]})",
    "Magnific Popup": "$('#m').magnificPopup({items: [{src: 'a.jpg', title: 'Title'}]})",
    "PhotoSwipe 5": "new PhotoSwipeLightbox({dataSource: [{src: 'a.jpg', msrc: 't.jpg'}]})",
    "PhotoSwipe 4": "new PhotoSwipe(el, UI, [{src: 'a.jpg', w: 1600, h: 900, title: 'Title'}], o)",
    "fslightbox": "fsLightbox.props.sources = ['a.jpg'];",
}


@pytest.mark.parametrize("name", SCRIPTS)
async def test_pictures_that_scripts_hand_to_lightboxes(name: str) -> None:
    (item,) = await found_on(f"<img src=shown.jpg><script>{SCRIPTS[name]}</script>")
    assert isinstance(item, MediaItem)
    assert (item.url, item.type) == (f"{HERE}a.jpg", "image")
    assert item.title in ("Title", None) and item.thumbnail in (f"{HERE}t.jpg", None)


async def test_a_thread_of_a_forum_is_read_on() -> None:
    posts = "".join(f'<div class=post id="p{n}"><img src="{n}.jpg"></div>' for n in (101, 102))
    onward = '<a rel=next href="viewtopic.php?start=10">Next</a>'
    (link,) = await found_on(posts + onward)
    assert link.url == f"{HERE}viewtopic.php?start=10"
    assert await found_on(posts.replace('id="p', 'id="post-') + onward) == []  # of a blog
    assert await found_on(posts.replace('id="p10', 'id="p') + onward) == []  # paragraphs
    assert await found_on(posts + onward.replace("viewtopic", "page")) == []


async def test_films_frames_and_parts_of_the_page_are_no_pictures() -> None:
    html = (
        '<a data-fancybox href="film.mp4"><img src=a.jpg></a>'
        '<a data-fancybox href="#form">open</a>'
        '<a data-fancybox href="/map">Where we are</a>'
        '<div class=related><a data-fancybox href="x"><img src=b.jpg></a></div>'
    )
    assert await found_on(html) == []


async def test_a_page_of_teasers_is_no_gallery() -> None:
    html = "".join(f'<a href="/story/{n}"><img src="{n}.jpg"></a>' for n in range(9))
    assert await found_on(f"<div class=stories>{html}</div><a rel=next href=/page/2>Next</a>") == []


async def test_thumbnails_lead_to_pictures_without_extension(site: Site, tmp_path: Path) -> None:
    links = []
    for number in range(4):
        site.add(f"/view/{number}", PICTURE + bytes([number]), "image/png")
        links.append(f'<a href="/view/{number}"><img src="/t/{number}.png"></a>')
        site.add(f"/t/{number}.png", PICTURE[:2000], "image/png")
    url = site.add("/album", GRID.format("".join(links)))
    report, _ = await fetch(url, tmp_path)
    assert report.ok
    assert {stored.size for stored in report.saved} == {len(PICTURE) + 1}
    assert len(report.saved) == 4
    assert [site.times_asked(f"/view/{number}") for number in range(4)] == [1, 1, 1, 1]


async def test_thumbnails_lead_to_pages_that_carry_the_full_picture(
    site: Site, tmp_path: Path
) -> None:
    links = []
    for number in range(3):
        site.add(f"/full/{number}.png", PICTURE + bytes([number]), "image/png")
        site.add(f"/t/{number}.png", PICTURE[:2000], "image/png")
        site.add("/logo.png", PICTURE[:1000], "image/png")
        shown = [
            f'<img id=image src="/full/{number}.png">',
            f'<a href="/full/{number}.png">Download</a><img src="/t/{number}.png">',
            f'<header><img src=/logo.png></header><main><figure><img src="/full/{number}.png">',
        ][number]
        site.add(f"/photo/{number}", f"<html><body>{shown}")
        links.append(f'<a href="/photo/{number}"><img src="/t/{number}.png"></a>')
    url = site.add("/album", GRID.format("".join(links)))
    report, _ = await fetch(url, tmp_path)
    assert report.ok, report.failures
    assert sorted(stored.name for stored in report.saved) == ["0.png", "1.png", "2.png"]
    assert {stored.size for stored in report.saved} == {len(PICTURE) + 1}


@pytest.mark.parametrize(
    "link",
    [
        '<link rel=next href="{}">',
        '<a rel="next" href="{}">2</a>',
        '<a href="{}">Next</a>',
        '<a href="{}">weiter &raquo;</a>',
        '<a href="{}">2</a>',
    ],
)
@pytest.mark.parametrize("address", ["/album?page={}", "/album/page/{}"])
async def test_further_pages_are_read(link: str, address: str, site: Site, tmp_path: Path) -> None:
    count = 6
    for number in range(1, count + 1):
        there = "/album" if number == 1 else address.format(number)
        pictures = "".join(
            f'<a data-lightbox=x href="/{number}-{each}.png"><img src="/t.png"></a>'
            for each in range(2)
        )
        for each in range(2):
            site.add(f"/{number}-{each}.png", PICTURE, "image/png")
        back = f'<a href="{address.format(number - 1)}">{number - 1}</a>' if number > 1 else ""
        onward = link.format(address.format(number + 1)) if number < count else ""
        site.add(there.partition("?")[0] if number == 1 else there, pictures + back + onward)
    site.add("/t.png", PICTURE[:2000], "image/png")
    report, _ = await fetch(site.origin + "/album", tmp_path, plugin="gallery")
    assert report.ok, report.failures
    assert len(report.saved) == 2 * count


async def test_further_pages_are_bounded_and_stay_on_the_site(site: Site, tmp_path: Path) -> None:
    for number in range(1, 9):
        picture = f'<a data-lightbox=x href="/{number}.png"><img src="/{number}.png"></a>'
        site.add(f"/a/page/{number}", f"{picture}<a rel=next href=/a/page/{number + 1}>Next</a>")
        site.add(f"/{number}.png", PICTURE, "image/png")
    gallery = Gallery(max_pages=3)
    report, _ = await fetch(site.origin + "/a/page/1", tmp_path, extractors=[gallery])
    assert len(report.saved) == 3
    away = '<a data-lightbox=x href="1.png"><img src=1.png></a><a rel=next href=//x.example/2>2</a>'
    assert [each for each in await found_on(away) if isinstance(each, Link)] == []


@given(st.text(max_size=300))
async def test_odd_pages_raise_nothing(text: str) -> None:
    await found_on(GRID.format('<a data-fancybox href="' + text) + "<a href=" + text)


async def test_a_huge_gallery_takes_linear_time() -> None:
    """Not measured here: if its time were quadratic, this test would take minutes."""
    links = "".join(f"<a data-lightbox=x href=/x/{n}><img src=/t/{n}.jpg></a>" for n in range(9000))
    found = await found_on("<div class=gallery>" * 1500 + links)
    assert len(found) == 9000
