"""docs/json.md says what is printed: no field more, no field less."""

from __future__ import annotations

import json
import re
from dataclasses import fields
from pathlib import Path

from support.hostile import HostileServer, answer
from support.shell import shell

from reelin.model import events
from reelin.model.item import Alternative, MediaItem
from reelin.model.stored import Stored

DOCUMENT = Path(__file__).parents[2].joinpath("docs", "json.md").read_text(encoding="utf-8")
ITEMS, EVENTS = DOCUMENT.split("## `--json` with a run")


def rows(text: str) -> dict[str, str]:
    """The cells behind the first one, for each name in the first cell of a table's rows."""
    return {
        name: rest
        for first, rest in re.findall(r"^\| (`.*?) \|(.*)$", text, re.MULTILINE)
        for name in re.findall(r"`(\w+)`", first)
    }


def names(cls: type) -> set[str]:
    return {each.name for each in fields(cls)} - {"headers"}


def quoted(text: str) -> set[str]:
    return set(re.findall(r"`(\w+)`", text))


def test_every_field_of_an_item_is_documented() -> None:
    documented = rows(ITEMS)
    assert set(documented) == names(MediaItem)
    assert quoted(documented["alternatives"]) == names(Alternative)


def test_every_event_is_documented_with_its_fields() -> None:
    documented = rows(EVENTS)
    kinds = {each.__name__.lower(): each for each in events.Event.__subclasses__()}
    assert set(documented) - {"event"} == set(kinds)
    for name, kind in kinds.items():
        said = quoted(documented[name]) - {"noise", "present"}
        if name == "saved":
            assert names(Stored) <= said
            said -= names(Stored)
        assert said == names(kind) - {"number"}, name


def test_a_run_prints_no_field_that_is_not_documented(
    hostile: HostileServer, tmp_path: Path
) -> None:
    body = (
        b'<a href="/a.mp3">A</a><a href="/gone.ogg">B</a><img src="/t.gif" width=1 height=1>'
        b'<video><source src="/v.mp4" type="video/mp4"><source src="/v.webm"></video>'
    )
    url = hostile.on("/", answer(200, body, content_type="text/html"))
    hostile.on("/a.mp3", answer(200, b"ID3" + b"1" * 99, content_type="audio/mpeg"))
    told = [
        json.loads(line)
        for line in shell(f"$REELIN {url} x --json --type audio", tmp_path).stdout.splitlines()
    ]
    documented, item_fields = rows(EVENTS), set(rows(ITEMS))
    assert {"found", "skipped", "started", "saved", "failed", "finished"} <= {
        each["event"] for each in told
    }
    for each in told:
        assert set(each) <= quoted(documented[each["event"]]) | {"event", "number"}
        assert set(each.get("item", {})) <= item_fields
    explained = [
        json.loads(line)
        for line in shell(f"$REELIN {url} --explain --json", tmp_path).stdout.splitlines()
    ]
    assert {each["fate"] for each in explained} == {"keep", "drop"}
    for each in explained:
        assert set(each) <= item_fields | {"fate", "reason"}
        assert {"url", "type", "extractor"} <= set(each)
