"""A server, and films in segments, made once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support import hls
from support.loopback import Loopback

from reelin.media import ffmpeg


@pytest.fixture
def server() -> Iterator[Loopback]:
    """A scripted server."""
    with Loopback() as running:
        yield running


@pytest.fixture(scope="session")
def media(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for films."""
    if ffmpeg.find() is None:
        pytest.skip("there is no ffmpeg")
    return tmp_path_factory.mktemp("films")


@pytest.fixture(scope="session")
def film(media: Path) -> Path:
    """A film with sound."""
    return hls.film(media, "film")


@pytest.fixture(scope="session")
def ts(film: Path) -> hls.Cut:
    """It in MPEG-TS."""
    return hls.cut(film, "ts")


@pytest.fixture(scope="session")
def fmp4(film: Path) -> hls.Cut:
    """It in fragmented MP4."""
    return hls.cut(film, "m4s")
