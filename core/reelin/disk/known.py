"""The files that a run folder holds by its manifest, and which of them an item is.

An item is known by its address. Under another address it is the same item

- without a question, where the address differs by its signature alone (`model.signatures`), and
  where no more items of this run claim that file than it had addresses when it was saved;
- by the head of the answer, where page and path are the same, and validator and size as well: an
  ETag, or a date where the query is the same, too (it is the host that changed);
- by its bytes, in the end, where page and path are the same; of a path what may be a token in it
  does not count.

A file that an item of this run has already is nobody else's, but for one with the same bytes under
the same address with another signature: what one page offers twice may well be two things.
"""

from __future__ import annotations

import hashlib
import stat
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..model.item import FileIdentity, MediaItem, file_identity, signed_apart
from ..model.likeness import (
    Likeness,
    bytes_likeness,
    liken_bytes,
    liken_versions,
    version_likeness,
)
from ..model.stored import Head, Stored


@dataclass(frozen=True, slots=True)
class KnownFile:
    """A completed file: what it is, and how it was then. `mtime` in nanoseconds.

    page:      the path of the page that it was on
    validator: see `Head`
    loss:      what could not be had of it, in words
    crc32:     None of files of earlier versions of reelin
    """

    identity: FileIdentity
    page: str
    name: str
    size: int
    mtime: int
    sha256: str
    validator: str | None = None
    loss: str = ""
    crc32: int | None = None

    @property
    def receipt(self) -> Stored:
        """What a sink says of an item whose file is here already."""
        return Stored(
            self.name, self.size, self.sha256, new=False, loss=self.loss, crc32=self.crc32
        )


class KnownFiles:
    """The files of one folder that were completed, by this run or before it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._exact: dict[FileIdentity, KnownFile] = {}
        self._names: dict[str, KnownFile] = {}
        self._index: _Index | None = None  # made when the first item is not known by its address
        self._suspects: set[str] = set()  # names of files that may be damaged, whatever their time
        self._claimed: set[str] = set()  # names that items of this run have
        self._takers: Counter[FileIdentity] = Counter()  # of the files of one family
        self._uncounted: list[KnownFile] = []  # claims that are counted when somebody asks
        self._assumed: defaultdict[FileIdentity, list[MediaItem]] = defaultdict(list)
        self._assumed_names: set[str] = set()
        self._doubted: set[FileIdentity] = set()
        self._doubts: list[MediaItem] = []

    def learn(self, known: KnownFile, *, is_free: bool = True) -> None:
        """Take in a completed file; it succeeds those with the same address, or the same name.

        is_free: whether no item of this run has it
        """
        self._exact[known.identity] = self._names[known.name] = known
        self._suspects.discard(known.name)
        if self._index is not None:
            self._index.add(known, is_free=is_free)

    def list_current(self) -> Iterator[KnownFile]:
        """List the files that no other has succeeded."""
        return filter(self._is_current, self._exact.values())

    def count_names(self) -> int:
        """Return how many files there are, or were."""
        return len(self._names)

    def suspect(self, name: str) -> None:
        """Hash a file before it counts as complete again, though its size and time be as known."""
        self._suspects.add(name)

    def claim(self, known: KnownFile) -> None:
        """Note that an item of this run has that file."""
        self._claimed.add(known.name)
        self._uncounted.append(known)
        if self._assumed:
            key = signed_apart(known.identity)
            if key in self._assumed and self._count_takers(key) > len(self._family(key)):
                self._doubt(key)

    def is_claimed(self, known: KnownFile) -> bool:
        """Whether an item of this run has that file."""
        return known.name in self._claimed

    def find(self, item: MediaItem) -> KnownFile | None:
        """Return the file of an item, complete and unchanged, where no question is needed."""
        known = self._find_exact(item)
        if known is not None:
            if not self.is_intact(known):
                return None
            self.claim(known)
            return known
        key = signed_apart(file_identity(item))
        family = self._family(key)
        if not family or key in self._doubted:
            return None
        if self._count_takers(key) >= len(family) or len({each.name for each in family}) > 1:
            self._doubt(key)
            return None
        if not self.is_intact(family[0]):
            return None
        self._assumed_names.add(family[0].name)
        self._takers[key] += 1
        self._assumed[key].append(item)
        return family[0]

    def recognize(self, item: MediaItem, head: Head) -> KnownFile | None:
        """Return the file that an answer's head shows to be the item's: whole, or not any more."""
        index = self._get_index()
        likeness = version_likeness(item, head) if index.by_version else None
        if likeness is None or self._find_exact(item) is not None:
            return None
        return next(filter(self._is_free, index.find_version(likeness)), None)

    def find_twin(self, item: MediaItem, sha256: str) -> KnownFile | None:
        """Return the file with the same bytes that is the item's, whole or not any more."""
        for known in self._family(signed_apart(file_identity(item))):
            if known.sha256 == sha256:
                return known
        index = self._get_index()
        alike = index.by_bytes.get(bytes_likeness(item, sha256), ()) if index.by_bytes else ()
        return next(filter(self._is_free, alike), None)

    def find_lost(self, item: MediaItem) -> KnownFile | None:
        """Return the file of an item that is missing, or not what it was; None if it is whole."""
        known = self._find_exact(item)
        if known is None:
            family = self._family(signed_apart(file_identity(item)))
            if len({each.name for each in family}) != 1 or not self._is_free(family[0]):
                return None
            known = family[0]
        return None if self.is_intact(known) else known

    def name_of(self, item: MediaItem) -> str | None:
        """Return the name that an earlier run gave this item's file."""
        known = self._exact.get(file_identity(item))
        if known is not None:
            return known.name
        names = {each.name for each in self._family(signed_apart(file_identity(item)))}
        return names.pop() if len(names) == 1 else None

    def is_whole(self, identity: FileIdentity) -> bool:
        """Whether the file with this address is there, complete and unchanged."""
        known = self._exact.get(identity)
        return known is not None and self._is_current(known) and self.is_intact(known)

    def is_named(self, identity: FileIdentity, name: str) -> bool:
        """Whether a name is that of the file with this address."""
        known = self._exact.get(identity)
        return known is not None and known.name == name and self._is_current(known)

    def is_intact(self, known: KnownFile) -> bool:
        """Whether a file is still there as it was completed.

        One whose time alone has changed is hashed again, and counts if it is the same.
        """
        path = self._folder / known.name
        try:
            now = path.stat()
            if not stat.S_ISREG(now.st_mode) or now.st_size != known.size:
                return False
            if now.st_mtime_ns == known.mtime and known.name not in self._suspects:
                return True
            is_same = sha256_of(path) == known.sha256
        except OSError:
            return False
        if is_same:
            self._suspects.discard(known.name)
        return is_same

    def take_doubts(self) -> list[MediaItem]:
        """Return the items that `find` took for known, and that have to be asked for after all."""
        doubts, self._doubts = self._doubts, []
        return doubts

    def _count_takers(self, key: FileIdentity) -> int:
        """Return how many items of this run have a file of a family."""
        self._takers.update(signed_apart(each.identity) for each in self._uncounted)
        self._uncounted.clear()
        return self._takers[key]

    def _doubt(self, key: FileIdentity) -> None:
        """Take back what was assumed of addresses that differ by their signature: too many do."""
        self._doubted.add(key)
        self._doubts += self._assumed.pop(key, [])
        self._assumed_names -= {each.name for each in self._family(key)}

    def _find_exact(self, item: MediaItem) -> KnownFile | None:
        known = self._exact.get(file_identity(item))
        return known if known is not None and self._is_current(known) else None

    def _family(self, key: FileIdentity) -> list[KnownFile]:
        """Return the files whose addresses differ by their signature only."""
        family = self._get_index().families.get(key, {})
        return [each for each in family.values() if self._is_current(each)]

    def _is_free(self, known: KnownFile) -> bool:
        """Whether no item of this run has the file."""
        if not self._is_current(known):
            return False
        return not self.is_claimed(known) and known.name not in self._assumed_names

    def _is_current(self, known: KnownFile) -> bool:
        """Whether no other file has succeeded it."""
        is_last = self._exact.get(known.identity) is known
        return is_last and self._names[known.name].sha256 == known.sha256

    def _get_index(self) -> _Index:
        if self._index is None:
            self._index = _Index()
            for known in self._exact.values():
                self._index.add(known, is_free=not self.is_claimed(known))
        return self._index


class _Index:
    """Completed files by what else than their address tells them.

    Those that items of this run have are nobody else's: of them only the addresses count, and that
    they may show a version to be none.
    """

    def __init__(self) -> None:
        self.families: defaultdict[FileIdentity, dict[FileIdentity, KnownFile]] = defaultdict(dict)
        self.by_bytes: defaultdict[Likeness, list[KnownFile]] = defaultdict(list)
        self.by_version: defaultdict[Likeness, list[KnownFile]] = defaultdict(list)

    def add(self, known: KnownFile, *, is_free: bool) -> None:
        """Take in a file."""
        family = signed_apart(known.identity)
        self.families[family][known.identity] = known
        if is_free:
            self.by_bytes[liken_bytes(family, known.page, known.sha256)].append(known)
        if known.validator is not None and (is_free or self.by_version):
            key = liken_versions(family, known.page, known.validator, known.size)
            self.by_version[key].append(known)

    def find_version(self, key: Likeness) -> Sequence[KnownFile]:
        """Return the files of a version; none where that does not tell bytes apart."""
        known = self.by_version.get(key, ())
        return known if len({each.sha256 for each in known}) == 1 else ()


def sha256_of(path: Path) -> str:
    """Return the sha256 of a file in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
