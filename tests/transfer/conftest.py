"""Servers for the tests of transfers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from support.loopback import Loopback


@pytest.fixture
def server() -> Iterator[Loopback]:
    """A scripted server."""
    with Loopback() as running:
        yield running


@pytest.fixture
def stranger() -> Iterator[Loopback]:
    """A scripted server of another origin, under another host name."""
    with Loopback("localhost") as running:
        yield running
