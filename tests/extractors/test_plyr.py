"""Plyr players on pages of our own: markup, qualities, scripts, playlists, script files."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from pathlib import Path

import pytest
from support.site import Site

from reelin import FetchError, Link, MediaItem, Page, Session
from reelin.extractors.plyr import Plyr, reelin_extractors
from reelin.model.merge import merge
from reelin.testing import check
from reelin.testing.recording import find_on as found_by

PAGES = Path(__file__).parents[2] / "fixtures" / "pages"
HTML = {"content-type": "text/html"}
HERE = "https://book.example/read/"


def page(name: str) -> Page:
    return Page(f"{HERE}{name}.html", (PAGES / f"{name}.html").read_bytes(), HTML)


def written(html: str) -> Page:
    return Page(f"{HERE}index.html", f"<title>Page</title>{html}".encode(), HTML)


async def found_on(page: Page, plyr: Plyr | None = None) -> list[MediaItem | Link]:
    return await found_by(plyr or Plyr(), page)


async def items_of(page: Page, plyr: Plyr | None = None) -> list[MediaItem]:
    """The items of a page, merged as the run does."""
    found = await found_on(page, plyr)
    return merge(each for each in found if isinstance(each, MediaItem))


async def links_of(page: Page) -> list[str]:
    return [each.url for each in await found_on(page) if isinstance(each, Link)]


def by_name(items: Iterable[MediaItem]) -> dict[str, MediaItem]:
    return {item.url.removeprefix(HERE): item for item in items}


def test_it_keeps_what_every_extractor_promises() -> None:
    (plyr,) = reelin_extractors()
    check(plyr)


async def test_the_chapters_of_an_audiobook_are_named_and_numbered() -> None:
    items = await items_of(page("plyr-audiobook"))
    assert [(item.url.removeprefix(HERE), item.title, item.position) for item in items] == [
        ("audio/01.mp3", "Prologue", 1),
        ("audio/02.mp3", "Chapter 1: It's dark", 2),
        ("audio/03.mp3", "Chapter 2 \u2013 Storm", 3),
        ("audio/04.mp3", "Epilogue", 4),
    ]
    assert {(item.type, item.total, item.album) for item in items} == {
        ("audio", 4, "The Lighthouse & the Sea")
    }
    assert [item.artist for item in items] == ["Ann Example"] * 3 + [None]
    assert [item.duration for item in items] == [3723.0, 61.5, None, None]
    assert [each.url for each in items[2].alternatives] == [f"{HERE}audio/03.ogg"]
    assert items[0].origin.startswith("script 2")


async def test_qualities_are_one_item_the_highest_first() -> None:
    items = by_name(await items_of(page("plyr-qualities")))
    film = items["trailer-1080.mp4"]
    assert (film.type, film.height, film.title) == ("video", 1080, "The trailer")
    assert film.thumbnail == f"{HERE}trailer.jpg"
    assert [(each.url.removeprefix(HERE), each.height) for each in film.alternatives] == [
        ("trailer-720.mp4", 720),
        ("trailer-576.mp4", 576),
    ]
    assert not {"trailer-720.mp4", "trailer-576.mp4", "trailer.jpg"} & set(items)


async def test_subtitles_are_items_with_a_language() -> None:
    items = by_name(await items_of(page("plyr-qualities")))
    tracks = [(items[f"trailer.{each}.vtt"]) for each in ("en", "fr")]
    assert [(each.type, each.language, each.title) for each in tracks] == [
        ("other", "en", "English"),
        ("other", "fr", "Français"),
    ]


async def test_the_configuration_of_an_element_gives_its_title() -> None:
    items = by_name(await items_of(page("plyr-qualities")))
    assert (items["theme.mp3"].type, items["theme.mp3"].title) == ("audio", "Theme music")
    assert items["end.ogg"].title is None  # its configuration is broken JSON


async def test_embedded_videos_are_links() -> None:
    assert await links_of(page("plyr-qualities")) == [
        "https://www.youtube.com/watch?v=bTqVqk7FSmY",
        "https://vimeo.com/76979871",
        "https://vimeo.com/40648169",
        "https://www.youtube.com/embed/abcdefghijk",
    ]


async def test_sources_that_a_script_assigns() -> None:
    items = by_name(await items_of(page("plyr-source")))
    assert set(items) == {"film-1080.mp4", "film.de.vtt", "https://book.example/stream?id=7"}
    film = items["film-1080.mp4"]
    assert (film.title, film.height, film.mime) == ("The film", 1080, "video/mp4")
    assert film.thumbnail == f"{HERE}film.jpg"
    assert [(each.url, each.label) for each in film.alternatives] == [
        (f"{HERE}film-480.mp4", "480p")
    ]
    assert film.position is None
    assert "player.source" in film.origin
    assert (items["film.de.vtt"].type, items["film.de.vtt"].language) == ("other", "de")
    sound = items["https://book.example/stream?id=7"]
    assert (sound.type, sound.title) == ("audio", "The sound")


async def test_an_embedded_video_that_a_script_assigns_is_a_link() -> None:
    links = await links_of(page("plyr-source"))
    assert set(links) == {"https://www.youtube.com/watch?v=bTqVqk7FSmY"}


async def test_playlists_in_data_attributes() -> None:
    items = by_name(await items_of(page("plyr-playlists")))
    listed = [items[f"{name}.mp3"] for name in ("one", "two", "three", "four")]
    assert [(each.title, each.position, each.total) for each in listed] == [
        ("One", 1, 4),
        ("Two takes", 2, 4),
        ("Three", 3, 4),
        ("Four", 4, 4),
    ]
    assert (listed[0].artist, listed[0].duration) == ("Ann", 150.0)
    assert listed[0].thumbnail == f"{HERE}one.jpg"
    assert [each.url for each in listed[1].alternatives] == [f"{HERE}two.ogg"]
    assert [items[f"{name}.mp3"].title for name in ("five", "six")] == ["Five", "Six"]
    assert not {"notes.pdf", "three.jpg", "picture.png", "two.ogg"} & set(items)


async def test_playlists_in_scripts() -> None:
    items = by_name(await items_of(page("plyr-playlists")))

    def places(*names: str) -> list[tuple[str | None, int | None, int | None]]:
        found = [items[f"{name}.mp3"] for name in names]
        return [(each.title, each.position, each.total) for each in found]

    assert places("seven", "eight") == [("Seven", 1, 2), ("Eight", 2, 2)]
    assert places("nine", "ten") == [(None, 1, 2), (None, 2, 2)]
    assert places("p1a", "p1b", "p2c") == [("a", 1, 3), ("b", 2, 3), ("c", 3, 3)]
    assert places("twelve") == [("Twelve", None, None)]


async def test_formats_and_qualities_in_a_plain_list_are_one_item() -> None:
    items = by_name(await items_of(page("plyr-playlists")))
    assert [each.url for each in items["eleven.mp3"].alternatives] == [f"{HERE}eleven.ogg"]
    assert items["v-720.mp4"].height == 720
    assert [each.height for each in items["v-720.mp4"].alternatives] == [360]
    assert items["eleven.mp3"].position is items["v-720.mp4"].position is None


async def test_nothing_on_a_page_without_plyr() -> None:
    assert await found_on(page("plyr-none")) == []
    image = Page(f"{HERE}plyr.png", b"plyr new Plyr(", {"content-type": "image/png"})
    assert await found_on(image) == []


class Scripts:
    """Script files of a site, and which of them were asked for."""

    def __init__(self, **files: str) -> None:
        self.files = {f"https://book.example/js/{name}.js": text for name, text in files.items()}
        self.asked: list[str] = []

    async def fetch(self, url: str) -> Page:
        self.asked.append(url.rpartition("/")[2])
        if url not in self.files:
            raise FetchError(f"{url}: 404", url=url)
        return Page(url, self.files[url].encode(), {"content-type": "text/javascript"})

    def page(self, html: bytes | None = None) -> Page:
        body = html or (PAGES / "plyr-own-script.html").read_bytes()
        return Page(f"{HERE}index.html", body, HTML, fetch=self.fetch)


async def test_a_player_without_a_source_gets_it_from_the_site_s_own_scripts() -> None:
    scripts = Scripts(
        **{"plyr-playlist": "tracks = [{title: 'One', src: '1.mp3'}, {title: 'Two', src: '2.mp3'}]"}
    )
    items = await items_of(scripts.page())
    assert [(item.url.removeprefix(HERE), item.title, item.album) for item in items] == [
        ("1.mp3", "One", "Read aloud"),
        ("2.mp3", "Two", "Read aloud"),
    ]
    assert items[0].origin == "https://book.example/js/plyr-playlist.js"
    # No library, no stranger; what is called after media, then what stands last.
    assert scripts.asked == ["plyr-playlist.js", "fourth.js", "third.js"]


async def test_a_script_file_may_play_a_list_that_the_page_holds() -> None:
    scripts = Scripts(own="audio.src = '/m/' + tracks[i].file + '.mp3'")
    html = b"<audio class=plyr></audio><script>tracks = [{file: 'a'}, {file: 'b'}]</script>"
    items = await items_of(scripts.page(html + b"<script src=/js/own.js></script>"))
    assert [(item.url, item.position) for item in items] == [
        ("https://book.example/m/a.mp3", 1),
        ("https://book.example/m/b.mp3", 2),
    ]
    assert items[0].origin == "script 1"


@pytest.mark.parametrize(("most", "asked"), [(0, 0), (1, 1), (9, 4), (-1, 0)])
async def test_the_number_of_script_files_is_bounded(most: int, asked: int) -> None:
    scripts = Scripts()
    assert await items_of(scripts.page(), Plyr(max_scripts=most)) == []
    assert len(scripts.asked) == asked


@pytest.mark.parametrize(
    "html",
    [
        b"<audio class=plyr src=a.mp3></audio><script src=/js/own.js></script>",
        b"<audio class=plyr></audio><script>x = ['a.mp3']</script><script src=/js/own.js></script>",
        b"<script src=/js/plyr.js></script><script src=/js/own.js></script>",
    ],
    ids=["source in markup", "source in a script", "no player"],
)
async def test_no_script_file_is_asked_for_without_need(html: bytes) -> None:
    scripts = Scripts(own="x = ['b.mp3']")
    await found_on(scripts.page(html))
    assert scripts.asked == []


@pytest.mark.parametrize(
    ("script", "heights"),
    [
        ("[{src: 'a-1.mp4', size: 480}, {src: 'b-2.mp4', size: 720}]", [720, 480]),
        ("[{file: 'a.mp4', label: '1080p'}, {file: 'a.webm', label: '480p'}]", [1080, 480]),
        ("{title: 'A', mp4: 'a.mp4', webm: 'a.webm'}", [None, None]),
        ("{files: ['a.mp4', 'a.webm']}", [None, None]),
    ],
)
async def test_renditions_of_one_thing(script: str, heights: list[int | None]) -> None:
    (item,) = await items_of(written(f"<div class=plyr></div><script>x = {script}</script>"))
    assert [item.height, *(each.height for each in item.alternatives)] == heights


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("play('/m/' + list[i].file + '.mp3'); list = [{file: 'a'}, {file: 'b'}]", "/m/{}.mp3"),
        ("play('/m/' + list[i].src); list = [{src: 'a.mp3'}, {src: 'b.mp3'}]", "/m/{}.mp3"),
        ("play('/m/' + t[i]); t = ['a.mp3', 'b.mp3']", "/m/{}.mp3"),
        ("play(`/m x/${t[i]}.mp3`); t = ['a', 'b']", "/m%20x/{}.mp3"),
        (
            "go('/m/' + t.src); x = [{src: '/n/a.mp3'}, {src: '//book.example/n/b.mp3'}]",
            "/n/{}.mp3",
        ),
        ("go('/m' + t.src); x = [{src: '/n/a.mp3'}, {src: '/n/b.mp3'}]", "/m/n/{}.mp3"),
        ("go('/m/' + t.src + e); l.push({src: 'a'}); l.push({src: 'b'}); e = '.mp3'", "/m/{}.mp3"),
        ("tell('now ' + t.src); x = [{src: 'a.mp3'}, {src: 'b.mp3'}]", "/read/{}.mp3"),
        ("x.href = '?v=' + t.src; x = [{src: 'a.mp3'}, {src: 'b.mp3'}]", "/read/{}.mp3"),
        (
            "e.innerHTML = '<a href=m/' + t.src; x = [{src: 'a.mp3'}, {src: 'b.mp3'}]",
            "/read/{}.mp3",
        ),
        ("x = [{name: 'A', own_key: '/m/a.mp3'}, {name: 'B', own_key: '/m/b.mp3'}]", "/m/{}.mp3"),
        ("x = {1: {src: 'a.mp3'}, 2: {src: 'b.mp3'}}", "/read/{}.mp3"),
    ],
)
async def test_addresses_as_scripts_make_them(script: str, expected: str) -> None:
    items = await items_of(written(f"<div class=plyr></div><script>{script}</script>"))
    assert [(item.position, item.album) for item in items] == [(1, "Page"), (2, "Page")]
    urls = [item.url.removeprefix("https://book.example") for item in items]
    assert urls == [expected.format(each) for each in "ab"]


async def test_the_formats_that_a_script_makes_are_one_item() -> None:
    items = await items_of(page("plyr-joined"))
    assert [(item.title, item.position, item.duration) for item in items] == [
        ("The well", 1, 166.0),
        ("The bucket", 2, 510.0),
    ]
    assert [item.url for item in items] == [f"https://media.example/well/{n}.mp3" for n in "12"]
    assert items[1].alternatives[0].url == "https://media.example/well/2.ogg"


@pytest.mark.parametrize(
    "script",
    [
        "[{src: 'a.mp4', title: 'A', size: 480}, {src: 'b.mp4', title: 'B', size: 720}]",
        "['a.mp3', 'b.mp3']",
        "['a.mp3', 'b.ogg']",
    ],
)
async def test_tracks_are_no_renditions(script: str) -> None:
    items = await items_of(written(f"<div class=plyr></div><script>x = {script}</script>"))
    assert [item.position for item in items] == [1, 2]


@pytest.mark.parametrize(
    "script",
    [
        "x = {src: 'a.html'}",
        "x = {src: 'javascript:alert(1).mp3'}",
        "x = {src: 'data:audio/mp3;base64,AAAA'}",
        "x = {id: 5, src: null, sources: [null, 7, [], {}], tracks: 'none'}",
        "x = [[[], {}], {a: {b: {}}}, 'text. more', '']",
        "x = {src: 'https://[broken.mp3'}",
        "x = {sources: [{src: 'x y', provider: 'youtube'}, {src: 'a', provider: 'nobody'}]}",
    ],
)
async def test_what_is_no_source_gives_nothing(script: str) -> None:
    assert await found_on(written(f"<div class=plyr></div><script>{script}</script>")) == []


async def test_deep_and_broken_data_does_no_harm() -> None:
    deep = "[" * 5000 + "'a.mp3'" + "]" * 5000
    attribute = "{&quot;a&quot;:" * 5000
    html = f"<div class=plyr data-list='{attribute}' data-plyr-config='{attribute}'></div>"
    html += f'<script>x = {deep}; y = JSON.parse("{deep}")</script><audio src=b.mp3></audio>'
    assert [item.url for item in await items_of(written(html))] == [f"{HERE}b.mp3"]


async def test_entries_within_entries_do_not_multiply_their_text() -> None:
    nested = "".join(f"<div data-src='{number}.mp3'>" for number in range(1500))
    items = await items_of(written(f"<p class=plyr></p>{nested}{'long text ' * 300_000}"))
    assert len(items) == 1500  # joining all of the text for each would take 4.5 GB
    assert items[0].title is not None
    assert len(items[0].title) < 300


async def test_the_loop_is_free_while_a_large_script_is_read() -> None:
    entries = ",".join(f"{{title: 'T{i}', src: '{i}.mp3'}}" for i in range(20_000))
    reading = asyncio.create_task(
        items_of(written(f"<div class=plyr></div><script>x = [{entries}]</script>"))
    )
    turns = 0
    while not reading.done():
        await asyncio.sleep(0)
        turns += 1
    assert len(reading.result()) == 20_000
    assert turns > 10


async def test_an_audiobook_is_saved_chapter_by_chapter(site: Site, tmp_path: Path) -> None:
    book = site.add("/read/book.html", (PAGES / "plyr-audiobook.html").read_bytes())
    for number in range(1, 5):
        site.add(f"/read/audio/0{number}.mp3", b"ID3" + bytes([number]) * 5000, "audio/mpeg")
    async with Session() as session:
        report = await session.download(book, tmp_path, plugin="plyr")
    assert report.ok
    names = sorted(path.name for path in tmp_path.iterdir() if path.is_file())
    assert [name[:2] for name in names] == ["01", "02", "03", "04"]
    assert (names[0], names[3]) == ("01 Prologue.mp3", "04 Epilogue.mp3")
    assert (tmp_path / names[2]).read_bytes()[3] == 3
