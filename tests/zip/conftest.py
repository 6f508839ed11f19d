"""What the tests of ZIPs share: a scripted server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from support.loopback import Loopback


@pytest.fixture
def server() -> Iterator[Loopback]:
    with Loopback() as server:
        yield server
