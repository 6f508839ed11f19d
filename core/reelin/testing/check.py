"""Checks of what every extractor promises: names, examples, determinism, network, URLs, time."""

from __future__ import annotations

import asyncio
import dataclasses
import re
import time
from collections.abc import Sequence
from os import PathLike

from ..model.errors import PluginError, ReelinError
from ..model.item import Link, MediaItem
from ..model.urls import clean
from ..page.page import Page
from ..plugins.calls import call
from ..plugins.checks import find_problem
from ..plugins.extractor import Extractor
from ..plugins.options import options_of
from ..plugins.registry import Registry
from .recording import find_offline, read_starts, recorded_page

SOMEWHERE = "https://site.example/music/"


def check(
    extractor: Extractor,
    *,
    recordings: str | PathLike[str] | None = None,
    seconds: float = 5.0,
) -> None:
    """Check what an extractor promises; raise `AssertionError` that says what is broken.

    recordings: a folder of recorded pages; each that the extractor claims is extracted twice
    seconds:    time that one page may take
    """
    _check_class(extractor)
    _check_examples(extractor, seconds)
    _check_finds(extractor, seconds)
    if recordings is not None:
        _check_recordings(extractor, recordings, seconds)


def _check_class(extractor: Extractor) -> None:
    problem = find_problem("extractor", extractor)
    assert problem is None, problem
    kind = type(extractor)
    label = kind.__name__
    assert re.fullmatch(r"[a-z][a-z0-9_-]*", extractor.name), (
        f"{label}: name {extractor.name!r} should be lower case letters, digits, - and _"
    )
    # Dataclasses without one are given their signature.
    doc = vars(kind).get("__doc__") or ""
    assert doc and not doc.startswith(f"{label}("), f"{label}: has no docstring, which is its help"
    assert kind.extract is not Extractor.extract, f"{label}: has no extract()"
    assert dataclasses.is_dataclass(kind), f"{label}: should derive from reelin.Extractor"
    for option in options_of(kind):
        assert option.default is not None or "None" in str(option.type), (
            f"{label}: option {option.name} has no default"
        )


def _check_examples(extractor: Extractor, seconds: float) -> None:
    name = extractor.name
    assert bool(extractor.pattern) == bool(extractor.examples), (
        f"{name}: an extractor with a pattern has examples, and one without has none"
    )
    registry = Registry.load()
    known = registry.extractors.values()
    others = [each for each in known if each.name != name and not each.stands_in]
    for example in extractor.examples:
        wanted = _clean(example)
        assert wanted is not None, f"{name}: example {example!r} is no absolute http URL"
        assert wanted == example, f"{name}: example {example!r} should be written {wanted!r}"
        matches = _matches(extractor, example, seconds)
        assert matches, f"{name}: its pattern does not match {example}"
        choice = registry.choose(example)
        claiming = [each.name for each in choice if each.pattern and not each.stands_in]
        rivals = [each for each in claiming if each != name]
        assert not rivals, f"{name}: example {example} is claimed by {', '.join(rivals)} as well"
    assert not (extractor.pattern and _matches(extractor, SOMEWHERE, seconds)), (
        f"{name}: its pattern claims {SOMEWHERE} as well, and so perhaps any page; an extractor for"
        " any page has no pattern, but `finds`"
    )
    for other in others:
        for example in other.examples:
            claims = extractor.pattern and _matches(extractor, example, seconds)
            assert not claims, f"{name}: claims {example}, an example of {other.name}"


def _clean(url: str) -> str | None:
    try:
        return clean(url)
    except ValueError:
        return None


def _matches(extractor: Extractor, url: str, seconds: float) -> bool:
    what = f"{extractor.name}, asked whether it claims {url}"
    try:
        return call(lambda: extractor.matches(url), seconds, what)
    except PluginError as error:
        raise AssertionError(str(error)) from None


def _check_finds(extractor: Extractor, seconds: float) -> None:
    name, line = extractor.name, extractor.finds
    assert bool(extractor.pattern) != bool(line), (
        f"{name}: `finds` shows what a general extractor finds; one with a pattern has examples"
    )
    assert line.count("\n") < 8, f"{name}: `finds` should be short"
    if line:
        page = Page(SOMEWHERE, line.encode(), {"content-type": "text/html; charset=utf-8"})
        found = _check_page(extractor, page, seconds)
        wanted = [each for each in found if isinstance(each, Link) or each.noise is None]
        assert wanted, f"{name}: finds nothing on a page that holds {line}"


def _check_recordings(extractor: Extractor, folder: str | PathLike[str], seconds: float) -> None:
    try:
        recorded = read_starts(folder)
        claims = [url for url in recorded if not extractor.pattern or extractor.matches(url)]
        assert claims, (
            f"{extractor.name}: its pattern matches no page that is recorded in {folder}, such as"
            f" {recorded[0]}"
        )
        for url in claims:
            _check_page(extractor, recorded_page(url, folder), seconds)
    except ReelinError as error:
        raise AssertionError(str(error)) from None


def _check_page(extractor: Extractor, page: Page, seconds: float) -> Sequence[MediaItem | Link]:
    where = f"{extractor.name} on {page.url}"
    before = _snapshot(page)
    started = time.monotonic()
    first = _find(extractor, page, seconds)
    took = time.monotonic() - started
    assert took <= seconds, f"{where}: took {took:.1f} s, and {seconds:g} are allowed"
    for part, value in _snapshot(page).items():
        assert value == before[part], f"{where}: changed {part}, which is shared"
    second = _find(extractor, page, seconds)
    assert first == second, f"{where}: found other things the second time"
    for found in first:
        _check_find(where, found)
    return first


def _snapshot(page: Page) -> dict[str, object]:
    """Copy what extractors share of a page, as comparable values."""
    from lxml import etree

    return {
        "page.tree": etree.tostring(page.tree),
        "page.soup": str(page.soup),
        "page.headers": dict(page.headers),
    }


def _find(extractor: Extractor, page: Page, seconds: float) -> list[MediaItem | Link]:
    try:
        return asyncio.run(find_offline(extractor, page, seconds))
    except ReelinError as error:
        raise AssertionError(str(error)) from error


def _check_find(where: str, found: MediaItem | Link) -> None:
    urls = [found.url]
    if isinstance(found, MediaItem):
        urls += [each.url for each in found.alternatives]
        urls += [found.thumbnail] if found.thumbnail else []
    for url in urls:
        assert _clean(url) is not None and "://" in url, (
            f"{where}: {url!r} is no absolute http URL; use page.absolute() or page.urls()"
        )
