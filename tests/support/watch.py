"""A thread that looks at a folder all the time: a final name must never hold wrong bytes."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Self


class Watch:
    """`with Watch(folder, {"a.mp4": body}) as watch: …; assert watch.wrong == []`."""

    def __init__(self, folder: Path, files: Mapping[str, bytes]) -> None:
        self.wrong: list[str] = []
        self.seen: set[str] = set()
        self._folder = folder
        self._files = files
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look_on, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        self._look(again=True)

    def _look_on(self) -> None:
        while not self._over.wait(0.02):
            self._look()

    def _look(self, *, again: bool = False) -> None:
        """Compare sizes each time, bytes when a file is new and at the end."""
        if not self._folder.exists():
            return
        for path in list(self._folder.iterdir()):
            if path.name == ".reelin" or path.suffix == ".part":
                continue
            expected = self._files.get(path.name)
            if expected is None or path.stat().st_size != len(expected):
                self.wrong.append(path.name)
            elif again or path.name not in self.seen:
                self.seen.add(path.name)
                if path.read_bytes() != expected:
                    self.wrong.append(path.name)
