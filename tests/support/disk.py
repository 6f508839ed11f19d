"""Small file systems, for what happens when they are full. Only root can make them."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


class Disk:
    """A small file system of its own."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def mount(self, options: str) -> None:
        """Make it, or change it: `size=4m`, `remount,size=8m`. Without the right to, skip."""
        path = str(self.path)
        done = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", options, "tmpfs", path], capture_output=True
        )
        if done.returncode:
            pytest.skip("a file system can only be mounted by root")


@contextmanager
def small_disk(path: Path) -> Iterator[Disk]:
    """A folder where one can be; it is gone at the end."""
    path.mkdir()
    yield Disk(path)
    while subprocess.run(["umount", str(path)], capture_output=True).returncode == 0:
        pass
