"""Plugins as strangers would write them, and the modules that they are in."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal

from reelin import Extractor, MediaItem, Page

GOOD = """
from reelin import Extractor, MediaItem, hookimpl
class Good(Extractor):
    "Good."
    name = "{name}"
    def extract(self, page):
        yield MediaItem("http://x.example/good.mp3")
@hookimpl
def {hook}():
    return [{returned}]
"""

CLAIMING = """
import sys
from typing import Annotated
from reelin import Extractor, MediaItem, hookimpl
{before}
class Claiming(Extractor):
    "Claims a site."
    name = "{name}"
    pattern = r"http://127\\.0\\.0\\.1:\\d+/{name}"
    examples = ["http://127.0.0.1:1/{name}"]
    far: Annotated[bool, "far"] = False
    def extract(self, page):
        yield MediaItem(page.absolute("/{name}.mp3"))
    {more}
@hookimpl
def reelin_extractors():
    {hook}
    return [Claiming()]
"""


def claiming(name: str, *, before: str = "", more: str = "", hook: str = "") -> str:
    return CLAIMING.format(name=name, before=before, more=more, hook=hook)


def rewrite(path: Path, text: str) -> None:
    """Another version of a module, for which nothing compiled is left."""
    shutil.rmtree(path.parent / "__pycache__", ignore_errors=True)
    path.write_text(text)


class Many(Extractor):
    """Has options of every kind."""

    name = "many"

    count: Annotated[int, "how many"] = 3
    ratio: float = 0.5
    deep: bool = False
    word: str = "a"
    mode: Literal["fast", "best"] = "fast"
    limit: int | None = None
    kinds: tuple[str, ...] = ("a",)

    def extract(self, page: Page) -> Iterator[MediaItem]:
        yield MediaItem(f"http://x.example/{self.count}")
