"""The folders of pages: those whose names are alike share none, and each finds its own again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.loopback import Loopback, page, reply
from support.shell import shell

from reelin.disk.page_folder import find_folder, note_page

ANNA, BOB = "https://a.example/anna/photos", "https://a.example/bob/photos"
NAME = "a.example-photos"


@pytest.fixture
def server() -> Iterator[Loopback]:
    with Loopback() as running:
        for who in ("anna", "bob"):
            running.on(f"/{who}/photos", page('<a href="1.png">1</a>'))
            running.on(f"/{who}/1.png", reply(200, who.encode() * 2000, "image/png"))
        yield running


def make(parent: Path, name: str, url: str | None, pages: tuple[str, ...] = ()) -> None:
    state = parent / name / ".reelin"
    state.mkdir(parents=True)
    if url is not None:
        note_page(parent / name, url)
    line = {"url": "http://x/1", "name": "1", "size": 1, "sha256": "0", "mtime": 1}
    (state / "manifest.jsonl").write_text(
        "".join(json.dumps(line | {"page_url": each}) + "\n" for each in pages)
    )


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        (BOB, f"{NAME} (2)"),
        (ANNA, NAME),
        (f"{ANNA}/", NAME),
        (ANNA.replace("https", "http"), NAME),
        (f"{ANNA}#top", NAME),
        (ANNA.replace("a.example", "A.EXAMPLE"), NAME),
        (f"{ANNA}?page=2", f"{NAME} (2)"),
        (f"{ANNA}?X-Amz-Signature=00&X-Amz-Date=1&X-Amz-Credential=c", NAME),
    ],
)
def test_a_folder_is_of_one_page(asked: str, name: str, tmp_path: Path) -> None:
    make(tmp_path, NAME, ANNA)
    assert find_folder(tmp_path, NAME, asked) == name


def test_each_page_finds_its_folder_again(tmp_path: Path) -> None:
    """Also where that of the other one was removed meanwhile."""
    make(tmp_path, f"{NAME} (2)", BOB)
    assert find_folder(tmp_path, NAME, BOB) == f"{NAME} (2)"
    assert find_folder(tmp_path, NAME, ANNA) == NAME
    make(tmp_path, NAME, ANNA)
    assert find_folder(tmp_path, NAME, BOB) == f"{NAME} (2)"
    assert find_folder(tmp_path, NAME, BOB.replace("bob", "cy")) == f"{NAME} (3)"
    assert find_folder(tmp_path, NAME, ANNA, {NAME}) == f"{NAME} (3)"


@pytest.mark.parametrize(
    ("pages", "is_ours"),
    [
        ((), True),
        ((BOB,), True),
        ((BOB, f"{BOB}/2"), True),
        (("https://www.a.example/start",), True),
        ((f"{BOB}/", ANNA), True),
        ((ANNA,), False),
        ((ANNA, f"{ANNA}?page=2"), False),
    ],
)
def test_a_folder_of_an_older_version_is_told_by_its_files(
    pages: tuple[str, ...], is_ours: bool, tmp_path: Path
) -> None:
    make(tmp_path, NAME, None, pages)
    assert (find_folder(tmp_path, NAME, BOB) == NAME) is is_ours


def test_two_pages_in_one_command_and_one_after_the_other(server: Loopback, tmp_path: Path) -> None:
    urls = {who: server.url(f"/{who}/photos") for who in ("anna", "bob")}
    orders = (["anna", "bob"], ["bob", "anna"], ["bob"], ["anna"])
    for number, order in enumerate(orders):
        typed = "".join(f"{urls[who]}\n" for who in order)
        done = shell("$REELIN -i -", tmp_path, stdin=typed.encode())
        assert done.returncode == 0
        assert (done.stderr.count(b"1 saved"), done.stderr.count(b"1 skipped")) == (
            (2, 0) if number == 0 else (0, len(order))
        )
    files = sorted((tmp_path / "downloads").glob("*/1.png"))
    assert [each.read_bytes()[:3] for each in files] == [b"ann", b"bob"]
    assert files[1].parent.name == f"{files[0].parent.name} (2)"


def test_a_folder_that_was_named_is_shared(server: Loopback, tmp_path: Path) -> None:
    for who in ("anna", "bob"):
        assert shell(f"$REELIN {server.url(f'/{who}/photos')} both", tmp_path).returncode == 0
    folder = tmp_path / "downloads" / "both"
    assert sorted(each.name for each in folder.glob("*.png")) == ["1 (2).png", "1.png"]
