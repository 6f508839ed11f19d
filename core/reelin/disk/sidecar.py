"""The sidecar of an unfinished file: what a later process must know to continue it.

JSON lines: the first says which version of what the part holds, as its transfer put it; each
further line is a note, such as a range that is safely written. Without a readable sidecar a part
is worth nothing.
"""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

from ..model.signatures import unsigned

Token = dict[str, Any]


def read_sidecar(path: Path) -> tuple[Token | None, list[Any]]:
    """Read token and notes of a sidecar; token None when there is none that can be read.

    A last line that was torn by a crash is left out.
    """
    try:
        lines = path.read_bytes().split(b"\n")
        token = json.loads(lines[0])
    except (OSError, ValueError, RecursionError):
        return None, []
    if not isinstance(token, dict):
        return None, []
    notes = []
    for line in lines[1:-1]:
        with suppress(ValueError, RecursionError):
            notes.append(json.loads(line))
    return token, notes


def is_of_same(token: Token | None, other: Token) -> bool:
    """Whether two tokens are of the same thing: their URLs may be signed anew, on another page."""
    return token is not None and _without_signature(token) == _without_signature(other)


def _without_signature(token: Token) -> Token:
    known = {key: value for key, value in token.items() if key not in ("page_url", "item")}
    url = token.get("url")
    return known | {"url": unsigned(url)} if isinstance(url, str) else known


def write_sidecar(path: Path, token: Token, notes: list[Any]) -> None:
    """Write a sidecar anew, in one step."""
    draft = path.with_suffix(".tmp")
    lines = [json.dumps(each) + "\n" for each in (token, *notes)]
    try:
        draft.write_text("".join(lines), encoding="utf-8")
        draft.replace(path)
    except BaseException:
        with suppress(OSError):
            draft.unlink()
        raise


def note_range(path: Path, start: int, end: int) -> None:
    """Append that the bytes from `start` to `end` (exclusive) are written."""
    with path.open("ab", buffering=0) as file:
        file.write(b"[%d, %d]\n" % (start, end))
