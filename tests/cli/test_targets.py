"""Many URLs at once: side by side, within one bound, and told so that they can be told apart."""

from __future__ import annotations

import json
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.command import Command, write_list
from support.loopback import Answer, Loopback, Request, Wire, page, reply

BODY = b"ID3" + b"x" * 2000
WAIT = 40  # seconds: only reached where a test fails


@pytest.fixture
def server() -> Iterator[Loopback]:
    with Loopback() as running:
        yield running


def after(event: threading.Event, answer: Answer) -> Answer:
    """An answer that is only given after something has happened."""

    def wait(request: Request, wire: Wire) -> None:
        if event.wait(WAIT):
            answer(request, wire)

    return wait


def ring(event: threading.Event, answer: Answer) -> Answer:
    """An answer that lets something happen when it has been given."""

    def give(request: Request, wire: Wire) -> None:
        answer(request, wire)
        event.set()

    return give


class Meter:
    """Counts how many answers are under way at once, and lets them last until `enough` are."""

    def __init__(self, enough: int) -> None:
        self.most = self._now = 0
        self._lock = threading.Lock()
        self._enough, self._reached = enough, threading.Event()

    def __call__(self, request: Request, wire: Wire) -> None:
        with self._lock:
            self._now += 1
            self.most = max(self.most, self._now)
            if self._now >= self._enough:
                self._reached.set()
        self._reached.wait(WAIT)
        wire.pause(0.05)  # time for one too many to come
        with self._lock:
            self._now -= 1
        reply(200, BODY, "audio/mpeg")(request, wire)


@pytest.mark.parametrize("workers", [1, 3])
def test_the_downloads_of_all_urls_share_one_bound(
    server: Loopback, tmp_path: Path, workers: int
) -> None:
    meter = Meter(workers)
    pages = []
    for number in range(4):
        songs = [server.on(f"/{number}/{song}.mp3", meter) for song in range(3)]
        pages.append(server.page(*songs, path=f"/{number}/{number}.html"))
    ended = Command("-i", write_list(tmp_path, *pages), "-w", workers, home=tmp_path).end()
    assert ended.code == 0, ended.err
    assert len(list(tmp_path.glob("downloads/*/*.mp3"))) == 12
    assert meter.most == workers


@pytest.mark.parametrize("way", ["--json", "-s", "-g", "--explain", "--no-progress"])
def test_one_that_waits_for_another_is_no_dead_end(
    server: Loopback, tmp_path: Path, way: str
) -> None:
    """The first page only answers when the second one has been read: they go side by side.

    What is data stands in the order of the URLs nevertheless.
    """
    second_read = threading.Event()
    for name in "ab":
        server.on(f"/{name}.mp3", reply(200, BODY, "audio/mpeg"))
    links = [page(f'<a href="/{name}.mp3">{name}</a>') for name in "ab"]
    first = server.on("/first.html", after(second_read, links[0]))
    second = server.on("/second.html", ring(second_read, links[1]))
    ended = Command("-i", write_list(tmp_path, first, second), way, home=tmp_path).end()
    assert ended.code == 0, ended.err
    if way != "--no-progress":
        assert ended.out.index("a.mp3") < ended.out.index("b.mp3")
        assert "a.mp3" not in ended.out[ended.out.index("b.mp3") :]


@pytest.mark.parametrize("way", ["--json", "-s"])
def test_a_long_run_that_waits_to_be_shown_holds_up_nothing(
    server: Loopback, tmp_path: Path, way: str
) -> None:
    """The first page answers when the last file of the second one has been asked for."""
    song, last_asked = reply(200, BODY, "audio/mpeg"), threading.Event()
    names = [f"/{number}.mp3" for number in range(400)]
    for name in names:
        server.on(name, song)
    server.on(names[-1], ring(last_asked, song))
    server.on("/a.mp3", song)
    first = server.on("/first.html", page('<a href="/a.mp3">a</a>'))
    if way == "--json":
        server.on("/first.html", after(last_asked, page('<a href="/a.mp3">a</a>')))
    second = server.page(*names, path="/second.html")
    ended = Command("-i", write_list(tmp_path, first, second), way, "-w", 2, home=tmp_path).end(90)
    assert ended.code == 0, ended.err
    assert ended.out.index("/a.mp3") < ended.out.index("/0.mp3")
    assert all(name in ended.out for name in names)


def test_in_json_each_run_is_whole_before_the_next_one(server: Loopback, tmp_path: Path) -> None:
    pages = []
    for number in range(7):
        song = server.on(f"/{number}/s.mp3", reply(200, BODY + bytes([number]), "audio/mpeg"))
        pages.append(server.page(song, path=f"/{number}/page.html"))
    pages[3] = server.url("/nowhere.html")
    ended = Command("-i", write_list(tmp_path, *pages), "--json", home=tmp_path).end()
    assert ended.code == 1
    runs: list[list[dict[str, object]]] = [[]]
    for line in ended.out.splitlines():
        runs[-1].append(json.loads(line))
        if runs[-1][-1]["event"] == "finished":
            runs.append([])
    assert runs.pop() == []
    for url, events in zip(pages, runs, strict=True):
        numbers = [each["number"] for each in events]  # those of progress may be left out
        assert numbers == sorted(set(numbers)) and numbers[0] == 1
        place = url.removesuffix("page.html")
        assert all(place in json.dumps(each) for each in events[:-1])


def test_fail_fast_ends_the_others_too(server: Loopback, tmp_path: Path) -> None:
    hanging = threading.Event()
    slow = server.page("/slow.mp3", path="/slow.html")

    def hang(request: Request, wire: Wire) -> None:
        hanging.set()
        wire.stall()

    server.on("/slow.mp3", hang)
    bad = server.on("/bad.html", after(hanging, reply(404, b"", "text/html")))
    last = server.page("/last.mp3", path="/last.html")
    urls = write_list(tmp_path, slow, bad, last)
    ended = Command("-i", urls, "-w", 2, "--fail-fast", home=tmp_path).end()
    assert ended.code == 1 and "404" in ended.err
    assert not server.asked("/last.html")


def test_one_signal_stops_all_and_the_same_command_continues(
    server: Loopback, tmp_path: Path
) -> None:
    both = threading.Barrier(3)

    def begin(request: Request, wire: Wire) -> None:
        both.wait(WAIT)
        wire.stall()

    pages = []
    for name in "ab":
        server.on(f"/{name}.mp3", begin, reply(200, BODY + name.encode(), "audio/mpeg"))
        pages.append(server.page(f"/{name}.mp3", path=f"/{name}.html"))
    urls = write_list(tmp_path, *pages)
    command = Command("-i", urls, home=tmp_path)
    both.wait(WAIT)
    command.send(signal.SIGINT)
    ended = command.end()
    assert ended.code == 130 and "the same command continues" in ended.err
    ended = Command("-i", urls, home=tmp_path).end()
    assert ended.code == 0, ended.err
    assert {path.read_bytes()[-1:] for path in tmp_path.glob("downloads/*/*.mp3")} == {b"a", b"b"}
