"""What stands in a page and is shown, and what is not: frames' documents, templates, open addresses."""

from __future__ import annotations

from html import escape
from pathlib import Path

import pytest
from support.outcomes import fetch
from support.site import Site

from reelin import Page
from reelin.extractors.direct import Direct
from reelin.page.inner_documents import DEEPEST, MOST, inner_documents

HERE = "https://site.example/a/page.html"
IMAGE = b"\x89PNG\r\n\x1a\n" + bytes(3000)


def frame(document: str, more: str = "") -> str:
    return f'<iframe srcdoc="{escape(document)}" {more}></iframe>'


def urls_in(html: str) -> list[str]:
    """The addresses that `direct` finds in a page and in the documents within it."""
    page = Page(HERE, html.encode(), {"content-type": "text/html"})
    documents = [page, *inner_documents(page)]
    found = [item.url for each in documents for item in Direct().extract(each) if not item.noise]
    return [url.removeprefix("https://site.example") for url in found]


@pytest.mark.parametrize(
    ("html", "urls"),
    [
        (frame("<video src=v.mp4></video>"), ["/a/v.mp4"]),
        (frame("<!doctype html><html><body><img src='/p.jpg'>"), ["/p.jpg"]),
        (frame("<a href='s.mp3'>&amp; more</a>"), ["/a/s.mp3"]),
        ("<base href='/b/'>" + frame("<audio src=s.mp3>"), ["/b/s.mp3"]),
        (frame("<base href='/c/'><audio src=s.mp3>"), ["/c/s.mp3"]),
        (
            frame("<base href='c/'><audio src=s.mp3>") + "<audio src=t.mp3>",
            ["/a/t.mp3", "/a/c/s.mp3"],
        ),
        (frame(frame("<audio src=s.mp3>")), ["/a/s.mp3"]),
        (frame("<base href='/b/'>" + frame("<audio src=s.mp3>")), ["/b/s.mp3"]),
        (frame("<audio src=s.mp3>", "sandbox src=other.mp3"), ["/a/s.mp3"]),
        (frame("<audio src=s.mp3>") * 3, ["/a/s.mp3"]),
        (frame("<img src=t.jpg>", "src=https://www.youtube.com/embed/bTqVqk7FSmY"), []),
        (f"<template>{frame('<audio src=s.mp3>')}</template>", []),
        (frame("<template><audio src=s.mp3></template>"), []),
        (frame(" \n"), []),
        ("<iframe srcdoc></iframe><iframe src=/x.mp3></iframe>", ["/x.mp3"]),
    ],
)
def test_documents_of_frames(html: str, urls: list[str]) -> None:
    assert urls_in(html) == urls


def test_documents_are_bounded() -> None:
    deep = "<audio src=s.mp3>"
    for _ in range(DEEPEST + 3):
        deep = frame(deep)
    assert urls_in(deep) == []
    many = Page(HERE, "".join(frame(f"<p>{n}") for n in range(MOST + 9)).encode())
    assert len(inner_documents(many)) == MOST


async def test_all_extractors_read_them(site: Site, tmp_path: Path) -> None:
    site.add("/song.mp3", IMAGE, "audio/mpeg")
    site.add("/film.mp4", IMAGE, "video/mp4")
    site.add("/frame", "<p>not shown")
    player = "<script>new Howl({src: ['/song.mp3']})</script>"
    film = "<meta property='og:video' content='/film.mp4'>"
    url = site.add("/", frame(player, "src=/frame") + frame(film))
    report, _ = await fetch(url, tmp_path)
    assert report.ok, report.failures
    assert sorted(stored.name for stored in report.saved) == ["film.mp4", "song.mp3"]
    assert site.times_asked("/frame") == 0


async def test_more_documents_than_are_read_are_told(site: Site, tmp_path: Path) -> None:
    url = site.add("/", "".join(frame(f"<p>{n}") for n in range(MOST + 1)) + "<img src=/p.png>")
    site.add("/p.png", IMAGE, "image/png")
    report, _ = await fetch(url, tmp_path, extractors=[Direct()])
    assert len(report.saved) == 1
    assert f"only {MOST} of the documents" in report.failures[0].error


@pytest.mark.parametrize(
    ("html", "urls"),
    [
        ("<template><img src=/p.jpg></template>", []),
        ("<TEMPLATE id=x>text<video src=/v.mp4></video></TEMPLATE><img src=/p.jpg>", ["/p.jpg"]),
        ("<template><div><template><img src=/p.jpg></template></div></template>", []),
        ("<ul><template v-for='x in y'><li><img :src='x' src='/p.jpg'></li></template></ul>", []),
        ("<x-card><template shadowrootmode=open><img src=/p.jpg></template></x-card>", ["/p.jpg"]),
        ("<x-card><template shadowrootmode=CLOSED><img src=/p.jpg></template>", ["/p.jpg"]),
        ("<template shadowrootmode=none><img src=/p.jpg></template>", []),
        (
            "<template shadowrootmode=open><template><img src=/no.jpg></template><img src=/p.jpg>",
            ["/p.jpg"],
        ),
        ("<deferred-media><template><video src=/v.mp4></video></template>", ["/v.mp4"]),
        ("<template></template>tail<img src=/p.jpg>", ["/p.jpg"]),
    ],
)
def test_templates_are_inert(html: str, urls: list[str]) -> None:
    assert urls_in(html) == urls


def test_scripts_of_templates_are_none_and_their_text_is_kept_elsewhere() -> None:
    page = Page(HERE, b"<template id=t><script>play('/x.mp3')</script><b>b</b></template>tail")
    assert page.scripts == ()
    (template,) = page.select("template#t")
    assert (len(template), template.tail) == (0, "tail")
    assert page.soup.find("b") is not None


HOLES = [
    "/img/{{pic}}.png",
    "{{ data.url }}",
    "/dl/{{ file }}.mp3",
    "/img/{{{raw}}}.png",
    "https://cdn.example/{{=it.id}}/a.jpg",
    "/files/${name}.mp3",
    "/files/$%7Bname%7D.mp3",
    "/img/%7B%7Bpic%7D%7D.png",
    "/img/%7b%7b%20pic%20%7d%7d.png",
    "/img/<%= id %>.jpg",
    "/img/<%id%>.jpg",
    "/img/{% url 'x' %}.jpg",
    "/img/[[photo.url]]",
    "//cdn.example/photo_{width}x.jpg?v=1",
    "/photo.{format}",
]


@pytest.mark.parametrize("address", HOLES)
def test_addresses_that_a_template_left_open_are_none(address: str) -> None:
    assert Page(HERE).absolute(address) is None
    name = escape(address)
    forms = (
        f'<img src="{name}">',
        f'<img src="/b.gif" data-src="{name}">',
        f'<img srcset="{name} 2x">',
        f'<a href="{name}">x</a>',
        f'<video src="{name}"></video>',
        f'<p style="background-image: url(&quot;{name}&quot;)">',
        f'<p data-file="{name}">',
    )
    assert urls_in("".join(forms)) in ([], ["/b.gif"])


@pytest.mark.parametrize(
    "address",
    [
        "/a{b}c.jpg",
        "/{3F2504E0-4F89-11D3-9A0C-0305E82C3301}.jpg",
        "/a%7Bb%7D.jpg",
        "/price-$5.jpg",
        "/100%25.jpg",
        "/a%20%28b%29.jpg",
        "/list?ids[]=1&ids[]=2",
        "/list[1].jpg",
        "/a}}b.jpg",
        "/a?q={%22a%22:1}",
    ],
)
def test_odd_addresses_without_holes_stay(address: str) -> None:
    assert Page(HERE).absolute(address) is not None
