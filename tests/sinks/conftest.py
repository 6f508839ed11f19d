"""A server whose answers are scripted."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from support.loopback import Loopback


@pytest.fixture
def server() -> Iterator[Loopback]:
    """A scripted server."""
    with Loopback() as running:
        yield running
