"""Options: the fields of a plugin, read from text, and one session's own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from support.plugins import Many

from reelin import Extractor, MediaItem, Network, Page, UsageError
from reelin.plugins.options import configure, options_of
from reelin.plugins.registry import Registry


def test_options_are_fields() -> None:
    first = options_of(Many)[0]
    assert (first.name, first.type, first.default, first.help) == ("count", int, 3, "how many")
    assert [each.type_name for each in options_of(Many)][4:] == [
        "one of fast, best",
        "a whole number",
        "a comma-separated list",
    ]
    assert Many(count=5).count == 5


@pytest.mark.parametrize(
    ("name", "value", "read"),
    [
        ("count", "7", 7),
        ("count", 7, 7),
        ("ratio", "0.25", 0.25),
        ("ratio", 2, 2.0),
        ("deep", "yes", True),
        ("deep", "0", False),
        ("deep", True, True),
        ("word", "x", "x"),
        ("mode", "best", "best"),
        ("limit", "9", 9),
        ("limit", "none", None),
        ("kinds", "a,b", ("a", "b")),
        ("kinds", ["c"], ("c",)),
    ],
)
def test_option_values_are_read(name: str, value: object, read: object) -> None:
    assert getattr(configure(Many(), {name: value}), name) == read


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("count", "many", "a whole number"),
        ("count", 1.5, "a whole number"),
        ("deep", "maybe", "yes or no"),
        ("mode", "slow", "one of fast, best"),
        ("cuont", "1", "did you mean count"),
        ("count", True, "a whole number"),
    ],
)
def test_bad_option_values_are_told(name: str, value: object, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        configure(Many(), {name: value})


def test_an_extractor_is_immutable() -> None:
    with pytest.raises(AttributeError):
        Many().count = 4  # type: ignore[misc]


class Tally(Extractor):
    """Has an option that not every value suits."""

    name = "tally"
    finds = "<p>"

    most: int = 1

    def __post_init__(self) -> None:
        if self.most > 9:
            raise ValueError("too many")

    def extract(self, page: Page) -> Iterator[MediaItem]:
        yield from ()


def test_options_of_one_session_are_not_those_of_the_next() -> None:
    registry = Registry([Many(), Tally()])
    first = registry.configured({"many": {"count": "7"}, "tally": {"most": "10"}})
    assert [each.name for each in first.general] == ["many"] and len(first.problems) == 1
    assert first.configured({"many": {"deep": "yes"}}).extractor("many") == Many(count=7, deep=True)
    assert first.extractor("many") == Many(count=7)
    assert list(registry.extractors.values()) == [Many(), Tally()] and registry.problems == []
    second = registry.for_session(Network()).configured({"many": {"count": "8"}})
    assert second.extractor("many") == Many(count=8)
