"""A URL that is a file, and that a folder has: complete or begun, it is not looked at as a page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support.files import LONG_AGO, MIB, File, noise
from support.loopback import Answer, Loopback, page, redirect, reply
from support.outcomes import fetch, leftovers
from support.runs import finals, interrupt

from reelin import DiskSink, Found, MediaItem, Session, Sink, Skipped
from reelin.run.filters import Size, Type

SIZE = 3 * MIB
CLIP = File(noise(SIZE), etag='"one"', modified=LONG_AGO)
SIGNED = "/clip.mp4?X-Amz-Signature={0}&X-Amz-Date={0}&X-Amz-Credential=x"


async def begin(server: Loopback, folder: Path, path: str = "/clip.mp4") -> tuple[str, int]:
    """Leave a file unfinished; its URL, and the bytes that are here."""
    url = server.on(path, CLIP.trickling(2 * MIB))
    left = await interrupt(url, folder, 2 * MIB)
    server.on(path, CLIP)
    return url, left


def facts(item: MediaItem) -> dict[str, Any]:
    return {key: value for key, value in vars(item).items() if value not in (None, "", ())}


@pytest.mark.parametrize("path", ["/clip.mp4", "/watch?id=3", "/a%20b.mp4?x=1#t=5"])
async def test_what_is_here_costs_no_request(path: str, server: Loopback, tmp_path: Path) -> None:
    url = server.on(path.partition("#")[0], CLIP) + "".join(path.partition("#")[1:])
    _, before = await fetch(url, tmp_path)
    sent = server.sent
    report, events = await fetch(url, tmp_path)
    assert server.sent == sent
    (skipped,) = [each for each in events if isinstance(each, Skipped)]
    assert skipped.rule == "present" and report.found == 1 and report.empty == ()
    (now,) = [facts(each.item) for each in events if isinstance(each, Found)]
    assert now == next(facts(each.item) for each in before if isinstance(each, Found))


async def test_what_was_begun_costs_what_is_missing(server: Loopback, tmp_path: Path) -> None:
    url, left = await begin(server, tmp_path)
    sent, asked = server.sent, len(server.asked("/clip.mp4"))
    report, events = await fetch(url, tmp_path)
    (request,) = server.asked("/clip.mp4")[asked:]
    assert request.headers["range"] == f"bytes={left}-"
    assert server.sent - sent < SIZE - left + 1024
    assert report.ok and finals(tmp_path) == {"clip.mp4": CLIP.body} and not leftovers(tmp_path)
    (found,) = [each.item for each in events if isinstance(each, Found)]
    assert (found.mime, found.size, found.origin) == ("video/mp4", SIZE, "the URL itself")


async def test_redirected_and_signed_urls_are_known(server: Loopback, tmp_path: Path) -> None:
    start = server.on("/latest", redirect("/clip.mp4"))
    server.on("/clip.mp4", CLIP)
    first = server.on(SIGNED.format(1), CLIP)
    server.on(SIGNED.format(2), CLIP)
    for folder, urls in (
        (tmp_path / "a", [start, start]),
        (
            tmp_path / "b",
            [first, server.url(SIGNED.format(2))],
        ),
    ):
        await fetch(urls[0], folder)
        sent = server.sent
        report, _ = await fetch(urls[1], folder)
        assert server.sent == sent and report.ok and report.skipped == 1


async def test_filters_judge_by_what_is_known(server: Loopback, tmp_path: Path) -> None:
    url, _ = await begin(server, tmp_path)
    asked = len(server.asked("/clip.mp4"))
    for refusing in (Type({"audio"}), Size(most=MIB)):
        report, events = await fetch(url, tmp_path, filters=[refusing])
        assert [each.rule for each in events if isinstance(each, Skipped)] == [refusing.name]
        assert report.skipped == 1
    assert len(server.asked("/clip.mp4")) == asked and leftovers(tmp_path)


async def test_overwrite_and_no_resume_begin_anew(server: Loopback, tmp_path: Path) -> None:
    url, _ = await begin(server, tmp_path)
    async with Session() as session:
        async with session.run(url, sink=DiskSink(tmp_path, resume=False)) as run:
            assert (await run.finish()).size == SIZE
    assert all("range" not in each.headers for each in server.asked("/clip.mp4"))
    report, _ = await fetch(url, tmp_path, overwrite=True)
    assert len(report.saved) == 1


async def test_what_only_another_plugin_would_find_is_looked_at(
    server: Loopback, tmp_path: Path
) -> None:
    url = server.on("/clip.mp4", CLIP)
    await fetch(url, tmp_path)
    asked = len(server.asked("/clip.mp4"))
    await fetch(url, tmp_path, plugin="plyr")
    assert len(server.asked("/clip.mp4")) == asked + 1


@pytest.mark.parametrize("loss", ["gone", "cut"])
async def test_a_lost_file_is_fetched_again(loss: str, server: Loopback, tmp_path: Path) -> None:
    url = server.on("/clip.mp4", CLIP)
    await fetch(url, tmp_path)
    file = tmp_path / "clip.mp4"
    file.unlink() if loss == "gone" else file.write_bytes(b"short")
    await fetch(url, tmp_path)
    assert finals(tmp_path) == {"clip.mp4": CLIP.body}


async def test_what_has_become_a_page_is_read_as_one(server: Loopback, tmp_path: Path) -> None:
    url, _ = await begin(server, tmp_path)
    server.on("/clip.mp4", page('<a href="/song.mp3">Song</a>'))
    server.on("/song.mp3", reply(200, b"ID3 music", "audio/mpeg"))
    report, _ = await fetch(url, tmp_path)
    assert report.ok and [each.name for each in report.saved] == ["song.mp3"]


@pytest.mark.parametrize("answer", [page("<p>Sorry"), reply(404, b"gone"), reply(200, b"", "x/y")])
async def test_what_has_become_nothing_is_a_failure(
    answer: Answer, server: Loopback, tmp_path: Path
) -> None:
    url, _ = await begin(server, tmp_path)
    server.on("/clip.mp4", answer)
    report, _ = await fetch(url, tmp_path)
    assert not report.ok and not report.saved


@pytest.mark.parametrize("text", ["{}\n", '{"url": 3, "origin": "the URL itself"}\n', "\0\xff\n"])
async def test_a_manifest_that_says_nothing_is_none(
    text: str, server: Loopback, tmp_path: Path
) -> None:
    url = server.on("/clip.mp4", CLIP)
    (tmp_path / ".reelin").mkdir()
    (tmp_path / ".reelin" / "manifest.jsonl").write_text(text)
    (tmp_path / ".reelin" / "x.mp4.part.json").write_text('{"url": "x", "item": {"url": 3}}\n')
    (tmp_path / "x.mp4.part").write_bytes(b"x")
    report, _ = await fetch(url, tmp_path)
    assert report.ok and len(report.saved) == 1


async def test_a_sink_that_recalls_nonsense_is_told(server: Loopback) -> None:
    class Odd(Sink):
        name = "odd"

        async def recall(self, url: str) -> Any:
            return url

    async with Session() as session:
        async with session.run(server.on("/clip.mp4", CLIP), sink=Odd()) as run:
            report = await run.finish()
    assert "recall() returned" in report.failures[0].error
