"""Each test here is run with every ffmpeg of this machine."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.media import programs

from reelin.media.ffmpeg import Ffmpeg


@pytest.fixture(params=programs(), ids=lambda path: Path(path).parent.name)
def ffmpeg(request: pytest.FixtureRequest) -> Ffmpeg:
    return Ffmpeg(request.param)
