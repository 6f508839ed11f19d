"""For authors of extractors: recorded pages, replayed offline, and checks of what all promise.

    from reelin.testing import check, extract

    def test_watch_page():
        found = extract(Clips(), "https://clips.example/watch/42", "recordings/clips")
        assert [item.url for item in found] == ["https://clips.example/media/42.mp4"]

    def test_promises():
        check(Clips(), recordings="recordings/clips")

A recording is made by `reelin record URL FOLDER --plugin clips`.

check:      what all extractors promise
recording:  pages in a folder, how they are made, and how they are replayed
plugin:     the fixtures of pytest
"""

from .check import check
from .recording import extract, record, recorded_page

__all__ = ["check", "extract", "record", "recorded_page"]
