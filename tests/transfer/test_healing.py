"""What was damaged or lost is made good: by a rerun, by `--overwrite`, by `verify --repair`.

Under its own name, never beside it, and afterwards `reelin verify` has nothing to say.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.command import Command
from support.files import File, noise
from support.loopback import Loopback
from support.outcomes import fetch, leftovers
from support.runs import finals

from reelin.disk.check import Check, verify
from reelin.disk.known import sha256_of
from reelin.disk.manifest import note_suspects

BODIES = {f"{name}.mp4": noise(3000 + place, seed=place) for place, name in enumerate("abc")}


class Album:
    """A page with files, whose links may change from run to run, and the folder they go into."""

    def __init__(self, server: Loopback, folder: Path, query: str = "", **facts: object) -> None:
        self.server, self.folder, self._query, self._number = server, folder, query, 0
        self._facts = facts

    def run(self, *, overwrite: bool = False) -> None:
        """Run over the page, whose links are new."""
        self._number += 1
        links = []
        for name, body in BODIES.items():
            link = f"/{name}{self._query.format(n=self._number)}"
            etag = f'"{name}"'
            self.server.on(link, File(body, **{"etag": etag} | self._facts))  # type: ignore[arg-type]
            links.append(link)
        page = self.server.page(*links)
        report, _ = asyncio.run(fetch(page, self.folder, overwrite=overwrite))
        assert report.ok and leftovers(self.folder) == []

    def verify(self) -> list[Check]:
        """Verify as the command does; what is wrong."""
        bad = [each for each in verify(self.folder) if not each.ok]
        note_suspects(self.folder, [each.name for each in bad if each.state == "damaged"])
        return bad


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-7])


def grow(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"more")


def flip(path: Path) -> None:
    """Other bytes, with nothing about the file to show it."""
    stat, body = path.stat(), bytearray(path.read_bytes())
    body[len(body) // 2] ^= 1
    path.write_bytes(body)
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))


def touch(path: Path) -> None:
    os.utime(path, (1_000_000_000, 1_000_000_000))


def swap(path: Path) -> None:
    """Let another file of the folder have its name."""
    other = path.with_name("b.mp4" if path.name == "a.mp4" else "a.mp4")
    if other.exists():
        path.write_bytes(other.read_bytes())


DAMAGES: dict[str, Callable[[Path], None]] = {
    each.__name__: each for each in (cut, grow, flip, touch, swap, Path.unlink)
}
LINKS = {
    "the same links": "",
    "signatures": "?X-Amz-Signature={n}",
    "tokens": "?token={n}",
}


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("links", LINKS)
def test_a_rerun_replaces_what_is_damaged(
    links: str, damage: str, server: Loopback, tmp_path: Path
) -> None:
    album = Album(server, tmp_path, LINKS[links])
    album.run()
    DAMAGES[damage](tmp_path / "b.mp4")
    assert [each.name for each in album.verify()] == ([] if damage == "touch" else ["b.mp4"])
    album.run()
    assert finals(tmp_path) == BODIES and album.verify() == []


STEPS = st.one_of(
    st.tuples(st.sampled_from(sorted(DAMAGES)), st.sampled_from(sorted(BODIES))),
    st.sampled_from([("run", ""), ("overwrite", ""), ("verify", "")]),
)
FACTS = st.sampled_from([{}, {"etag": None}])


@settings(max_examples=30)
@given(st.lists(STEPS, max_size=8), st.sampled_from(sorted(LINKS)), FACTS)
def test_nothing_leaves_a_folder_damaged(
    steps: list[tuple[str, str]], links: str, facts: dict[str, object]
) -> None:
    with TemporaryDirectory() as folder, Loopback() as server:
        album = Album(server, Path(folder), LINKS[links], **facts)
        album.run()
        for what, name in steps:
            if what == "verify":
                album.verify()
            elif what in ("run", "overwrite"):
                album.run(overwrite=what == "overwrite")
            elif (album.folder / name).exists():
                DAMAGES[what](album.folder / name)
        album.verify()
        album.run()
        assert finals(album.folder) == BODIES and album.verify() == []


def test_a_file_that_came_beside_a_damaged_one_succeeds_it(
    server: Loopback, tmp_path: Path
) -> None:
    """As earlier versions left it."""
    album = Album(server, tmp_path)
    album.run()
    path = tmp_path / ".reelin" / "manifest.jsonl"
    lines = [json.loads(each) for each in path.read_text().splitlines()]
    (line,) = [each for each in lines if each["name"] == "b.mp4"]
    (tmp_path / "b.mp4").rename(tmp_path / "b (2).mp4")
    (tmp_path / "b.mp4").write_bytes(b"damaged")
    with path.open("a") as file:
        file.write(json.dumps(line | {"name": "b (2).mp4"}) + "\n")
    assert album.verify() == []
    album.run()
    assert len(finals(tmp_path)) == 4


def test_what_was_found_whole_is_not_hashed_again(
    server: Loopback, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A repair looks at a folder before and after; the files between are as they were."""
    album = Album(server, tmp_path)
    album.run()
    cut(tmp_path / "b.mp4")
    before = list(verify(tmp_path))
    note_suspects(tmp_path, ["b.mp4"])
    album.run()
    hashed: list[str] = []

    def hash_file(path: Path) -> str:
        hashed.append(path.name)
        return sha256_of(path)

    monkeypatch.setattr("reelin.disk.check.sha256_of", hash_file)
    assert all(each.ok for each in verify(tmp_path, before)) and hashed == ["b.mp4"]


# The command


@contextmanager
def two_folders(server: Loopback, folder: Path) -> Iterator[tuple[Album, Album]]:
    albums = Album(server, folder / "one"), Album(server, folder / "deep" / "two")
    for each in albums:
        each.run()
    yield albums


def test_verify_goes_through_the_folders_below(server: Loopback, tmp_path: Path) -> None:
    with two_folders(server, tmp_path / "all"):
        ended = Command("verify", "all", home=tmp_path).end()
        assert (ended.code, ended.out) == (0, "") and "6 of 6" in ended.err
        cut(tmp_path / "all" / "one" / "a.mp4")
        (tmp_path / "all" / "deep" / "two" / "c.mp4").unlink()
        (tmp_path / "all" / "deep" / "two" / "notes.txt").write_text("mine")
        ended = Command("verify", "all", home=tmp_path).end()
        assert ended.code == 1 and "--repair" in ended.err
        said = dict(each.split(": ", 1) for each in ended.out.splitlines())
        assert "2993 bytes instead of 3000" in said["one/a.mp4"]
        assert said["deep/two/c.mp4"] == "missing"
        assert said["deep/two/notes.txt"] == "not downloaded by reelin"
        ended = Command("verify", "all", "--json", "-q", home=tmp_path).end()
        states = {each["file"]: each["state"] for each in map(json.loads, ended.out.splitlines())}
        assert states.pop("one/a.mp4") == "damaged" and states.pop("deep/two/c.mp4") == "missing"
        assert states.pop("deep/two/notes.txt") == "foreign" and set(states.values()) == {"ok"}


def test_what_is_not_ours_is_told_and_nothing_is_wrong(server: Loopback, tmp_path: Path) -> None:
    Album(server, tmp_path / "run").run()
    (tmp_path / "run" / "notes.txt").write_text("mine")
    ended = Command("verify", "run", home=tmp_path).end()
    assert ended.code == 0 and "notes.txt" in ended.out


@pytest.mark.parametrize("damage", [cut, flip, Path.unlink])
def test_repair_fetches_what_is_damaged_and_nothing_else(
    damage: Callable[[Path], None], server: Loopback, tmp_path: Path
) -> None:
    with two_folders(server, tmp_path / "all") as (one, two):
        damage(one.folder / "a.mp4")
        damage(two.folder / "c.mp4")
        before = len(server.requests)
        ended = Command("verify", "all", "--repair", home=tmp_path).end()
        assert ended.code == 0 and "one/a.mp4: repaired" in ended.out, ended
        assert finals(one.folder) == finals(two.folder) == BODIES
        assert sorted(each.path for each in server.requests[before:]) == ["/a.mp4", "/c.mp4"]


def test_repair_finds_the_present_address_on_the_page(server: Loopback, tmp_path: Path) -> None:
    album = Album(server, tmp_path / "run", "?X-Amz-Signature={n}")
    album.run()
    for name in BODIES:  # the signature has expired
        server.on(f"/{name}?X-Amz-Signature=1", lambda request, wire: wire.head(403))
        server.on(f"/{name}?X-Amz-Signature=9", File(BODIES[name]))
    server.page(*(f"/{name}?X-Amz-Signature=9" for name in BODIES))
    cut(album.folder / "b.mp4")
    ended = Command("verify", "run", "--repair", home=tmp_path).end()
    assert ended.code == 0 and finals(album.folder) == BODIES
    assert not server.asked("/a.mp4?X-Amz-Signature=9")


def test_what_cannot_be_repaired_is_told_and_left_as_it_is(
    server: Loopback, tmp_path: Path
) -> None:
    album = Album(server, tmp_path / "run")
    album.run()
    cut(album.folder / "b.mp4")
    server.on("/b.mp4", lambda request, wire: wire.head(404, {"Content-Length": 0}))
    ended = Command("verify", "run", "--repair", home=tmp_path).end()
    assert ended.code == 1 and "b.mp4: 2994 bytes" in ended.out
    assert ended.err.count("404") == 1
    assert len(finals(album.folder)) == 3
