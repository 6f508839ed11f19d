"""`python cli.py`: the menu, driven through its standard streams."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.files import MIB, File, noise
from support.loopback import Loopback, reply

CLI = Path(__file__).parent.parent / "cli.py"
MENU = [
    "1. Start Download",
    "2. Show Progress Download",
    "3. List All Download Tasks",
    "5. Stop Download by ID",
    "7. Stop All Downloads",
    "9. Exit",
]


@pytest.fixture
def server() -> Iterator[Loopback]:
    with Loopback() as loopback:
        yield loopback


class Session:
    """The menu under way, and someone who types."""

    def __init__(self, folder: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-u", str(CLI)],
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def type(self, *lines: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write("".join(f"{line}\n" for line in lines))
        self.process.stdin.flush()

    def until(self, words: str, *, ask: str = "") -> str:
        """What it says until the words are in a line; `ask`: what is typed for every line."""
        assert self.process.stdout is not None
        said = ""
        while words not in said:
            line = self.process.stdout.readline()
            assert line, said
            said += line
            if ask and MENU[-1] in line:
                self.type(ask)
        return said

    def end(self, *lines: str) -> tuple[int, str]:
        out, err = self.process.communicate("".join(f"{line}\n" for line in lines), timeout=60)
        assert err == ""
        return self.process.returncode, out


def test_a_download_from_start_to_end(server: Loopback, tmp_path: Path) -> None:
    url = server.on("/a.bin", reply(200, b"good"))
    menu = Session(tmp_path)
    menu.type("1", url, "sub/b.bin")
    assert [line for line in menu.until("9. Exit").splitlines() if line] == MENU
    assert "task_1 is added" in menu.until("task_1 is added")
    menu.until("task_1  completed  100.0 %  4 of 4 bytes", ask="2")
    menu.type("3")
    menu.until(f"{url} -> {tmp_path / 'sub' / 'b.bin'}")
    code, _ = menu.end("9")
    assert code == 0 and (tmp_path / "sub" / "b.bin").read_bytes() == b"good"


def test_stopping_leaving_and_going_on(server: Loopback, tmp_path: Path) -> None:
    file = File(noise(2 * MIB))
    url = server.on("/a.bin", file.stalling(MIB), file.stalling(MIB // 2), file)
    menu = Session(tmp_path)
    menu.type("1", url, "")
    menu.until(f"task_1  downloading  50.0 %  {MIB} of", ask="2")
    menu.type("5", "task_7", "5", "task_1", "7")
    said = menu.until("None is downloading.")
    assert "'task_7' is not downloading." in said and "task_1 is stopped." in said
    menu.type("1", "")
    menu.until("task_1  downloading  75.0 %", ask="2")
    code, said = menu.end("9")
    assert code == 0 and "What is not complete is kept" in said
    menu = Session(tmp_path)
    menu.type("1", "")
    menu.until("task_1  completed", ask="2")
    assert menu.end("9")[0] == 0
    assert (tmp_path / "a.bin").read_bytes() == file.body
    assert [each.first for each in server.asked("/a.bin")] == [None, MIB, MIB + MIB // 2]


def test_bad_input_is_answered_and_its_end_is_the_end(tmp_path: Path) -> None:
    menu = Session(tmp_path)
    code, said = menu.end(
        "4", "", "nonsense", "1", "ftp://a", "", "1", "http://a.example", ".", "7", "2", "3"
    )
    assert code == 0
    assert said.count("There is no such choice.") == 3
    assert "'ftp://a' is not a URL" in said and "is a folder" in said
    assert "None is downloading." in said
    assert said.count("There are no tasks.") == 2


def test_what_is_no_text_is_answered(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(CLI)],
        cwd=tmp_path,
        input=b"1\nhttp://\xe9.example/\n\n9\n",
        env=os.environ | {"PYTHONIOENCODING": "utf-8:strict"},
        capture_output=True,
    )
    assert done.returncode == 0 and done.stderr == b""
    assert b"can't decode" in done.stdout


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_ctrl_c_keeps_what_is_here(server: Loopback, tmp_path: Path) -> None:
    menu = Session(tmp_path)
    menu.type("1", server.on("/a.bin", File(noise(2 * MIB)).stalling(MIB)), "")
    menu.until("task_1  downloading  50.0 %", ask="2")
    menu.process.send_signal(signal.SIGINT)
    code, said = menu.end()
    assert code == 130 and "What is not complete is kept" in said
    (task,) = json.loads((tmp_path / "my_downloads.json").read_bytes())["tasks"]
    assert (task["status"], task["downloaded_bytes"]) == ("paused", MIB)


def test_a_corrupt_state_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "my_downloads.json").write_text("{")
    done = subprocess.run([sys.executable, str(CLI)], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 1 and done.stdout == ""
    assert "my_downloads.json.corrupt-1" in done.stderr and "Traceback" not in done.stderr
