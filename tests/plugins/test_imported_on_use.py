"""Plugins are imported when they are used, and remembered until then."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from support.packages import forget, install
from support.plugins import claiming, rewrite
from support.site import Site

from reelin import UsageError
from reelin.plugins.registry import Registry
from reelin.plugins.slot import Claim


def test_two_hundred_installed_plugins_are_imported_on_use(packages: Path) -> None:
    for number in range(200):
        install(packages, f"dummy{number:03}", claiming(f"dummy{number:03}"))
    Registry.load()
    forget(packages)
    registry = Registry.load()
    assert len([name for name in registry.names if name.startswith("dummy")]) == 200
    (chosen,) = registry.choose("http://127.0.0.1:80/dummy077")
    assert chosen.name == "dummy077"
    assert [name for name in sys.modules if name.startswith("dummy")] == ["dummy077"]


def test_a_changed_module_is_asked_again(packages: Path) -> None:
    install(packages, "moves", claiming("before"))
    assert "before" in Registry.load().names
    forget(packages)
    rewrite(packages / "moves.py", claiming("afterwards"))
    assert "afterwards" in Registry.load().names


def test_what_a_module_offers_by_the_day_is_found_out_when_it_is_used(packages: Path) -> None:
    source = claiming("kept").replace('name = "kept"', "name = sys.kept_name")
    sys.kept_name = "monday"  # type: ignore[attr-defined]
    install(packages, "weekdays", source)
    assert "monday" in Registry.load().names
    forget(packages)
    sys.kept_name = "tuesday"  # type: ignore[attr-defined]
    registry = Registry.load()
    with pytest.raises(UsageError, match="there is no plugin 'monday'"):
        registry.extractor("monday")
    assert "tuesday" in Registry.load().names


@pytest.mark.parametrize("text", ["", "[]", "{", '{"version": 1}', '{"modules": [], "version": "'])
def test_a_memory_that_is_damaged_is_as_none(packages: Path, text: str) -> None:
    install(packages, "recalled", claiming("recalled"))
    Registry.load()
    (memory,) = (packages.parent / "cache").rglob("plugins.json")
    memory.write_text(text)
    assert "recalled" in Registry.load().names
    assert "recalled" in json.loads(memory.read_text())["modules"].popitem()[0]


def test_without_a_cache_folder_all_is_imported(packages: Path) -> None:
    (packages.parent / "cache").write_text("no folder")
    install(packages, "homeless", claiming("homeless"))
    assert "homeless" in Registry.load().extractors


def test_what_is_known_of_the_built_in_ones_is_true() -> None:
    registry = Registry.load()
    known = {name: registry._index.slots["extractor", name].claim for name in registry.names}
    assert {each.name: Claim.of(each) for each in registry.extractors.values()} == known
    built_in = ("disk", "objects", "stdout", "zip")
    assert {name: each.name for name, each in registry.sinks.items()} == {
        name: name for name in built_in
    }


def test_a_site_that_yt_dlp_knows_is_whose_pattern_claims_it() -> None:
    script = (
        "import sys; from reelin import Extractor; from reelin.plugins.registry import Registry\n"
        "class Films(Extractor):\n"
        "    'Films.'\n"
        "    name = 'films'; pattern = r'https://vimeo\\.com/7'\n"
        "    examples = ['https://vimeo.com/7']\n"
        "    def extract(self, page): yield from ()\n"
        "registry = Registry.load(extractors=[Films()])\n"
        "names = lambda url: [each.name for each in registry.choose(url)]\n"
        "print(names('https://vimeo.com/7'), 'yt_dlp' in sys.modules)\n"
        "print(names('https://vimeo.com/8'))\n"
        "from reelin.testing import check; check(Films())"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.stdout.splitlines() == ["['films'] False", "['ytdlp']"], done.stderr


def test_one_plugin_asked_for_is_the_one_that_is_imported(site: Site, tmp_path: Path) -> None:
    script = (
        "import sys; from reelin import Session\n"
        "Session()._registry.choose('http://x.example/', 'direct')\n"
        "print([m for m in sys.modules if m.startswith('reelin.extractors.')])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.stdout.strip() == "['reelin.extractors.direct']"
