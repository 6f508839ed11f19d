"""Distributions as pip would leave them, in a folder that modules are imported from."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path


def install(folder: Path, name: str, source: str, entry: bytes = b"") -> None:
    """A distribution of one module; `entry`: what its file of entry points says instead."""
    (folder / f"{name}.py").write_text(source)
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir(exist_ok=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_bytes(entry or f"[reelin]\n{name} = {name}\n".encode())
    importlib.invalidate_caches()


def forget(folder: Path) -> None:
    """Have modules imported anew, as another process would."""
    for path in folder.glob("*.py"):
        sys.modules.pop(path.stem, None)
    importlib.invalidate_caches()
