"""`-o -`: one item as bytes on stdout, and nothing else there."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from support.files import File, noise
from support.loopback import Loopback, Request, Wire, reply
from support.shell import shell

ONE, TWO = noise(3_000_000), noise(40_000, seed=2)


def command(*words: object) -> list[str]:
    return [sys.executable, "-m", "reelin", *map(str, words), "--no-config"]


def run(*words: object, home: Path) -> subprocess.CompletedProcess[bytes]:
    environment = {**os.environ, "HOME": str(home)}
    return subprocess.run(
        command(*words),
        capture_output=True,
        stdin=subprocess.DEVNULL,
        env=environment,
        cwd=home,
        timeout=60,
    )


def test_one_item(server: Loopback, tmp_path: Path) -> None:
    server.on("/1.mp4", File(ONE))
    done = run(server.page("/1.mp4"), "-o", "-", home=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout == ONE
    assert b"1 saved" in done.stderr and b"-> stdout" in done.stderr
    assert os.listdir(tmp_path) == []


def test_a_break_is_healed(server: Loopback, tmp_path: Path) -> None:
    def half(request: Request, wire: Wire) -> None:
        wire.head(200, File(ONE).headers() | {"Content-Length": len(ONE)})
        wire.send(ONE[:1_500_000])
        wire.close()

    server.on("/1.mp4", half, File(ONE))
    done = run(server.page("/1.mp4"), "-o", "-", home=tmp_path)
    assert done.returncode == 0 and done.stdout == ONE


def test_what_changed_meanwhile_is_an_error(server: Loopback, tmp_path: Path) -> None:
    def half(request: Request, wire: Wire) -> None:
        wire.head(200, File(ONE).headers() | {"Content-Length": len(ONE)})
        wire.send(ONE[:1_500_000])
        wire.close()

    server.on("/1.mp4", half, File(ONE[::-1], etag='"version-2"'))
    done = run(server.page("/1.mp4"), "-o", "-", home=tmp_path)
    assert done.returncode == 1 and b"changed since its beginning was fetched" in done.stderr
    assert ONE.startswith(done.stdout)


def test_a_second_item_is_an_error(server: Loopback, tmp_path: Path) -> None:
    server.on("/1.mp4", File(ONE))
    server.on("/2.mp4", File(TWO))
    done = run(server.page("/1.mp4", "/2.mp4"), "-o", "-", home=tmp_path)
    assert done.returncode == 1
    assert done.stdout == ONE
    assert b"stdout takes one item, it has " in done.stderr
    filtered = run(server.page("/1.mp4", "/2.mp4"), "-o", "-", "--max-size", "1M", home=tmp_path)
    assert (filtered.returncode, filtered.stdout) == (0, TWO)


def test_it_is_the_first_of_the_page_though_another_is_sooner_there(
    server: Loopback, tmp_path: Path
) -> None:
    def late(request: Request, wire: Wire) -> None:
        wire.pause(0.5)
        File(ONE)(request, wire)

    server.on("/gone.mp4", reply(404))
    server.on("/1.mp4", late)
    server.on("/2.mp4", File(TWO))
    done = run(server.page("/gone.mp4", "/1.mp4", "/2.mp4"), "-o", "-", home=tmp_path)
    assert (done.returncode, done.stdout) == (1, ONE)


def test_many_urls_have_one_stdout(server: Loopback, tmp_path: Path) -> None:
    """Nothing of the second is written to stderr, which others print to meanwhile."""
    (tmp_path / "list").write_text(
        f"{server.on('/1.mp4', File(ONE))}\n{server.on('/2.mp4', File(TWO))}\n"
    )
    done = run("-i", "list", "-o", "-", home=tmp_path)
    assert (done.returncode, done.stdout) == (1, ONE)
    assert b"stdout takes one item" in done.stderr and TWO[:100] not in done.stderr


@pytest.mark.parametrize("option", ["-o", "--zip"])
def test_a_stdout_that_is_closed(server: Loopback, tmp_path: Path, option: str) -> None:
    page = server.page(server.on("/1.mp4", File(ONE)))
    done = shell(f"$REELIN {page} {option} - --no-config >&-", tmp_path)
    assert done.returncode == 2 and b"stdout is closed" in done.stderr
    assert shell(f"$REELIN {page} {option} - --no-config >/dev/null", tmp_path).returncode == 0


def test_nothing_is_found(server: Loopback, tmp_path: Path) -> None:
    done = run(server.page(), "-o", "-", home=tmp_path)
    assert (done.returncode, done.stdout) == (3, b"")


def test_a_reader_that_goes_away(server: Loopback, tmp_path: Path) -> None:
    server.on("/1.mp4", File(ONE))
    words = command(server.page("/1.mp4"), "-o", "-")
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None and process.stderr is not None
        assert process.stdout.read(10) == ONE[:10]
        process.stdout.close()
        said = process.stderr.read()
        assert process.wait(20) != 0
    assert b"Traceback" not in said, said


@pytest.mark.parametrize("option", [["-o", "-"], ["--zip", "-"]])
def test_it_does_not_go_with_json(server: Loopback, tmp_path: Path, option: list[str]) -> None:
    done = run(server.page("/1.mp4"), *option, "--json", home=tmp_path)
    assert done.returncode == 2 and b"would both write to stdout" in done.stderr
    assert run(server.page("/1.mp4"), *option, "--json", "--dry-run", home=tmp_path).stdout


def test_a_terminal_is_refused(server: Loopback, tmp_path: Path) -> None:
    import pty

    ours, theirs = pty.openpty()
    words = command(server.page("/1.mp4"), "-o", "-")
    done = subprocess.run(words, stdout=theirs, stderr=subprocess.PIPE, timeout=60)
    os.close(theirs)
    os.close(ours)
    assert done.returncode == 2 and b"a terminal cannot show that" in done.stderr
