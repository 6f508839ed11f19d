"""The pytest plugin that comes with reelin: a fixture that replays recordings.

Loaded in every pytest run of an environment that has reelin, so it imports nothing heavy.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from reelin import Extractor, Link, MediaItem

    Replay = Callable[[Extractor, str], list[MediaItem | Link]]


@pytest.fixture
def reelin_replay(request: pytest.FixtureRequest) -> Replay:
    """`reelin_replay(extractor, url)`: what it finds in `recordings/` beside the test file."""
    from reelin.testing import extract

    folder = Path(str(request.path)).parent / "recordings"

    def replay(extractor: Extractor, url: str) -> list[MediaItem | Link]:
        return extract(extractor, url, folder)

    return replay
