"""The extractor on a recorded page; no network is needed."""

from pathlib import Path

from reelin_clips import Clips

from reelin.testing import check, extract

RECORDINGS = Path(__file__).parent.parent / "recordings"
WATCH = "https://clips.example/watch/42"


def test_a_watch_page():
    found = extract(Clips(), WATCH, RECORDINGS)
    assert [item.url for item in found] == ["https://clips.example/media/42.mp4"]
    assert found[0].title == "A cat on a piano"


def test_trailers_on_demand():
    found = extract(Clips(trailers=True), WATCH, RECORDINGS)
    assert [item.url for item in found] == [
        "https://clips.example/media/42.mp4",
        "https://clips.example/media/42-trailer.mp4",
    ]


def test_promises():
    check(Clips(), recordings=RECORDINGS)
