"""A server on loopback, and a manager with a state file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.loopback import Loopback

from reelin import DownloadManager, Network


@pytest.fixture
def server() -> Iterator[Loopback]:
    with Loopback() as loopback:
        yield loopback


@pytest.fixture
def manager(tmp_path: Path) -> DownloadManager:
    return DownloadManager(state_file=tmp_path / "state.json", network=Network(retries=0))
