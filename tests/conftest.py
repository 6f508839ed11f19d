"""What all tests share: no traffic leaves the machine, and a few servers to talk to."""

from __future__ import annotations

import os
import socket
from collections.abc import AsyncIterator, Iterator
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from support.hostile import HostileServer
from support.packages import forget
from support.site import Site

# Where this is set, each of the many processes that tests start would compile everything anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
# The proxy of whoever runs the tests knows nothing of their servers.
for _name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
    os.environ.pop(_name, None)
    os.environ.pop(_name.upper(), None)

# The same examples in every run, so that a failure is of the change at hand. New ones are looked
# for with HYPOTHESIS_PROFILE=explore.
settings.register_profile("steady", derandomize=True, deadline=None)
settings.register_profile("explore", max_examples=1000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))


@pytest.fixture(scope="session", autouse=True)
def only_loopback() -> Iterator[None]:
    """Every connection to another machine is an error of the test that makes it."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6):
            host = "127.0.0.1" if address[0] == "localhost" else address[0]
            assert ip_address(host).is_loopback, f"a test connects to {address}"
        return connect(self, address)

    socket.socket.connect = guarded  # type: ignore[method-assign]
    yield
    socket.socket.connect = connect  # type: ignore[method-assign]


@pytest.fixture
def hostile() -> Iterator[HostileServer]:
    """A server that answers with whatever bytes a test gives it."""
    with HostileServer() as server:
        yield server


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    """A well-behaved server of pages and files, with validators and ranges."""
    async with Site() as server:
        yield server


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder that modules are imported from; they are forgotten afterwards."""
    folder = tmp_path / "packages"
    folder.mkdir()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.syspath_prepend(str(folder))
    yield folder
    forget(folder)
