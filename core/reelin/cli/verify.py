"""`reelin verify DIR`: is everything still as it was downloaded?"""

from __future__ import annotations

import sys
from pathlib import Path

from ..disk.manifest import verify
from .output import printable


def run_verify(folder: str, *, quiet: bool) -> int:
    """Print what is wrong, and a count; 0 when nothing is."""
    good = bad = 0
    for check in verify(Path(folder)):
        if check.ok:
            good += 1
        else:
            bad += 1
            print(f"{printable(check.name)}: {check.problem}")
    if not quiet:
        print(f"{good} of {good + bad} files are as they were downloaded", file=sys.stderr)
    return 1 if bad else 0
