"""The same item at another address: signed anew, with another token, moved to another host.

A rerun saves nothing twice and goes on with what was begun; and what only looks the same is kept.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.files import LONG_AGO, MIB, File, noise
from support.loopback import Loopback, page
from support.outcomes import fetch, leftovers
from support.runs import finals, interrupt

from reelin import Event, Saved, Skipped
from reelin.disk.check import verify

ONE, TWO = noise(3000, seed=1), noise(3000, seed=2)
DATED = {"etag": None, "modified": LONG_AGO}
BARE = {"etag": None, "modified": None}
SIGNATURES = [
    "X-Amz-Date=2026{n}&X-Amz-Signature={n}",
    "Expires=17000000{n}&Signature={n}&Key-Pair-Id=APK",
    "sv=2024&se=2026-01-0{n}&sr=b&sp=r&sig={n}",
    "_nc_ohc={n}&oh=00_{n}&oe=69EFEA0{n}",
    "ex=65d903d{n}&is=65c68ed{n}&hm={n}",
    "id=5&token=ab{n}&expires=170000000{n}",
]


def file(body: bytes, **facts: object) -> File:
    """A file with an ETag of its own, unless the facts say otherwise."""
    return File(body, **{"etag": f'"{body[10:16].hex()}"', **facts})  # type: ignore[arg-type]


async def rerun(server: Loopback, folder: Path, **links: File) -> list[Event]:
    """Put files behind new links of the one page, and run; all must go well."""
    addresses = []
    for link, each in links.items():
        server.on(link, each)
        addresses.append(link)
    report, events = await fetch(server.page(*addresses), folder)
    assert report.ok and leftovers(folder) == []
    return events


def count(events: list[Event]) -> tuple[int, int]:
    """How many items were saved, and how many were here."""
    here = [each for each in events if isinstance(each, Skipped) and each.rule == "present"]
    return sum(isinstance(each, Saved) for each in events), len(here)


# A rerun


@pytest.mark.parametrize("signature", SIGNATURES)
async def test_a_file_signed_anew_is_not_even_asked_for(
    signature: str, server: Loopback, tmp_path: Path
) -> None:
    first, second = (f"/a/clip.mp4?{signature.format(n=n)}" for n in (1, 2))
    assert count(await rerun(server, tmp_path, **{first: file(ONE)})) == (1, 0)
    assert count(await rerun(server, tmp_path, **{second: file(ONE)})) == (0, 1)
    assert server.asked(second) == [] and finals(tmp_path) == {"clip.mp4": ONE}


@pytest.mark.parametrize("facts", [{}, DATED, BARE], ids=["ETag", "date", "nothing"])
async def test_a_file_behind_another_token_is_not_saved_twice(
    facts: dict[str, object], server: Loopback, tmp_path: Path
) -> None:
    body = noise(MIB)
    await rerun(server, tmp_path, **{"/clip.mp4?token=1": file(body, **facts)})
    events = await rerun(server, tmp_path, **{"/clip.mp4?token=2": file(body, **facts)})
    assert count(events) == (0, 1) and finals(tmp_path) == {"clip.mp4": body}
    # A date says too little where another query may mean another file.
    assert (server.asked("/clip.mp4?token=2")[0].sent < len(body)) is (facts == {})
    assert count(await rerun(server, tmp_path, **{"/clip.mp4?token=2": file(body)})) == (0, 1)
    assert len(server.asked("/clip.mp4?token=2")) == 1


@pytest.mark.parametrize("facts", [{}, DATED, BARE], ids=["ETag", "date", "nothing"])
@pytest.mark.parametrize("page_moves", [False, True])
async def test_a_file_on_another_host_is_not_saved_twice(
    page_moves: bool, facts: dict[str, object], server: Loopback, tmp_path: Path
) -> None:
    body = noise(MIB)
    await rerun(server, tmp_path, **{"/clip.mp4": file(body, **facts)})
    with Loopback() as other:
        link = other.on("/clip.mp4", file(body, **facts))
        start = (other if page_moves else server).page(link)
        _, events = await fetch(start, tmp_path)
        assert count(events) == (0, 1) and finals(tmp_path) == {"clip.mp4": body}
        assert (other.asked("/clip.mp4")[0].sent < len(body)) is (facts != BARE)


async def test_a_manifest_of_before_knows_its_files(server: Loopback, tmp_path: Path) -> None:
    await rerun(server, tmp_path, **{"/clip.mp4?Signature=1&Expires=1&Key-Pair-Id=K": file(ONE)})
    path = tmp_path / ".reelin" / "manifest.jsonl"
    (line,) = map(json.loads, path.read_text().splitlines())
    del line["validator"]
    path.write_text(json.dumps(line) + "\n")
    again = {"/clip.mp4?Signature=2&Expires=2&Key-Pair-Id=K": file(ONE)}
    assert count(await rerun(server, tmp_path, **again)) == (0, 1)
    assert count(await rerun(server, tmp_path, **{"/clip.mp4?other": file(ONE)})) == (0, 1)


# What only looks the same


@pytest.mark.parametrize("second", [ONE, TWO], ids=["the same bytes", "other bytes"])
async def test_another_query_is_another_file(
    second: bytes, server: Loopback, tmp_path: Path
) -> None:
    both = {"/get.mp4?id=1": file(ONE), "/get.mp4?id=2": file(second)}
    assert count(await rerun(server, tmp_path, **both)) == (2, 0)
    assert sorted(finals(tmp_path).values()) == sorted([ONE, second])
    assert count(await rerun(server, tmp_path, **both)) == (0, 2)


@pytest.mark.parametrize("facts", [DATED, BARE, {"etag": '"1"'}], ids=["date", "nothing", "short"])
async def test_another_query_in_the_next_run_is_another_file(
    facts: dict[str, object], server: Loopback, tmp_path: Path
) -> None:
    await rerun(server, tmp_path, **{"/get.mp4?id=1": file(ONE, **facts)})
    await rerun(server, tmp_path, **{"/get.mp4?id=2": file(TWO, **facts)})
    assert sorted(finals(tmp_path).values()) == sorted([ONE, TWO])


async def test_an_etag_that_several_files_have_says_nothing(
    server: Loopback, tmp_path: Path
) -> None:
    three = noise(3000, seed=3)
    both = {f"/get.mp4?id={n}": File(body) for n, body in ((1, ONE), (2, TWO))}
    await rerun(server, tmp_path, **both)
    await rerun(server, tmp_path, **{"/get.mp4?id=3": File(three)})
    assert sorted(finals(tmp_path).values()) == sorted([ONE, TWO, three])


def twins(number: int, *bodies: bytes, **facts: object) -> dict[str, File]:
    """Links of one page that differ by what is called a signature."""
    return {
        f"/clip.mp4?X-Amz-Signature={number}{place}": file(body, **facts)
        for place, body in enumerate(bodies)
    }


@pytest.mark.parametrize("facts", [{}, BARE], ids=["ETag", "nothing"])
async def test_two_of_one_page_that_differ_by_their_signature_are_both_kept(
    facts: dict[str, object], server: Loopback, tmp_path: Path
) -> None:
    assert count(await rerun(server, tmp_path, **twins(1, ONE, TWO, **facts))) == (2, 0)
    assert sorted(finals(tmp_path).values()) == sorted([ONE, TWO])
    assert count(await rerun(server, tmp_path, **twins(2, TWO, ONE, **facts))) == (0, 2)
    assert len(finals(tmp_path)) == 2


async def test_two_of_one_page_with_the_same_bytes_are_one(
    server: Loopback, tmp_path: Path
) -> None:
    assert count(await rerun(server, tmp_path, **twins(1, ONE, ONE))) == (1, 1)
    assert finals(tmp_path) == {"clip.mp4": ONE}
    again = twins(2, ONE, ONE)
    assert count(await rerun(server, tmp_path, **again)) == (0, 2)
    assert not any(server.asked(each) for each in again)


@pytest.mark.parametrize("facts", [{}, BARE], ids=["ETag", "nothing"])
@pytest.mark.parametrize("order", [(ONE, TWO), (TWO, ONE)], ids=["old, new", "new, old"])
async def test_what_was_assumed_is_asked_for_when_a_second_one_turns_up(
    order: tuple[bytes, bytes], facts: dict[str, object], server: Loopback, tmp_path: Path
) -> None:
    await rerun(server, tmp_path, **twins(1, ONE, **facts))
    await rerun(server, tmp_path, **twins(2, *order, **facts))
    assert sorted(finals(tmp_path).values()) == sorted([ONE, TWO])


# What was begun

SIZE, KEPT = 3 * MIB, 3 * MIB // 2
LINKS = {
    "signature": ("/clip.mp4?X-Amz-Signature=1", "/clip.mp4?X-Amz-Signature=2"),
    "token": ("/clip.mp4?token=1", "/clip.mp4?token=2"),
}


async def leave(server: Loopback, folder: Path, link: str, begun: File, **network: int) -> int:
    """Interrupt the run that saves what is behind a link; the bytes that it left."""
    server.on(link, begun.trickling(KEPT))
    left = await interrupt(server.page(link), folder, KEPT, **network)
    assert finals(folder) == {}
    return left


@pytest.mark.parametrize("kind", LINKS)
async def test_a_part_is_continued_at_another_address(
    kind: str, server: Loopback, tmp_path: Path
) -> None:
    first, second = LINKS[kind]
    begun = File(noise(SIZE))
    left = await leave(server, tmp_path, first, begun)
    await rerun(server, tmp_path, **{second: begun})
    (request,) = server.asked(second)
    assert request.first is not None and left - 20_000 < request.first < left
    assert finals(tmp_path) == {"clip.mp4": begun.body}


async def test_a_part_is_continued_at_another_host(server: Loopback, tmp_path: Path) -> None:
    begun = File(noise(SIZE), etag=None, modified=LONG_AGO)
    left = await leave(server, tmp_path, "/clip.mp4", begun)
    with Loopback() as other:
        report, _ = await fetch(server.page(other.on("/clip.mp4", begun)), tmp_path)
        (request,) = other.asked("/clip.mp4")
    assert report.ok and request.first is not None and left - 20_000 < request.first < left
    assert finals(tmp_path) == {"clip.mp4": begun.body} and leftovers(tmp_path) == []


@pytest.mark.parametrize("kind", LINKS)
async def test_a_part_of_something_else_is_not_built_upon(
    kind: str, server: Loopback, tmp_path: Path
) -> None:
    """The other file has the same ETag and size: only its bytes tell."""
    first, second = LINKS[kind]
    await leave(server, tmp_path, first, File(noise(SIZE, seed=1)))
    other = File(noise(SIZE, seed=2))
    await rerun(server, tmp_path, **{second: other})
    assert finals(tmp_path) == {"clip.mp4": other.body}


@pytest.mark.parametrize("connections", [1, 4])
async def test_ranges_are_continued_in_front(
    connections: int, server: Loopback, tmp_path: Path
) -> None:
    """Interrupted again on the way, and continued at a third address."""
    begun = File(noise(12 * MIB))
    links = [f"/clip.mp4?X-Amz-Signature={n}" for n in range(3)]
    server.on(links[0], begun.trickling(2 * MIB))
    await interrupt(server.page(links[0]), tmp_path, 1, connections=4)
    server.on(links[1], begun.trickling(MIB))
    await interrupt(server.page(links[1]), tmp_path, 1, connections=connections)
    await rerun(server, tmp_path, **{links[2]: begun})
    assert finals(tmp_path) == {"clip.mp4": begun.body}


async def test_begun_files_of_one_program_are_not_mixed(server: Loopback, tmp_path: Path) -> None:
    one, two = File(noise(SIZE, seed=1)), File(noise(SIZE, seed=2))
    await leave(server, tmp_path, "/get.mp4?id=1", one)
    await rerun(server, tmp_path, **{"/get.mp4?id=2": two, "/get.mp4?id=1": one})
    assert sorted(finals(tmp_path).values()) == sorted([one.body, two.body])


async def test_a_page_that_signs_every_link_twice(server: Loopback, tmp_path: Path) -> None:
    """As galleries do: the thumbnail's link and the download's, both signed for themselves."""
    for number in range(3):
        links = [f"/clip.mp4?Signature={number}{n}&Expires=1&Key-Pair-Id=K" for n in range(2)]
        for link in links:
            server.on(link, file(ONE))
        server.on("/page.html", page("".join(f'<a href="{each}">x</a>' for each in links)))
        report, _ = await fetch(server.url("/page.html"), tmp_path)
        assert report.ok and finals(tmp_path) == {"clip.mp4": ONE}


async def test_ever_new_addresses_do_not_make_the_manifest_ever_longer(
    server: Loopback, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reelin.disk.manifest.MOST_SPARE", 10)
    path = tmp_path / ".reelin" / "manifest.jsonl"
    for number in range(60):
        both = {
            f"/{name}.mp4?token={number}": file(body) for name, body in (("a", ONE), ("b", TWO))
        }
        assert count(await rerun(server, tmp_path, **both)) == ((0, 2) if number else (2, 0))
        assert len(path.read_text().splitlines()) <= 36
    assert finals(tmp_path) == {"a.mp4": ONE, "b.mp4": TWO}
    assert [each for each in verify(tmp_path) if not each.ok] == []
