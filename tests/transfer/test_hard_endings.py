"""The command, killed, signalled, doubled, and out of disk or descriptors: section 9 of the rules."""

from __future__ import annotations

import random
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.command import Command, Ended, wait_until
from support.disk import Disk, small_disk
from support.files import MIB, File, noise
from support.loopback import SEND_BUFFER, Answer, Loopback, reply, stalled
from support.outcomes import leftovers
from support.runs import finals, holds, part_size
from support.watch import Watch

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals and limits")


def run(url: str, tmp_path: Path, *options: object) -> Command:
    """`reelin URL run -o TMP …`."""
    return Command(url, "run", "-o", tmp_path, *options, home=tmp_path)


def album(server: Loopback, count: int, size: int) -> tuple[str, dict[str, bytes]]:
    """A page with that many files: its URL, and the files by name."""
    files = {f"{number}.mp4": noise(size, number) for number in range(count)}
    for name, body in files.items():
        server.on("/" + name, File(body, etag=f'"{name}"'))
    return server.page(*("/" + name for name in files)), files


# kill -9


KILLS, CONNECTIONS = 4, 5 + 7  # a slow file gets more than one by itself


@pytest.mark.parametrize(
    ("count", "size", "options", "seed"),
    [
        (10, 20 * MIB, (), 1),
        (10, 20 * MIB, ("-w", 2), 2),
        (1, 200 * MIB, ("--connections", 4), 3),
        (2, 100 * MIB, ("--connections", 1), 4),
    ],
    ids=["5 workers", "2 workers", "ranges of one", "one connection each"],
)
def test_killed_at_random_it_still_ends_well(
    count: int, size: int, options: tuple[object, ...], seed: int, tmp_path: Path
) -> None:
    """Byte-exact, and at most 1.05 times the bytes.

    What lay in the sockets' buffers when a client died was sent, but never came.
    """
    chance = random.Random(seed)
    total = count * size
    with Loopback(rate=20e6) as server:
        page, files = album(server, count, size)
        with Watch(tmp_path / "run", files) as watch:
            for kill in range(KILLS):
                command = run(page, tmp_path, *options)
                target = total * (kill + chance.random()) / (KILLS + 1)
                wait_until(lambda target=target: server.sent > target)
                command.kill()
            server.rate = None
            ended = run(page, tmp_path, *options).end()
        assert ended.code == 0, ended.err
        assert watch.wrong == []
        assert finals(tmp_path / "run") == files and leftovers(tmp_path / "run") == []
        never_left = KILLS * CONNECTIONS * 2 * SEND_BUFFER
        assert server.sent <= 1.05 * total + never_left, f"{server.sent / total:.3f}"
    assert Command("verify", tmp_path / "run", home=tmp_path).end().code == 0


def test_killed_before_anything_came(tmp_path: Path) -> None:
    with Loopback() as server:
        page, files = album(server, 2, 2 * MIB)
        server.on("/0.mp4", stalled, File(files["0.mp4"]))
        command = run(page, tmp_path)
        wait_until(lambda: bool(server.asked("/0.mp4")))
        command.kill()
        assert run(page, tmp_path).end().code == 0
    assert finals(tmp_path / "run") == files


def test_the_lock_of_a_dead_process_is_free(tmp_path: Path) -> None:
    """A second process waits, the first is killed, the second goes on from there."""
    with Loopback(rate=2e6) as server:
        page, files = album(server, 1, 12 * MIB)
        first = run(page, tmp_path, "--connections", 1)
        wait_until(lambda: part_size(tmp_path / "run") > MIB)
        second = run(page, tmp_path, "--connections", 1)
        wait_until(lambda: len(server.asked("/page.html")) == 2)
        first.kill()
        server.rate = None
        assert second.end().code == 0
        assert server.asked("/0.mp4")[-1].first
    assert finals(tmp_path / "run") == files


def test_three_at_once_download_nothing_twice(tmp_path: Path) -> None:
    with Loopback(rate=20e6) as server:
        page, files = album(server, 4, 3 * MIB)
        commands = [run(page, tmp_path) for _ in range(3)]
        assert [command.end().code for command in commands] == [0, 0, 0]
        assert [len(server.asked("/" + name)) for name in files] == [1, 1, 1, 1]
    assert finals(tmp_path / "run") == files


# Signals


SIGNALS = [(signal.SIGINT, 130), (signal.SIGTERM, 143)]


def stopped(command: Command, number: signal.Signals) -> Ended:
    command.send(number)
    return command.end(timeout=15)


@pytest.mark.parametrize(("number", "code"), SIGNALS)
@pytest.mark.parametrize("options", [(), ("--connections", 4)], ids=["plain", "ranges"])
def test_a_signal_leaves_what_can_be_continued(
    options: tuple[object, ...], number: signal.Signals, code: int, tmp_path: Path
) -> None:
    with Loopback(rate=20e6) as server:
        page, files = album(server, 2, 24 * MIB)
        command = run(page, tmp_path, *options)
        wait_until(lambda: server.sent > 16 * MIB)
        ended = stopped(command, number)
        assert ended.code == code and finals(tmp_path / "run") == {}
        assert "same command" in ended.err
        asked = {name: len(server.asked("/" + name)) for name in files}
        server.rate = None
        assert run(page, tmp_path, *options).end().code == 0
        for name, before in asked.items():
            assert all("range" in each.headers for each in server.asked("/" + name)[before:])
        # What a stopped process had in its read buffers comes again: up to 2 MiB a connection.
        assert server.sent <= 1.05 * 48 * MIB + 5 * 2 * MIB
    assert finals(tmp_path / "run") == files


STUCK: dict[str, tuple[Answer, ...]] = {
    "before the answer": (stalled,),
    "within the body": (File(noise(3 * MIB)).stalling(MIB),),
    "in a long pause": (reply(503, Retry_After="50"),),
}


@pytest.mark.parametrize(("number", "code"), SIGNALS)
@pytest.mark.parametrize("where", STUCK)
def test_a_signal_is_heard_while_nothing_happens(
    where: str, number: signal.Signals, code: int, tmp_path: Path
) -> None:
    with Loopback() as server:
        server.on("/clip.mp4", *STUCK[where])
        command = run(server.page("/clip.mp4"), tmp_path)
        wait_until(lambda: bool(server.asked("/clip.mp4")))
        time.sleep(0.2)
        assert stopped(command, number).code == code
    assert finals(tmp_path / "run") == {}


def test_a_signal_is_heard_while_the_page_is_late(tmp_path: Path) -> None:
    with Loopback() as server:
        command = run(server.on("/page.html", stalled), tmp_path)
        wait_until(lambda: bool(server.asked("/page.html")))
        assert stopped(command, signal.SIGTERM).code == 143


def test_a_signal_is_heard_while_another_run_is_at_work(tmp_path: Path) -> None:
    with Loopback(rate=1e6) as server:
        page, files = album(server, 1, 12 * MIB)
        first = run(page, tmp_path)
        wait_until(lambda: part_size(tmp_path / "run") > 0)
        second = run(page, tmp_path)
        wait_until(lambda: "another run is at work here" in second.said)
        assert stopped(second, signal.SIGINT).code == 130
        server.rate = None
        assert first.end().code == 0
    assert finals(tmp_path / "run") == files


# URLs of media themselves


def test_a_media_url_is_continued_too(tmp_path: Path) -> None:
    """Without another look at the URL: the server is asked for what is missing, and for no more."""
    body = noise(60 * MIB)
    with Loopback(rate=60e6) as server:
        url = server.on("/clip.mp4", File(body))
        command = run(url, tmp_path, "--connections", 1)
        wait_until(lambda: part_size(tmp_path / "run") > 40 * MIB)
        command.kill()
        kept = part_size(tmp_path / "run")
        server.rate = None
        assert run(url, tmp_path, "--connections", 1).end().code == 0
        _, rest = server.asked("/clip.mp4")
        assert rest.first == kept
    assert holds(tmp_path / "run", clip=body)


def test_media_urls_that_are_there_hold_no_connections(tmp_path: Path) -> None:
    """A rerun over a long list of URLs, with few descriptors and files large enough to linger."""
    with Loopback() as server:
        names = [f"/{number}.mp4" for number in range(80)]
        for name in names:
            server.on(name, File(noise(2 * MIB, 5), etag=f'"{name}"'))
        urls = tmp_path / "urls.txt"
        urls.write_text("\n".join(server.url(name) for name in names))
        for _ in range(2):
            ended = Command(
                *("-i", urls, "run", "-o", tmp_path, "-w", 20), home=tmp_path, limit=few_files
            ).end()
            assert ended.code == 0, ended.err
        assert len(finals(tmp_path / "run")) == 80


# Descriptors


def few_files() -> None:
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))


@pytest.mark.parametrize("size", [1000, 300_000, 2 * MIB])
def test_few_descriptors_and_many_workers(size: int, tmp_path: Path) -> None:
    with Loopback(rate=200e6) as server:
        page, files = album(server, 60, size)
        command = Command(page, "run", "-o", tmp_path, "-w", 20, home=tmp_path, limit=few_files)
        ended = command.end()
        assert ended.code == 0, ended.err
    assert finals(tmp_path / "run") == files


# Disks


def small_files_only(most: int) -> Callable[[], None]:
    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))

    return limit


@pytest.mark.parametrize("size", [150_000, 500_000, 3 * MIB, 20 * MIB])
def test_a_file_that_may_not_be_so_large(size: int, tmp_path: Path) -> None:
    with Loopback() as server:
        page, files = album(server, 3, size)
        server.on("/0.mp4", reply(200, b"\0" * 1000))
        files["0.mp4"] = b"\0" * 1000
        limit = small_files_only(size - 50_000)
        ended = Command(page, "run", "-o", tmp_path, home=tmp_path, limit=limit).end()
        assert ended.code == 1
        assert ended.err.count("reelin: error:") == 2
        assert [name for name in leftovers(tmp_path / "run") if name.endswith(".tmp")] == []
        assert finals(tmp_path / "run") == {"0.mp4": files["0.mp4"]}
        assert all(len(server.asked("/" + name)) == 1 for name in files) or size > 16 * MIB
        assert run(page, tmp_path).end().code == 0
    assert finals(tmp_path / "run") == files and leftovers(tmp_path / "run") == []


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    with small_disk(tmp_path / "disk") as disk:
        yield disk


@pytest.mark.parametrize(
    ("count", "size", "room", "least"),
    [(4, 6 * MIB, 16 * MIB, 2), (30, 500_000, 8 * MIB, 10), (2, 20 * MIB, 30 * MIB, 1)],
    ids=["larger files", "small files", "two of which one fits"],
)
def test_a_full_disk_takes_what_fits(
    count: int, size: int, room: int, least: int, disk: Disk, tmp_path: Path
) -> None:
    disk.mount(f"size={room}")
    with Loopback(rate=60e6) as server:
        page, files = album(server, count, size)
        with Watch(disk.path / "run", files) as watch:
            ended = Command(page, "run", "-o", disk.path, "-w", 4, home=tmp_path).end()
            assert ended.code == 1
            assert "space" in ended.err, ended.err
            complete = finals(disk.path / "run")
            assert len(complete) >= least
            subprocess.run(
                ["mount", "-o", f"remount,size={3 * count * size}", str(disk.path)], check=True
            )
            ended = Command(page, "run", "-o", disk.path, home=tmp_path).end()
        assert ended.code == 0, ended.err
        assert watch.wrong == []
        assert all(len(server.asked("/" + name)) == 1 for name in complete)
        assert finals(disk.path / "run") == files and leftovers(disk.path / "run") == []


def test_a_full_disk_is_one_sentence_and_ends_the_run(disk: Disk, tmp_path: Path) -> None:
    disk.mount("size=3m")
    with Loopback() as server:
        page, files = album(server, 40, 400_000)
        ended = Command(page, "run", "-o", disk.path, "-w", 3, home=tmp_path).end()
        assert ended.code == 1
        assert ended.err.count("reelin: error:") == 1, ended.err
        assert "the disk is full" in ended.err and "the same command goes on" in ended.err
        assert not all(server.asked("/" + name) for name in files), "it went on trying"
        assert not list((disk.path / "run").rglob("*.tmp"))
        disk.mount("remount,size=40m")
        assert Command(page, "run", "-o", disk.path, home=tmp_path).end().code == 0
        assert finals(disk.path / "run") == files


def test_a_file_that_will_not_fit_is_not_begun(disk: Disk, tmp_path: Path) -> None:
    disk.mount("size=4m")
    with Loopback() as server:
        page, files = album(server, 3, 9 * MIB)
        ended = Command(page, "run", "-o", disk.path, "-w", 1, home=tmp_path).end()
        assert ended.code == 1 and ended.err.count("reelin: error:") == 1
        assert "0.mp4 needs 9" in ended.err and "the disk is full" in ended.err
        assert server.sent < 2 * MIB
        assert leftovers(disk.path / "run") == []
        disk.mount("remount,size=40m")
        assert Command(page, "run", "-o", disk.path, home=tmp_path).end().code == 0
        assert finals(disk.path / "run") == files


@pytest.mark.parametrize("there", [True, False], ids=["the folder is there", "it is not"])
def test_a_read_only_folder_is_told_before_any_media(
    there: bool, disk: Disk, tmp_path: Path
) -> None:
    disk.mount("size=4m")
    if there:
        (disk.path / "run").mkdir()
    subprocess.run(["mount", "-o", "remount,ro", str(disk.path)], check=True)
    with Loopback() as server:
        page, files = album(server, 2, 5000)
        ended = Command(page, "run", "-o", disk.path, home=tmp_path).end()
        assert ended.code == 1
        assert str(disk.path) in ended.err and ended.err.count("\n") == 1
        assert all(server.asked("/" + name) == [] for name in files)


@pytest.mark.parametrize(
    "what", ["run", "run/.reelin", "run/.reelin/lock", "run/.reelin/manifest.jsonl"]
)
def test_something_else_in_the_way_is_told_before_any_media(what: str, tmp_path: Path) -> None:
    path = tmp_path / what
    path.parent.mkdir(parents=True, exist_ok=True)
    if what.endswith(("lock", "jsonl")):
        path.mkdir()
    else:
        path.write_text("a file")
    with Loopback() as server:
        page, files = album(server, 2, 5000)
        ended = run(page, tmp_path).end()
        assert ended.code == 1
        assert "run" in ended.err and ended.err.count("\n") == 1, ended.err
        assert all(server.asked("/" + name) == [] for name in files)


# Memory


MEASURE = """
import resource, sys, reelin
network = reelin.Network(connections=int(sys.argv[4]))
peaks = []
for url in sys.argv[1:3]:
    assert reelin.download(url, sys.argv[3], network=network).ok
    peaks.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
print(peaks[1] - peaks[0])
"""


@pytest.mark.parametrize("connections", [1, 4])
def test_memory_does_not_grow_with_the_body(connections: int, tmp_path: Path) -> None:
    piece = bytes(MIB)
    with Loopback() as server:
        small = server.on("/small.mp4", File(piece * 8, etag='"small"'))
        large = server.on("/large.mp4", File(piece * 300, etag='"large"'))
        script = [
            sys.executable,
            "-c",
            MEASURE,
            small,
            large,
            str(tmp_path / "run"),
            str(connections),
        ]
        done = subprocess.run(script, capture_output=True, text=True, timeout=60)
    (tmp_path / "run" / "large.mp4").unlink()
    assert int(done.stdout) < 60_000, done.stdout + done.stderr  # KiB
