"""What installed plugins may do to a run, and how it goes on."""

from __future__ import annotations

import sys
from itertools import count
from pathlib import Path

import pytest
from support.outcomes import QUICK
from support.packages import forget, install
from support.plugins import claiming
from support.site import Site

from reelin import DiskSink, Session, Warned
from reelin.plugins import modules as installed_module
from reelin.plugins import registry as registry_module
from reelin.plugins.registry import Registry
from reelin.run import finder

NUMBER = count()  # a module that hangs while it is imported holds the lock on its name


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        ({"before": "raise ValueError('oh')"}, "ValueError: oh"),
        ({"before": "sys.exit('bye')"}, "SystemExit: bye"),
        ({"before": "raise KeyboardInterrupt"}, "KeyboardInterrupt"),
        ({"before": "import time; time.sleep(60)"}, "not done within"),
        ({"hook": "raise ValueError('oh')"}, "ValueError: oh"),
        ({"hook": "sys.exit(3)"}, "SystemExit: 3"),
        ({"hook": "import time; time.sleep(60)"}, "not done within"),
        ({"more": "def for_session(self, *settings): sys.exit(3)"}, "SystemExit: 3"),
        ({"more": "def matches(self, url): 'faulty' in url and sys.exit(3)"}, "SystemExit: 3"),
        ({"more": "def matches(self, url): return 'faulty' in url and 1 / 0"}, "ZeroDivisionError"),
        ({"more": "def matches(self, url): import time; time.sleep(60)"}, "not done within"),
        ({"more": "def extract(self, page): sys.exit(3)"}, "SystemExit: 3"),
        ({"more": "def extract(self, page): import time; time.sleep(60)"}, "no result within"),
        ({"more": "async def extract(self, page):\n        sys.exit(3); yield"}, "SystemExit: 3"),
        (
            {
                "more": "async def extract(self, page):\n"
                "        import asyncio; await asyncio.sleep(60); yield"
            },
            "no result within",
        ),
        (
            {
                "more": "async def extract(self, page):\n        import time; time.sleep(60)\n        yield"
            },
            "no result within",
        ),
        (
            {
                "more": "async def extract(self, page):\n"
                "        import asyncio\n"
                "        async def ends(): sys.exit(3)\n"
                "        await asyncio.create_task(ends())\n"
                "        yield"
            },
            "SystemExit: 3",
        ),
    ],
)
async def test_a_faulty_plugin_spoils_no_other_ones_url(
    bad: dict[str, str],
    words: str,
    packages: Path,
    site: Site,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for module, limit in (
        (installed_module, "LOAD"),
        (registry_module, "MATCH"),
        (finder, "EXTRACT"),
    ):
        monkeypatch.setattr(module, f"{limit}_SECONDS", 1.0)
    name = f"faulty{next(NUMBER)}"
    install(packages, name, claiming(name, **bad))
    await told_of_faulty(name, packages, site, tmp_path, words)


@pytest.mark.parametrize("what", ["before", "hook"])
async def test_a_plugin_that_was_well_once_and_is_no_more(
    what: str, packages: Path, site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = {what: "if 'faulty is ill' in sys.argv: sys.exit(3)"}
    name = f"faulty{next(NUMBER)}"
    install(packages, name, claiming(name, **bad))
    assert name in Registry.load().names
    forget(packages)
    monkeypatch.setattr(sys, "argv", ["faulty is ill"])
    await told_of_faulty(name, packages, site, tmp_path, "SystemExit: 3")


async def told_of_faulty(name: str, packages: Path, site: Site, tmp_path: Path, words: str) -> None:
    """Its page is read as any other one, others are theirs, and everybody is told why."""
    install(packages, "good", claiming("good"))
    for path in "/good.mp3", "/general.mp3":
        site.add(path, b"ID3" + b"x" * 100, "audio/mpeg")
    faulty = site.add(f"/{name}", '<audio src="/general.mp3"></audio>')
    good = site.add("/good", "<p>")
    async with Session(network=QUICK) as session:
        async with session.run(faulty, good, sink=DiskSink(tmp_path / "run")) as run:
            events = [event async for event in run]
    assert sorted(each.name for each in run.report.saved) == ["general.mp3", "good.mp3"]
    told = [each.message for each in events if isinstance(each, Warned)]
    assert len(told) == 1 and words in told[0] and name in told[0]
    assert run.report.ok
