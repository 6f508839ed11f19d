"""The unfinished files of a run folder, and which of them an item goes on with."""

from __future__ import annotations

from collections import defaultdict
from typing import TypeAlias

from ..model.item import FileIdentity, MediaItem, file_identity, signed_apart
from ..model.media_types import path_of
from ..model.signatures import lasting_path

_Place: TypeAlias = tuple[str, str]


class Unfinished:
    """Names of unfinished files by what they are of: each is given away once.

    An item goes on with what was begun at its own address, else at one that differs by its
    signature, else by the one file that was begun for the same page and path, but for what may be
    a token in it. Whether the bytes fit is the transfer's to find out.
    """

    def __init__(self) -> None:
        self._names: dict[FileIdentity, str] = {}
        self._families: defaultdict[FileIdentity, list[FileIdentity]] = defaultdict(list)
        self._places: defaultdict[_Place, list[FileIdentity]] = defaultdict(list)

    def add(self, identity: FileIdentity, page_url: str, name: str) -> None:
        """Take in the name of a file, and what it is of."""
        self._names[identity] = name
        self._families[signed_apart(identity)].append(identity)
        if _may_move(identity):
            self._places[_place(identity, page_url)].append(identity)

    def take(self, item: MediaItem) -> str | None:
        """Return the name of the file that an item goes on with, None if there is none."""
        if not self._names:
            return None
        identity = file_identity(item)
        if identity in self._names:
            return self._names.pop(identity)
        family = self._left(self._families[signed_apart(identity)])
        if not family and _may_move(identity):
            family = self._left(self._places[_place(identity, item.page_url)])
            family = family if len(family) == 1 else []
        return self._names.pop(family[0]) if family else None

    def _left(self, identities: list[FileIdentity]) -> list[FileIdentity]:
        return [each for each in identities if each in self._names]


def _may_move(identity: FileIdentity) -> bool:
    """Whether a file is a plain body, so that what is begun can be told by its own bytes."""
    return identity[1] is None and identity[2] is None


def _place(identity: FileIdentity, page_url: str) -> _Place:
    return path_of(page_url), lasting_path(identity[0])
