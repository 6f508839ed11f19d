"""What a program that runs jobs for others needs: causes, attempts, known items, what is there."""

from __future__ import annotations

from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from support.files import File, noise
from support.loopback import Loopback, redirect, reply, stalled

from reelin import (
    Alternative,
    Audio,
    DiskSink,
    Event,
    Extractor,
    Failed,
    Finished,
    Found,
    MediaItem,
    Network,
    Page,
    PluginError,
    Progress,
    Retried,
    Run,
    Saved,
    Session,
    Size,
    Skipped,
    Started,
    UsageError,
    list_stored,
)
from reelin.model import daemon
from reelin.net import hosts

BODY = noise(50_000)
QUICK = Network(retries=1, retry_wait=0.01, timeout=5)


@pytest.fixture
def server() -> Iterator[Loopback]:
    with Loopback() as running:
        running.on("/1.mp4", File(BODY))
        yield running


def playlist(*segments: str) -> bytes:
    lines = "".join(f"#EXTINF:1,\n{each}\n" for each in segments)
    return f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n{lines}#EXT-X-ENDLIST\n".encode()


async def read(run: Run) -> list[Event]:
    async with run:
        return [event async for event in run]


async def events_of(url: str, folder: Path, network: Network = QUICK) -> list[Event]:
    async with Session(network=network) as session:
        return await read(session.run(url, sink=DiskSink(folder)))


# Causes


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (404, "not_found"),
        (410, "not_found"),
        (401, "refused"),
        (403, "refused"),
        (451, "refused"),
        (500, "server"),
        (503, "server"),
    ],
)
async def test_a_status_has_a_word_for_its_cause(
    status: int, code: str, server: Loopback, tmp_path: Path
) -> None:
    url = server.on("/a.mp4", reply(status))
    events = await events_of(url, tmp_path)
    (failed,) = [each for each in events if isinstance(each, Failed)]
    assert (failed.code, failed.status, failed.kind) == (code, status, "FetchError")


async def test_silence_is_a_timeout(server: Loopback, tmp_path: Path) -> None:
    url = server.on("/a.mp4", stalled)
    events = await events_of(url, tmp_path, Network(retries=0, timeout=0.2))
    assert [each.code for each in events if isinstance(each, Failed)] == ["timeout"]


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/a.mp4", "http://name.invalid/a.mp4"])
async def test_what_cannot_be_connected_to_is_unreachable(url: str, tmp_path: Path) -> None:
    events = await events_of(url, tmp_path, Network(retries=0, timeout=5, proxy="none"))
    assert [each.code for each in events if isinstance(each, Failed)] == ["unreachable"]


@pytest.mark.parametrize("way", ["address", "redirect"])
async def test_an_address_that_is_not_public_is_blocked(
    way: str, server: Loopback, tmp_path: Path
) -> None:
    allowed = f"127.0.0.1:{server.url('/').split(':')[2].strip('/')}"
    url = server.on("/away.mp4", redirect("http://127.0.0.2:8080/a.mp4"))
    if way == "address":
        url, allowed = "http://127.0.0.2/a.mp4", "127.0.0.3"
    network = Network(retries=0, timeout=5, allow_private=False, allow=(allowed,))
    events = await events_of(url, tmp_path, network)
    assert [each.code for each in events if isinstance(each, Failed)] == ["blocked"]


async def test_a_faulty_plugin_and_a_folder_that_is_none(server: Loopback, tmp_path: Path) -> None:
    class Faulty(Extractor):
        name = "faulty"
        pattern = "http://"

        def extract(self, page: Page) -> Iterator[MediaItem]:
            raise RuntimeError("oh")

    async with Session(network=QUICK, extractors=[Faulty()]) as session:
        run = session.run(server.url("/1.mp4"), sink=None, plugin="faulty")
        events = await read(run)
    assert [each.code for each in events if isinstance(each, Failed)] == ["plugin"]
    assert (PluginError.code, UsageError.code) == ("plugin", "usage")


# Attempts


async def test_each_further_attempt_is_told(server: Loopback, tmp_path: Path) -> None:
    url = server.on("/a.mp4", reply(503), reply(200, BODY))
    events = await events_of(server.page("/a.mp4"), tmp_path)
    (retried,) = [each for each in events if isinstance(each, Retried)]
    assert (retried.attempts, retried.status, retried.item.url) == (1, 503, url)
    assert 0 <= retried.wait <= QUICK.retry_wait
    assert any(isinstance(each, Saved) for each in events)


async def test_the_attempts_of_a_segment_are_told(server: Loopback, tmp_path: Path) -> None:
    server.on("/0.vtt", reply(500))
    url = server.on("/a.m3u8", reply(200, playlist("/0.vtt"), "application/x-mpegurl"))
    events = await events_of(url, tmp_path)
    assert [each.status for each in events if isinstance(each, Retried)] == [500]


@pytest.mark.parametrize("name", ["retry_wait", "connect_timeout"])
def test_seconds_below_zero_are_refused(name: str) -> None:
    with pytest.raises(UsageError, match=name):
        Network(**{name: -1.0})  # type: ignore[arg-type]


async def test_a_host_that_was_given_up_is_asked_again(
    server: Loopback, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = [server.on(f"/bad{number}.mp4", reply(500)) for number in range(hosts.STRAIGHT_FAILURES)]
    network = Network(retries=0, timeout=5)
    async with Session(network=network, workers=1) as session:
        for url in bad:
            await read(session.run(url, sink=DiskSink(tmp_path)))
        lost = await read(session.run(server.url("/1.mp4"), sink=DiskSink(tmp_path)))
        assert "in a row" in next(each.error for each in lost if isinstance(each, Failed))
        monkeypatch.setattr(hosts, "GIVEN_UP_SECONDS", 0.0)
        again = await read(session.run(server.url("/1.mp4"), sink=DiskSink(tmp_path)))
        monkeypatch.setattr(hosts, "GIVEN_UP_SECONDS", 60.0)
        server.on("/2.mp4", File(noise(2000)))
        later = await read(session.run(server.url("/2.mp4"), sink=DiskSink(tmp_path)))
    assert any(isinstance(each, Saved) for each in again), again
    assert any(isinstance(each, Saved) for each in later), "one success, and it is well again"


def test_only_one_request_tries_a_host_that_was_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr(hosts.time, "monotonic", lambda: now)
    host = hosts.Host()
    for _ in range(hosts.STRAIGHT_FAILURES):
        host.note_failure()
    assert host.is_given_up
    now += hosts.GIVEN_UP_SECONDS
    assert not host.is_given_up
    host.note_failure()
    assert host.is_given_up


# Progress


async def test_the_last_progress_is_the_whole(server: Loopback, tmp_path: Path) -> None:
    url = server.on("/a.mp4", File(noise(3_000_000)))
    events = await events_of(url, tmp_path)
    saved = next(each for each in events if isinstance(each, Saved))
    last = [each for each in events if isinstance(each, Progress)][-1]
    assert (last.done, last.size) == (saved.stored.size, saved.stored.size)
    assert events.index(last) < events.index(saved)


# Items


ITEM = MediaItem(
    "http://a.example/1.mp4",
    "video",
    title="One – Ünicode",
    position=1,
    total=2,
    date=datetime(2026, 1, 31, tzinfo=UTC),
    headers={"Referer": "http://a.example/"},
    alternatives=(Alternative("http://a.example/2.mp4", width=10, height=20),),
    audio=Audio("mp3", "192k"),
    number=7,
)


@pytest.mark.parametrize("item", [ITEM, MediaItem("http://a.example/"), ITEM.alternatives[0]])
def test_an_item_outlives_its_process(item: MediaItem | Alternative) -> None:
    if isinstance(item, Alternative):
        item = MediaItem(item.url, width=item.width)
    assert MediaItem.from_json(item.to_json()) == item


@pytest.mark.parametrize(
    "text",
    ["", "[]", "null", "{}", '{"url": 5}', '{"url": "u", "colour": 1}', '{"url": "u", "date": "x"}',
     '{"url": "u", "audio": ["ogg"]}', '{"url": "u", "alternatives": [{"no": 1}]}'],
)  # fmt: skip
def test_what_is_no_item_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="no item"):
        MediaItem.from_json(text)


async def test_items_that_were_chosen_are_fetched_without_their_page(
    server: Loopback, tmp_path: Path
) -> None:
    for name in ("/2.mp4", "/3.mp4"):
        server.on(name, File(noise(2000)))
    start = server.page("/1.mp4", "/2.mp4", "/3.mp4")
    async with Session(network=QUICK) as session:
        events = await read(session.run(start, sink=None))
        found = [each.item for each in events if isinstance(each, Found)]
        assert [each.number for each in found] == [1, 2, 3]
        kept = [MediaItem.from_json(each.to_json()) for each in found if each.number != 2]
        events = await read(session.run(items=kept, sink=DiskSink(tmp_path)))
    assert sorted(each.item.number or 0 for each in events if isinstance(each, Saved)) == [1, 3]
    assert len(server.asked("/page.html")) == 1 and not server.asked("/2.mp4")


async def test_filters_see_known_items_as_well(server: Loopback, tmp_path: Path) -> None:
    item = MediaItem(server.url("/1.mp4"), "video")
    async with Session(network=QUICK) as session:
        run = session.run(items=[item], sink=DiskSink(tmp_path), filters=[Size(2 * len(BODY))])
        events = await read(run)
    assert [each.rule for each in events if isinstance(each, Skipped)] == ["size"]


async def test_urls_and_items_exclude_each_other(server: Loopback) -> None:
    async with Session(network=QUICK) as session:
        with pytest.raises(UsageError, match="not over both"):
            session.run(server.url("/1.mp4"), items=[], sink=None)


async def test_the_number_of_an_item_stays_the_same(server: Loopback, tmp_path: Path) -> None:
    """Also where it turns out to be a playlist."""
    server.on("/list", reply(200, playlist("/0.ts"), "application/x-mpegurl"))
    server.on("/0.ts", reply(404))
    start = server.page("/1.mp4", "/list")
    async with Session(network=QUICK) as session:
        events = await read(session.run(start, sink=DiskSink(tmp_path)))
    numbers: dict[str, set[int | None]] = {}
    for each in events:
        if isinstance(each, Found | Started | Progress | Saved | Failed) and each.item:
            numbers.setdefault(each.item.url.partition("#")[0], set()).add(each.item.number)
    assert all(len(each) == 1 and None not in each for each in numbers.values()), numbers


# What is there


async def test_what_is_present_is_told_with_what_it_is(server: Loopback, tmp_path: Path) -> None:
    first = await events_of(server.url("/1.mp4"), tmp_path)
    again = await events_of(server.url("/1.mp4"), tmp_path)
    (saved,) = [each.stored for each in first if isinstance(each, Saved)]
    (skipped,) = [each for each in again if isinstance(each, Skipped)]
    assert skipped.rule == "present"
    assert skipped.stored == replace(saved, new=False)
    assert list(list_stored(tmp_path)) == [skipped.stored]
    (tmp_path / saved.name).write_bytes(b"cut")
    assert list(list_stored(tmp_path)) == []


def test_nothing_is_stored_where_nobody_ran(tmp_path: Path) -> None:
    assert list(list_stored(tmp_path / "none")) == []


# Archives


@pytest.mark.parametrize("sized", [False, True])
async def test_an_archive_tells_the_events_of_its_runs(sized: bool, server: Loopback) -> None:
    events: list[Event] = []
    start = server.page("/1.mp4")
    async with Session(network=QUICK) as session:
        async with session.stream_zip(start, sized=sized, tell=events.append) as archive:
            async for _ in archive:
                pass
    assert [type(each) for each in events].count(Finished) == (2 if sized else 1)
    assert any(isinstance(each, Saved) and each.stored.name == "1.mp4" for each in events)


async def test_an_archive_of_chosen_items(server: Loopback) -> None:
    items = [MediaItem(server.url("/1.mp4"), "video", number=4)]
    async with Session(network=QUICK) as session:
        async with session.stream_zip(items=items, sized=True) as archive:
            size = sum([len(chunk) async for chunk in archive])
    assert size == archive.content_length
    assert archive.report.ok


# Settings


async def test_cookies_as_text(server: Loopback, tmp_path: Path) -> None:
    text = "# Netscape HTTP Cookie File\n127.0.0.1\tFALSE\t/\tFALSE\t0\tsid\tone\n"
    await events_of(server.url("/1.mp4"), tmp_path, Network(cookies=text, timeout=5))
    assert server.asked("/1.mp4")[0].headers["cookie"] == "sid=one"
    assert "sid" not in repr(Network(cookies=text))


async def test_cookies_as_text_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no line of it"):
        async with Session(network=Network(cookies="what\nis this")):
            pass


def test_threads_know_for_whom_they_work() -> None:
    job: ContextVar[str] = ContextVar("job")
    job.set("seven")
    assert daemon.start(job.get, "reelin-test").result(10) == "seven"
