"""How well pages are read: `python -m benchmarks.score FOLDER [--misses] [--kind KIND]`.

FOLDER holds one folder a page: page.html as served, and expected.json with `page_url`,
`content_type`, `kind`, `required` (each with `any_of` and perhaps `best`), `optional`, `traps`.

recall:    required entries of which a rendition is listed
best:      of the found entries that name a best rendition, those where it is the one chosen
precision: listed items that are required or optional, of all listed
focus:     listed items that are required, of all listed
type:      found entries with the right media type
"""

from __future__ import annotations

import argparse
import asyncio
import json
from collections import defaultdict
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from reelin.model.errors import ReelinError
from reelin.model.item import MediaItem
from reelin.model.media_types import type_of
from reelin.model.merge import merge
from reelin.page.page import Page
from reelin.plugins.registry import Registry
from reelin.run.extraction import stream


@dataclass
class Score:
    """Counts of one page, one kind of page, or all."""

    required: int = 0
    found: int = 0
    with_best: int = 0
    best: int = 0
    listed: int = 0
    allowed: int = 0
    wanted: int = 0
    typed: int = 0
    traps: int = 0
    misses: list[str] = field(default_factory=list)

    def add(self, other: Score) -> None:
        """Add the counts of another score."""
        for each in fields(self):
            setattr(self, each.name, getattr(self, each.name) + getattr(other, each.name))

    def row(self) -> str:
        """The ratios as one line of the table."""
        ratios = (
            (self.found, self.required),
            (self.best, self.with_best),
            (self.allowed, self.listed),
            (self.wanted, self.listed),
            (self.typed, self.found),
        )
        cells = [f"{part / whole:9.3f}" if whole else "        -" for part, whole in ratios]
        return f"{self.required:8} {self.listed:6} " + " ".join(cells) + f" {self.traps:6}"


async def items_of(page: Page) -> list[MediaItem]:
    """The wanted items that all general extractors find on a page, merged."""
    found: list[MediaItem] = []
    extractors = Registry.load().choose("http://any.example/")
    async for _, each in stream(extractors, page, seconds=60, most=100_000):
        if isinstance(each, MediaItem):
            found.append(each)
        elif isinstance(each, ReelinError):
            print(f"{page.url}: {each}")
    return [item for item in merge(found) if item.noise is None]


def score(case: dict[str, Any], items: list[MediaItem]) -> Score:
    """Compare a page's items with its expected answers."""
    result = Score(listed=len(items))
    listed = {url: item for item in items for url in _urls(item)}
    allowed = {entry["url"] for entry in case["optional"]}
    traps = {entry["url"] for entry in case["traps"]}
    wanted: set[str] = set()
    for entry in case["required"]:
        result.required += 1
        hits = [listed[url] for url in entry["any_of"] if url in listed]
        if not hits:
            result.misses.append(f"missed   {entry['any_of'][0]}  via {entry['via']}")
            continue
        result.found += 1
        wanted.update(item.url for item in hits)
        kind = hits[0].type or type_of(hits[0].url)
        if kind == entry["type"]:
            result.typed += 1
        else:
            result.misses.append(f"type     {hits[0].url} is {kind}, not {entry['type']}")
        if entry.get("best"):
            result.with_best += 1
            if any(item.url == entry["best"] for item in hits):
                result.best += 1
            else:
                result.misses.append(f"not best {hits[0].url} but {entry['best']}")
    for item in items:
        if item.url in traps:
            result.traps += 1
            result.misses.append(f"trap     {item.url}")
        elif item.url in wanted:
            result.wanted += 1
            result.allowed += 1
        elif any(url in allowed for url in _urls(item)):
            result.allowed += 1
            result.misses.append(f"optional {item.url}  {item.origin}")
        else:
            result.misses.append(f"wrong    {item.url}  {item.origin}")
    return result


def _urls(item: MediaItem) -> list[str]:
    return [item.url, *(each.url for each in item.alternatives)]


def read(folder: Path) -> tuple[dict[str, Any], Page]:
    """A case: its expected answers and its page."""
    case = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    headers = {"content-type": case["content_type"]}
    return case, Page(case["page_url"], (folder / "page.html").read_bytes(), headers)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--misses", action="store_true", help="list what is missed, page by page")
    parser.add_argument("--kind", action="append", help="only pages of this kind")
    options = parser.parse_args()
    kinds: dict[str, Score] = defaultdict(Score)
    for path in sorted(options.folder.glob("*/expected.json")):
        case, page = read(path.parent)
        if options.kind and case["kind"] not in options.kind:
            continue
        result = score(case, asyncio.run(items_of(page)))
        if options.misses and result.misses:
            print(path.parent.name, case["kind"])
            print("\n".join(f"    {miss}" for miss in result.misses))
        kinds[case["kind"]].add(result)
    total = Score()
    print(f"{'kind':16} required listed    recall      best precision     focus      type  traps")
    for kind, result in sorted(kinds.items()):
        print(f"{kind:16} {result.row()}")
        total.add(result)
    print(f"{'all':16} {total.row()}")


if __name__ == "__main__":
    main()
