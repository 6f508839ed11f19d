"""The folder of a page: two pages whose names are alike never share one.

The page that a folder is of stands in its `.reelin/page`, where no person has named the folder.
"""

from __future__ import annotations

from collections.abc import Collection
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit

from ..model.signatures import unsigned
from ..model.urls import without_userinfo
from .atomic import write_whole
from .manifest import FILE, STATE, read

_PAGE = "page"


def find_folder(parent: Path, name: str, page: str, taken: Collection[str] = ()) -> str:
    """Return the name of the folder of a page: `name`, or `name (2)` and so on.

    taken: folders that other pages get at this moment, in lower case

    It is the folder that this page has already, else the first that is no other page's.
    """
    free = ""
    for number in count(1):
        each = name if number == 1 else f"{name} ({number})"
        if each.lower() in taken:
            continue
        folder = parent / each
        is_there = (folder / STATE).is_dir()
        if is_there and _read_page(folder) == _key(page):
            return each
        if not free and not (is_there and _is_of_another(folder, page)):
            free = each
        if not is_there and number > 1:
            return free
    raise AssertionError("numbers do not end")


def note_page(folder: Path, page: str) -> None:
    """Note the page that a folder is of, unless that was done. Raises `OSError`."""
    path = folder / STATE / _PAGE
    if not path.exists():
        write_whole(path, f"{without_userinfo(page)}\n".encode())


def _key(page: str) -> tuple[str, str, str]:
    """Return what tells a page from others: not its scheme, a signature, or a slash at its end."""
    parts = urlsplit(unsigned(without_userinfo(page)))
    return parts.netloc.lower(), parts.path.rstrip("/"), parts.query


def _read_page(folder: Path) -> tuple[str, str, str] | None:
    try:
        return _key((folder / STATE / _PAGE).read_text(encoding="utf-8").strip())
    except (OSError, ValueError):
        return None


def _is_of_another(folder: Path, page: str) -> bool:
    """Whether a folder is another page's.

    One that an older version made is, if all of its files are from pages whose paths differ from
    this one's in nothing but their folders.
    """
    noted = _read_page(folder)
    if noted is not None:
        return noted != _key(page)
    above, _, last = _key(page)[1].rpartition("/")
    found = {_key(str(line.get("page_url") or "")) for line in read(folder / STATE / FILE)}
    for host, path, _ in found:
        its_above, _, its_last = path.rpartition("/")
        if (host, its_last) != (_key(page)[0], last) or its_above == above:
            return False
    return bool(found)
