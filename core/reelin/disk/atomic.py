"""Files that are written anew in one step: whoever reads one sees all of the old or of the new."""

from __future__ import annotations

import os
from contextlib import suppress
from glob import escape
from pathlib import Path
from tempfile import mkstemp

from .durable import sync


def write_whole(path: Path, content: bytes) -> None:
    """Write a file anew, durably. Only its owner can read it. Raises `OSError`."""
    descriptor, draft = mkstemp(prefix=f"{path.name}.", suffix=".tmp", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            sync(file.fileno())
        Path(draft).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(draft).unlink()
        raise


def remove_drafts(path: Path) -> None:
    """Remove what processes left that were killed while they wrote a file."""
    for draft in path.parent.glob(f"{escape(path.name)}.????????.tmp"):
        with suppress(OSError):
            draft.unlink()
