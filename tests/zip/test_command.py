"""`--zip FILE` and `--zip -`, as a shell uses them."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from support.command import Command
from support.files import MIB, File, noise
from support.loopback import Loopback, reply
from support.shell import shell
from support.zips import entries, is_whole

from reelin.cli.exit_status import run

BIG = 10 * MIB


@pytest.fixture
def page(server: Loopback) -> str:
    for name in ("a", "b"):
        server.on(f"/{name}.mp4", File(noise(9000)))
    return server.page("/a.mp4", "/b.mp4")


def test_a_file(page: str, tmp_path: Path) -> None:
    ended = Command(page, "--zip", "new/a.zip", "--no-config", home=tmp_path).end()
    assert (ended.code, ended.out) == (0, ""), ended.err
    assert ended.err.splitlines()[-1].endswith("-> new/a.zip")
    assert list(entries(tmp_path / "new" / "a.zip")) == ["a.mp4", "b.mp4"]
    assert not (tmp_path / "downloads").exists()


def test_stdout_has_the_archive_and_nothing_else(page: str, tmp_path: Path) -> None:
    done = shell(f"$REELIN {page} --zip - -vv --no-config", tmp_path)
    assert done.returncode == 0
    assert list(entries(done.stdout)) == ["a.mp4", "b.mp4"]
    assert b"2 saved" in done.stderr and b"-> stdout" in done.stderr


def test_a_failure_is_listed_and_told(server: Loopback, page: str, tmp_path: Path) -> None:
    page = server.page("/a.mp4", "/gone.mp4", "/b.mp4")
    done = shell(f"$REELIN {page} --zip - --no-config -R 0", tmp_path)
    assert done.returncode == 1 and b"gone.mp4" in done.stderr
    assert list(entries(done.stdout)) == ["a.mp4", "b.mp4", "_failed.txt"]


def test_a_broken_archive_is_visible(server: Loopback, tmp_path: Path) -> None:
    page = server.page("/a.mp4")
    for target in ("-", "a.zip"):
        server.on("/a.mp4", File(noise(BIG)).broken_off(9 * MIB), reply(404))
        done = shell(f"$REELIN {page} --zip {target} --no-config -R 0", tmp_path)
        assert done.returncode == 1 and b"broken off" in done.stderr
        assert not is_whole(done.stdout)
        assert list(tmp_path.glob("*.zip*")) == []
    server.on("/a.mp4", File(noise(BIG)).broken_off(9 * MIB), reply(404))
    done = shell(f"$REELIN {page} --zip a.zip --zip-spool --no-config -R 0", tmp_path)
    assert done.returncode == 1
    assert list(entries(tmp_path / "a.zip")) == ["_failed.txt"]


def test_nothing_found_is_no_archive(server: Loopback, tmp_path: Path) -> None:
    done = shell(f"$REELIN {server.page()} --zip - --no-config", tmp_path)
    assert (done.returncode, done.stdout) == (3, b"")


def test_many_urls_are_one_archive(server: Loopback, page: str, tmp_path: Path) -> None:
    (tmp_path / "list").write_text(f"{server.url('/b.mp4')}\n{page}\n")
    done = shell("$REELIN -i list --zip a.zip --no-config", tmp_path)
    assert done.returncode == 0, done.stderr
    assert list(entries(tmp_path / "a.zip")) == ["b.mp4", "a.mp4"]


@pytest.mark.parametrize(
    "arguments",
    ["NAME --zip a.zip", "--zip-spool", "--zip - --json"],
)
def test_what_cannot_be_meant(
    arguments: str, page: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([page, *arguments.split(), "--no-config"]) == 2
    assert "error:" in capsys.readouterr().err


@pytest.mark.skipif(sys.platform == "win32", reason="pty")
def test_a_terminal_is_refused(page: str, tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    done = subprocess.run(
        [sys.executable, "-m", "reelin", page, "--zip", "-", "--no-config"],
        stdout=theirs,
        stderr=subprocess.PIPE,
        cwd=tmp_path,
    )
    os.close(theirs)
    os.close(ours)
    assert done.returncode == 2 and b"terminal" in done.stderr


def test_a_reader_that_goes_away(server: Loopback, tmp_path: Path) -> None:
    server.rate = 40e6
    links = [f"/{number}.mp4" for number in range(100)]
    for link in links:
        server.on(link, File(noise(BIG)))
    page = server.page(*links)
    done = shell(
        f"$REELIN {page} --zip - --no-config -q | head -c 100000 | wc -c; echo ${{PIPESTATUS[0]}}",
        tmp_path,
    )
    assert done.stdout.split() == [b"100000", b"1"]
    assert done.stderr == b""
    assert server.sent < 60 * MIB


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("reads", [False, True])
def test_a_signal_while_nobody_reads(
    server: Loopback, tmp_path: Path, number: signal.Signals, reads: bool
) -> None:
    """A pipe that is full keeps nobody from leaving."""
    for at in range(10):
        server.on(f"/{at}.mp4", File(noise(BIG)))
    page = server.page(*[f"/{at}.mp4" for at in range(10)])
    process = subprocess.Popen(
        [sys.executable, "-m", "reelin", page, "--zip", "-", "--no-config"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=tmp_path,
    )
    assert process.stdout is not None
    start = process.stdout.read(100_000) if reads else b""
    while server.sent < BIG:
        time.sleep(0.05)
    process.send_signal(number)
    rest, told = process.communicate(timeout=20)
    assert process.returncode == 128 + number
    assert b"stopped" in told and b"Traceback" not in told and b"continues" not in told
    assert not is_whole(start + rest)


def test_killed(server: Loopback, tmp_path: Path) -> None:
    """Only FILE.part is left, and the next run makes the whole."""
    file = File(noise(2 * BIG))
    server.on("/a.mp4", file.stalling(15 * MIB), file)
    command = Command(server.page("/a.mp4"), "--zip", "a.zip", "--no-config", home=tmp_path)
    part = tmp_path / "a.zip.part"
    while not part.exists() or part.stat().st_size < 9 * MIB:
        assert command.process.poll() is None
        time.sleep(0.05)
    command.kill()
    assert [each.name for each in tmp_path.iterdir()] == ["a.zip.part"]
    ended = Command(server.page("/a.mp4"), "--zip", "a.zip", "--no-config", home=tmp_path).end()
    assert ended.code == 0, ended.err
    assert [each.name for each in tmp_path.iterdir()] == ["a.zip"]
    assert entries(tmp_path / "a.zip") == {"a.mp4": file.body}


def test_two_runs_do_not_share_a_file(server: Loopback, tmp_path: Path) -> None:
    file = File(noise(2 * BIG))
    server.on("/a.mp4", file.stalling(15 * MIB), file)
    page = server.page("/a.mp4")
    command = Command(page, "--zip", "a.zip", "--no-config", home=tmp_path)
    while not (tmp_path / "a.zip.part").exists():
        time.sleep(0.05)
    ended = Command(page, "--zip", "a.zip", "--no-config", home=tmp_path).end()
    assert ended.code == 1 and "another run" in ended.err
    command.kill()
