"""What a person sees on a terminal: bars while it goes on, and lines that stay."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import pytest
from support.hostile import Drip, HostileServer, answer
from support.shell import environment

pty = pytest.importorskip("pty", reason="needs a Unix terminal")

HEAD = b"\0\0\0\x20ftypisom" + b"x" * 300_000
ERASE_LINE = "\x1b[2K"


@pytest.fixture
def page(hostile: HostileServer) -> str:
    slow = b"HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\nContent-Length: %d\r\n\r\n"
    size = len(HEAD) + 20 * 5000
    hostile.on("/slow.mp4", Drip(slow % size + HEAD, b"y" * 5000, 0.05, 20))
    hostile.on("/quick.mp3", answer(200, b"ID3" + b"1" * 3000, content_type="audio/mpeg"))
    body = b'<a href="/slow.mp4">S[red]l\x1b[31mow</a><a href="/quick.mp3">q</a><a href="/gone.mp3">g</a>'
    return hostile.on("/", answer(200, body, content_type="text/html"))


def on_terminal(*arguments: str, home: Path, **extra: str) -> tuple[int, str]:
    """Run the command line on a terminal of 100 columns; its status and all it wrote."""
    pid, terminal = pty.fork()
    if pid == 0:
        size = {"TERM": "xterm-256color", "COLUMNS": "100", "LINES": "30"}
        os.chdir(home)
        os.execve(
            sys.executable,
            [sys.executable, "-m", "reelin", *arguments],
            environment(home, size | extra),
        )
    written = b""
    try:
        while piece := os.read(terminal, 65536):
            written += piece
    except OSError:  # Linux says so when the other side has gone
        pass
    os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), written.decode()


def lasting(written: str) -> list[str]:
    """The lines that are left at the end, as a terminal of unbounded height would show them."""
    screen, row, column = [""], 0, 0
    for mark in re.findall(r"\x1b\[[0-9;?]*[A-Za-z]|\r|\n|[^\x1b\r\n]+", written):
        if mark == "\r":
            column = 0
        elif mark == "\n":
            row += 1
            screen.extend([""] * (row + 1 - len(screen)))
        elif mark == ERASE_LINE:
            screen[row] = ""
        elif mark.startswith("\x1b["):
            row -= int(mark[2:-1]) if mark.endswith("A") else 0
        else:
            line = screen[row].ljust(column)
            screen[row] = line[:column] + mark + line[column + len(mark) :]
            column += len(mark)
    return [line for line in screen if line.strip()]


def test_bars_come_and_go_and_lines_stay(page: str, tmp_path: Path) -> None:
    status, written = on_terminal(page, "x", home=tmp_path)
    assert status == 1
    assert "2 of 3 files" in written and "S[red]l�[31mow" in written
    assert re.search(r"[\d.]+ KiB/s", written), "speed is in the units of sizes"
    error, end = lasting(written)
    assert error.endswith("/gone.mp3: 404 Not Found") and error.startswith("reelin: error: ")
    assert end.startswith("2 saved (") and end.endswith("-> downloads/x")


def test_messages_do_not_run_into_the_bars(page: str, tmp_path: Path) -> None:
    _, written = on_terminal(page, "x", "-v", home=tmp_path)
    shown = "\n".join(lasting(written))
    assert re.search(r"^reelin: saved slow.mp4 \([\d.]+ KiB\)$", shown, re.MULTILINE), shown
    assert "━" not in shown


@pytest.mark.parametrize("options", [["-q"], ["--no-progress"], ["-s"], ["-g"], ["--json"]])
def test_no_bars_where_none_are_wanted(options: list[str], page: str, tmp_path: Path) -> None:
    _, written = on_terminal(page, "x", *options, home=tmp_path)
    assert "\x1b" not in written


@pytest.mark.parametrize("extra", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_colours_can_be_refused(extra: dict[str, str], page: str, tmp_path: Path) -> None:
    _, written = on_terminal(page, "x", home=tmp_path, **extra)
    assert "2 saved" in written
    assert not re.search(r"\x1b\[[0-9;]*m", written)
