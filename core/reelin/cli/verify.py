"""`reelin verify DIR`: is everything still as it was downloaded, and what is not, made so again."""

from __future__ import annotations

import asyncio
import json
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from ..disk.check import Check, find_folders, verify
from ..disk.manifest import note_suspects
from ..model.errors import SinkError
from .output import printable

if TYPE_CHECKING:
    from ..run.options import RunOptions


def run_verify(root: Path, *, mend: RunOptions | None, quiet: bool, as_json: bool) -> int:
    """Print what is wrong with the files in a folder and below, and a count; 0 when nothing is.

    mend: how what is damaged or missing is fetched again; None: it is not

    Raises `SinkError` where no run was finished.
    """
    counts: Counter[str] = Counter()
    for folder in _find_folders(root):
        for check, is_repaired in _look_at(folder, mend):
            counts[check.state] += 1
            counts["repaired"] += is_repaired
            where = str(folder.relative_to(root) / check.name)
            if as_json:
                _print_json(where, check, is_repaired)
            elif is_repaired:
                print(f"{printable(where)}: repaired")
            elif not check.ok or (check.problem and not quiet):
                print(f"{printable(where)}: {check.problem}")
    bad = counts["damaged"] + counts["missing"]
    if not quiet:
        _print_summary(counts, bad, is_mended=mend is not None)
    return 1 if bad else 0


def _find_folders(root: Path) -> Iterator[Path]:
    none = True
    for folder in find_folders(root):
        none = False
        yield folder
    if none:
        where = "here or in a folder below" if root.is_dir() else "there"
        raise SinkError(f"{root}: no run was finished {where} (no .reelin/manifest.jsonl)")


def _look_at(folder: Path, mend: RunOptions | None) -> Iterator[tuple[Check, bool]]:
    """Check the files of a folder; with each, whether it was mended just now."""
    checks = list(verify(folder))
    bad = [each for each in checks if not each.ok]
    # The next run looks at their bytes, and fetches them again.
    note_suspects(folder, [each.name for each in bad if each.state == "damaged"])
    if mend is not None and bad:
        from .repair import repair

        checks, errors = asyncio.run(repair(folder, checks, mend))
        if not all(each.ok for each in checks):
            for error in dict.fromkeys(errors):
                print(f"reelin: error: {printable(error)}", file=sys.stderr)
    names = {each.name for each in bad}
    for each in checks:
        yield each, each.state == "ok" and each.name in names


def _print_json(where: str, check: Check, is_repaired: bool) -> None:
    found = {"file": where, "state": check.state, "problem": check.problem}
    known = {key: value for key, value in found.items() if value}
    print(json.dumps(known | ({"repaired": True} if is_repaired else {})))


def _print_summary(counts: Counter[str], bad: int, *, is_mended: bool) -> None:
    listed = counts["ok"] + bad
    more = [
        f"{counts[state]} {state}"
        for state in ("damaged", "missing", "repaired", "unfinished", "foreign")
        if counts[state]
    ]
    rest = f" ({', '.join(more)})" if more else ""
    print(f"{counts['ok']} of {listed} files are as they were downloaded{rest}", file=sys.stderr)
    if bad and not is_mended:
        hint = "the command that downloaded them fetches them again, and so does --repair"
        print(f"reelin: {hint}", file=sys.stderr)
