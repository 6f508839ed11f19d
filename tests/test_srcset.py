"""The srcset attribute, by the HTML Standard."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelin import srcset
from reelin.page.srcset import Candidate


@pytest.mark.parametrize(
    ("text", "candidates"),
    [
        ("a.jpg", [Candidate("a.jpg")]),
        ("a.jpg 1x, b.jpg 2x", [Candidate("a.jpg", density=1), Candidate("b.jpg", density=2)]),
        ("a.jpg 480w,b.jpg 800w", [Candidate("a.jpg", 480), Candidate("b.jpg", 800)]),
        ("a,b.jpg 2x", [Candidate("a,b.jpg", density=2)]),
        ("a.jpg, b.jpg", [Candidate("a.jpg"), Candidate("b.jpg")]),
        (" ,, a.jpg ,, ", [Candidate("a.jpg")]),
        ("a.jpg 100w 50h", [Candidate("a.jpg", 100, 50)]),
        ("a.jpg 50h", []),
        ("a.jpg 0w, b.jpg", [Candidate("b.jpg")]),
        ("a.jpg -1x, b.jpg 1.5x", [Candidate("b.jpg", density=1.5)]),
        ("a.jpg 1x 2x", []),
        ("a.jpg 1w 2x", []),
        ("a.jpg foo(1, 2) , b.jpg 2x", [Candidate("b.jpg", density=2)]),
        ("data:image/png;base64,AAA= 1x", [Candidate("data:image/png;base64,AAA=", density=1)]),
        ("", []),
        (",", []),
    ],
)
def test_parsing(text: str, candidates: list[Candidate]) -> None:
    assert srcset.parse(text) == candidates


def test_the_widest_then_the_densest_comes_first() -> None:
    found = srcset.parse("a 1x, b 100w, c 3x, d, e 200w")
    assert [each.url for each in srcset.best_first(found)] == ["e", "b", "c", "a", "d"]


@given(st.text() | st.text(alphabet="a,( )1wxh.\t"))
def test_it_never_raises(text: str) -> None:
    for candidate in srcset.parse(text):
        assert (candidate.url and not candidate.url.endswith(",")) or candidate.url == ""


@pytest.mark.parametrize(
    "text", ["a (" * 60_000, "," * 300_000, "a " * 150_000, "a 1" + "0" * 300_000 + "w"]
)
def test_long_values_take_no_time(text: str) -> None:
    srcset.parse(text)
