"""The pytest plugin that comes with reelin: fixtures around recordings.

Loaded in every pytest run of an environment that has reelin, so it imports nothing heavy.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from ..model.item import Link, MediaItem
    from ..plugins.extractor import Extractor

    Replay = Callable[[Extractor, str], list[MediaItem | Link]]
    Check = Callable[[Extractor], None]


@pytest.fixture
def reelin_replay(request: pytest.FixtureRequest) -> Replay:
    """`reelin_replay(extractor, url)`: what it finds in `recordings/`, beside the test or above."""
    from . import extract

    folder = _find_recordings(request)

    def replay(extractor: Extractor, url: str) -> list[MediaItem | Link]:
        return extract(extractor, url, folder)

    return replay


@pytest.fixture
def reelin_check(request: pytest.FixtureRequest) -> Check:
    """`reelin_check(extractor)`: whether it keeps what all promise, on all its recorded pages."""
    from . import check

    folder = _find_recordings(request)
    return lambda extractor: check(extractor, recordings=folder)


def _find_recordings(request: pytest.FixtureRequest) -> Path:
    """Find the nearest folder `recordings`; where there is none, the one that should be."""
    above = [each / "recordings" for each in Path(str(request.path)).parents]
    return next((each for each in above if each.is_dir()), above[0])
