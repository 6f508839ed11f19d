"""`reelin verify --repair`: files that are damaged or missing are fetched again."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from .. import DiskSink
from ..disk.check import Check, verify
from ..model.audio import Audio
from ..model.errors import ReelinError
from ..model.item import FileIdentity, MediaItem, file_identity, signed_apart
from ..model.media_types import MEDIA_TYPES
from ..model.signatures import lasting_path
from ..plugins.filter import KEEP, Verdict, drop
from ..plugins.registry import Registry
from ..run.options import RunOptions
from ..run.run import Run
from ..run.session import Session


@dataclass(frozen=True, slots=True)
class LostFiles:
    """Keeps the items of a page whose files are to be fetched again."""

    name: ClassVar[str] = "repair"
    families: frozenset[FileIdentity]
    paths: frozenset[str]

    def judge(self, item: MediaItem) -> Verdict:
        """Judge by the address, without its signature and its host."""
        identity = signed_apart(file_identity(item))
        if identity in self.families or lasting_path(identity[0]) in self.paths:
            return KEEP
        return drop("nothing is wrong with it")


async def repair(
    folder: Path, checks: Sequence[Check], options: RunOptions
) -> tuple[list[Check], list[str]]:
    """Fetch the files of a folder again that `checks` found damaged or missing.

    First from the address that each had, then from that which its page has for it now. Return how
    the folder is afterwards, and what went wrong.
    """
    registry = Registry.load(without=options.without)
    async with Session(
        workers=options.workers,
        network=options.network,
        registry=registry,
        ffmpeg=options.ffmpeg,
    ) as session:
        items = [item for line in _list_bad(checks) if (item := _item_of(line))]
        errors = await _run(session.run(items=items, sink=DiskSink(folder)))
        checks = list(verify(folder, checks))
        lines = _list_bad(checks)
        pages = list(dict.fromkeys(str(each["page_url"]) for each in lines if each.get("page_url")))
        if lines and pages:
            wanted = RunOptions(filters=(_make_wanted(lines),))
            errors += await _run(session.run_with(wanted, *pages, sink=DiskSink(folder)))
            checks = list(verify(folder, checks))
    return checks, errors


def _list_bad(checks: Sequence[Check]) -> list[dict[str, Any]]:
    """Return what the manifest says of the files that are damaged or missing."""
    return [each.line for each in checks if not each.ok and each.line is not None]


async def _run(run: Run) -> list[str]:
    """Follow a run to its end; return what failed."""
    lost = []
    try:
        async with run:
            await run.finish()
    except ReelinError as error:
        lost.append(str(error))
    return [*(each.error for each in run.report.failures), *lost]


def _make_wanted(lines: Sequence[dict[str, Any]]) -> LostFiles:
    items = [item for each in lines if (item := _item_of(each))]
    families = [signed_apart(file_identity(each)) for each in items]
    return LostFiles(frozenset(families), frozenset(lasting_path(each[0]) for each in families))


def _item_of(line: dict[str, Any]) -> MediaItem | None:
    """Return the item that a line of a manifest is about; None where it is not what we write."""
    facts = {
        name: line[name]
        for name in ("title", "format", "extractor", "page_url", "protocol")
        if isinstance(line.get(name), str)
    }
    if isinstance(line.get("audio"), str):
        kind, _, quality = line["audio"].partition(" ")
        facts["audio"] = Audio.of(kind, quality)
    kind = line.get("type")
    with suppress(TypeError):
        return MediaItem(line["url"], kind if kind in MEDIA_TYPES else None, **facts)
    return None
