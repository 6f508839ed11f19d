"""The real command, killed, signalled, doubled, and short of disk, files and permissions."""

from __future__ import annotations

import os
import random
import resource
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from support.outcomes import leftovers, names_in
from support.paced import PacedServer, album

posix = pytest.mark.skipif(sys.platform == "win32", reason="signals and limits of POSIX")


def start(url: str, folder: Path, *options: str, **popen: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "reelin", url, folder.name, "-o", str(folder.parent), *options]
    return subprocess.Popen(  # type: ignore[call-overload, no-any-return]
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **popen
    )


def run(url: str, folder: Path, *options: str, **popen: object) -> tuple[int, str]:
    process = start(url, folder, *options, **popen)
    _, errors = process.communicate(timeout=90)
    return process.returncode, errors


def wait_for(server: PacedServer, sent: int) -> None:
    until = time.monotonic() + 30
    while server.sent < sent and time.monotonic() < until:
        time.sleep(0.01)
    assert server.sent >= sent


class Watch(threading.Thread):
    """Looks at a folder all the time: whatever has a final name must be complete and right."""

    def __init__(self, folder: Path, files: dict[str, bytes]) -> None:
        super().__init__(daemon=True)
        self.wrong: list[str] = []
        self._folder, self._files, self._on = folder, files, True

    def run(self) -> None:
        while self._on:
            for path in self._folder.glob("*.mp4"):
                body = self._files["/" + path.name]
                if path.stat().st_size != len(body) or path.read_bytes() != body:
                    self.wrong.append(path.name)
            time.sleep(0.05)

    def stop(self) -> list[str]:
        self._on = False
        self.join()
        return self.wrong


@posix
@pytest.mark.parametrize("options", [(), ("--connections", "3")])
def test_killed_again_and_again_it_ends_byte_exact(
    options: tuple[str, ...], tmp_path: Path
) -> None:
    kills, folder = 6, tmp_path / "run"
    files = album(8, 25_000_000)
    random.seed(11)
    with PacedServer(files, rate=25e6) as server:
        watch = Watch(folder, files)
        watch.start()
        for kill in range(kills):
            process = start(server.origin + "/", folder, *options)
            wait_for(server, int((kill + 1) * 200e6 / (kills + 2) + random.uniform(0, 5e6)))
            process.kill()
            process.communicate()
        status, errors = run(server.origin + "/", folder, *options)
        assert (status, watch.stop()) == (0, []), errors
        assert names_in(folder) == sorted(path[1:] for path in files if path != "/")
        for path in folder.glob("*.mp4"):
            assert path.read_bytes() == files["/" + path.name]
        assert leftovers(folder) == []
        # What a dead process leaves in sockets counts as sent: up to some 2 MB a connection.
        connections = 5 * int(options[1] if options else 1)
        assert server.sent <= 1.05 * 200e6 + kills * connections * 1_500_000
    assert subprocess.run([sys.executable, "-m", "reelin", "verify", str(folder)]).returncode == 0


@posix
@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_it_in_good_order(
    number: signal.Signals, status: int, tmp_path: Path
) -> None:
    files, folder = album(3, 30_000_000), tmp_path / "run"
    with PacedServer(files, rate=10e6) as server:
        process = start(server.origin + "/", folder)
        wait_for(server, 10_000_000)
        process.send_signal(number)
        _, errors = process.communicate(timeout=20)
        assert process.returncode == status
        assert "Traceback" not in errors and "continues" in errors
        assert len(leftovers(folder)) == 6
        sent, server.rate = server.sent, 1e9
        assert run(server.origin + "/", folder)[0] == 0
        assert len(server.ranges) >= 3
        assert server.sent - sent < 90_000_000 - 5_000_000
    for name in names_in(folder):
        assert (folder / name).read_bytes() == files["/" + name]


@posix
def test_a_second_process_waits_and_finds_the_work_done(tmp_path: Path) -> None:
    files, folder = album(3, 8_000_000), tmp_path / "run"
    with PacedServer(files, rate=2e6) as server:
        first = start(server.origin + "/", folder)
        wait_for(server, 1_000_000)
        second = start(server.origin + "/", folder)
        outputs = [process.communicate(timeout=60)[1] for process in (first, second)]
        assert [first.returncode, second.returncode] == [0, 0], outputs
        assert "waiting" in outputs[1]
        assert sorted(server.requests) == sorted(["/", "/", "/v0.mp4", "/v1.mp4", "/v2.mp4"])


@posix
def test_a_full_disk_is_said_and_a_rerun_completes(tmp_path: Path) -> None:
    files, folder = album(3, 4_000_000), tmp_path / "run"

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (2_500_000, 2_500_000))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

    with PacedServer(files, rate=1e9) as server:
        status, errors = run(server.origin + "/", folder, preexec_fn=limit)
        assert status == 1
        assert "too large" in errors and "Traceback" not in errors
        assert names_in(folder) == [name for name in names_in(folder) if name.endswith(".part")]
        assert run(server.origin + "/", folder)[0] == 0
    assert len(names_in(folder)) == 3


@posix
def test_few_file_descriptors_are_enough(tmp_path: Path) -> None:
    files, folder = album(60, 20_000), tmp_path / "run"
    with PacedServer(files, rate=1e6) as server:
        status, errors = run(
            server.origin + "/",
            folder,
            "-w",
            "20",
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64)),
        )
    assert status == 0, errors
    assert len(names_in(folder)) == 60


def test_a_file_in_place_of_the_folder_is_told_before_any_media(tmp_path: Path) -> None:
    files = album(2, 1000)
    (tmp_path / "run").write_text("a file")
    with PacedServer(files) as server:
        status, errors = run(server.origin + "/", tmp_path / "run")
        assert status == 1
        assert "run" in errors and "Traceback" not in errors
        assert server.requests == ["/"]


@posix
@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_without_permission_is_told(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with PacedServer(album(1, 1000)) as server:
        status, errors = run(server.origin + "/", tmp_path / "run")
    tmp_path.chmod(0o700)
    assert (status, "ermission" in errors) == (1, True)


@posix
def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    script = (
        "import resource, sys, reelin\n"
        "small, large = sys.argv[1:3]\n"
        "peaks = []\n"
        "for url in (small, large):\n"
        "    assert reelin.download(url, sys.argv[3]).ok\n"
        "    peaks.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)\n"
        "print(peaks[1] - peaks[0])\n"
    )
    files = {"/small.mp4": b"\0" * 3_000_000, "/large.mp4": b"\0" * 300_000_000}
    with PacedServer(files, rate=1e9) as server:
        urls = [server.origin + path for path in files]
        done = subprocess.run(
            [sys.executable, "-c", script, *urls, str(tmp_path)], capture_output=True, text=True
        )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < 60_000  # KiB
