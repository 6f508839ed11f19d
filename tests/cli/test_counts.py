"""What a run counts: running numbers in names, what was skipped, URLs behind which is nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.loopback import Loopback, page, reply
from support.shell import shell

PNG = b"\x89PNG\r\n\x1a\n" + bytes(5000)


@pytest.fixture
def server() -> Iterator[Loopback]:
    with Loopback() as running:
        for name in "abcd":
            running.on(f"/{name}.png", reply(200, PNG, "image/png"))
        running.page("/a.png", "/b.png", "/c.png", "/d.png", path="/all.html")
        running.on("/empty.html", page("<p>nothing"))
        yield running


def test_names_are_numbered_in_the_order_of_the_page(server: Loopback, tmp_path: Path) -> None:
    command = "$REELIN {} n -q --filename '{{position:02}} {{name}}.{{ext}}'"
    done = shell(command.format(server.url("/all.html")), tmp_path)
    assert done.returncode == 0
    folder = tmp_path / "downloads" / "n"
    names = sorted(each.name for each in folder.glob("*.png"))
    assert names == ["01 a.png", "02 b.png", "03 c.png", "04 d.png"]
    (folder / "03 c.png").unlink()
    assert shell(command.format(server.url("/all.html")), tmp_path).returncode == 0
    assert sorted(each.name for each in folder.glob("*.png")) == names


def test_what_is_skipped_is_counted(server: Loopback, tmp_path: Path) -> None:
    """Noise as well; but a person is told what he might miss."""
    pixel = '<img src="/track.gif?id=1" width="1" height="1">'
    server.on("/p.html", page(f'{pixel}<a href="/a.png">a</a><a href="/b.png">b</a>'))
    words = f"{server.url('/p.html')} n --json"
    for _ in range(2):
        done = shell(f"$REELIN {words}", tmp_path)
        events = [json.loads(line) for line in done.stdout.splitlines()]
        skipped = [each for each in events if each["event"] == "skipped"]
        assert skipped and events[-1]["skipped"] == len(skipped)
    assert {each["rule"] for each in skipped} == {"noise", "present"}
    done = shell(f"$REELIN {server.url('/p.html')} n", tmp_path)
    assert b", 2 skipped in" in done.stderr


@pytest.mark.parametrize(
    ("pages", "status"),
    [
        (["all"], 0),
        (["empty"], 3),
        (["all", "empty"], 3),
        (["empty", "all"], 3),
        (["all", "empty", "gone"], 1),
    ],
)
def test_a_url_with_nothing_behind_it_counts(
    pages: list[str], status: int, server: Loopback, tmp_path: Path
) -> None:
    urls = "".join(server.url(f"/{each}.html") + "\n" for each in pages)
    done = shell("$REELIN -i - -R 0", tmp_path, stdin=urls.encode())
    assert done.returncode == status
    assert done.stderr.decode().count("nothing found") == pages.count("empty")


def test_each_file_is_told_once(server: Loopback, tmp_path: Path) -> None:
    for words in ("", "-v", "-vv"):
        done = shell(f"$REELIN {server.url('/all.html')} {words} -o x{words}", tmp_path)
        said = done.stderr.decode().splitlines()
        assert (
            len([line for line in said if line.startswith(("a.png  ", "reelin: saved a.png "))])
            == 1
        )
