"""WebVTT as HLS cuts it: any text is read in linear time, and what comes out can be read again."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelin.media.ffmpeg.vtt import WRAP, Cue, join_cues, read_cues

MAP = "X-TIMESTAMP-MAP=MPEGTS:{},LOCAL:{}"
CUE = "00:00:01.000 --> 00:00:02.500 align:start\nHello\nyou\n"


@pytest.mark.parametrize(
    ("ticks", "local", "begin", "at"),
    [
        (900_000, "00:00:00.000", 10.0, 1.0),
        (900_000, "00:00:00.000", 9.5, 1.5),
        (900_000, "00:00:01.000", 10.0, 0.0),
        (0, "00:00:00.000", WRAP - 1, 2.0),
        ((1 << 33) - 90_000, "00:00.000", 1.0, 0.0),
        (0, "00:00.000", 5.0, None),
        (900_000, "00:00:00.000", 11.5, 0.0),
    ],
)
def test_where_a_cue_stands(ticks: int, local: str, begin: float, at: float | None) -> None:
    found = list(read_cues(f"WEBVTT\n{MAP.format(ticks, local)}\n\n{CUE}", begin))
    assert [each.start for each in found] == ([] if at is None else [pytest.approx(at, abs=1e-4)])


def test_files_one_after_another_each_with_its_map() -> None:
    text = f"\ufeffWEBVTT name\n{MAP.format(0, '00:00.000')}\n\n{CUE}\nWEBVTT\n\n{CUE}"
    assert [each.start for each in read_cues(text.replace("\n", "\r\n"), 0.5)] == [0.5, 1.0]


def test_names_of_cues_are_no_notes() -> None:
    text = f"WEBVTT\n\nNOTE\nnothing\n\nNOTES-1\n{CUE}\nSTYLED\n{CUE.replace('Hello', 'Bye')}"
    assert [each.text for each in read_cues(text, 0.0)] == ["Hello\nyou", "Bye\nyou"]


def test_what_is_no_cue_is_left_out() -> None:
    text = "WEBVTT\n\nSTYLE\n::cue {}\n\nNOTE x\n\nname\n00:02.000 --> 00:01.000\nback\n\n00:01.000\n\nx\n"
    assert list(read_cues(text + "\n99:99.000 --> 1\n\n00:01.000 --> 00:02.000\n", 0)) == []


def test_each_cue_once_and_in_order() -> None:
    first, second = Cue(3661.0, 3662.5, "", "a"), Cue(1.0, 2.0, "line:0", "b")
    text = join_cues([first, second, first])
    assert text == (
        "WEBVTT\n\n00:00:01.000 --> 00:00:02.000 line:0\nb\n\n01:01:01.000 --> 01:01:02.500\na\n"
    )
    assert list(read_cues(text, 0)) == [second, first]


@given(
    st.text(alphabet="0123:.-> \n\rWEBVTTXMAP=LOC,MPEGTS\0\ufeff", max_size=300), st.floats(0, WRAP)
)
def test_any_text(text: str, begin: float) -> None:
    found = list(read_cues(f"WEBVTT\n{text}", begin))
    assert len(list(read_cues(join_cues(found), 0))) <= len(found)


@pytest.mark.parametrize(
    "text",
    ["\n" * 1_000_000, "0" * 1_000_000, "-->" * 300_000, "00:01.000 --> " * 70_000, " " * 10**6],
)
def test_linear_time(text: str) -> None:
    start = time.monotonic()
    list(read_cues(f"WEBVTT\n\n{text}", 0))
    assert time.monotonic() - start < 1
