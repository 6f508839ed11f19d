"""Tasks that are added: what they are, and what cannot be one."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import cast

import pytest
from support.manager import (
    facts,
)

from reelin import DownloadManager, SinkError


def test_both_arguments_are_optional_and_the_defaults_are_told() -> None:
    signature = inspect.signature(DownloadManager)
    assert signature.parameters["max_concurrent"].default == 3
    assert DownloadManager().list_all_tasks() == []
    assert not inspect.iscoroutinefunction(DownloadManager.add_download)


def test_a_task_as_it_is_added(manager: DownloadManager, tmp_path: Path) -> None:
    target = tmp_path / "a" / "b" / "c.bin"
    assert manager.add_download("http://127.0.0.1/a", str(target)) == "task_1"
    assert manager.add_download("http://127.0.0.1/a", tmp_path / "d") == "task_2"
    assert target.parent.is_dir() and not target.exists()
    progress = manager.get_progress("task_1")
    assert progress == {
        "task_id": "task_1",
        "url": "http://127.0.0.1/a",
        "status": "pending",
        "downloaded_bytes": 0,
        "total_bytes": None,
        "percentage": 0.0,
    }
    assert manager.get_all_progress() == [progress, manager.get_progress("task_2")]
    told = facts(manager, "task_1")
    assert told.pop("created_at").startswith("20")
    assert told == {**progress, "filepath": str(target), "error": None}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"hash_algorithm": "crc32"}, "md5, sha1, sha256"),
        ({"hash_algorithm": "sha512", "expected_hash": "0" * 128}, "md5, sha1, sha256"),
        ({"expected_hash": 12}, "text or None"),
        ({"expected_hash": b"0" * 32}, "text or None"),
        ({"url": "ftp://example.com/a"}, "is not a URL"),
        ({"url": ""}, "is not a URL"),
        ({"filepath": "."}, "is a folder"),
        ({"filepath": "not-there/"}, "is a folder"),
        ({"filepath": "a\0b"}, "cannot be a file"),
        ({"filepath": "x" * 300}, "too long"),
    ],
)
def test_what_cannot_be_a_task_is_a_value_error(
    arguments: dict[str, object], words: str, manager: DownloadManager, tmp_path: Path
) -> None:
    good = {"url": "http://127.0.0.1/a", "filepath": str(tmp_path / "a")}
    with pytest.raises(ValueError, match=words):
        manager.add_download(**cast(dict[str, str], good | arguments))
    assert manager.list_all_tasks() == []


@pytest.mark.parametrize("number", [0, -1])
def test_at_least_one_at_a_time(number: int) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        DownloadManager(max_concurrent=number)


def test_folders_that_cannot_be_made_are_told_at_once(
    manager: DownloadManager, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SinkError, match="file"):
        manager.add_download("http://127.0.0.1/a", tmp_path / "file" / "a")
    assert manager.list_all_tasks() == []


def test_nothing_is_known_of_an_unknown_task(manager: DownloadManager) -> None:
    assert manager.get_progress("task_9") is None
    assert manager.verify_file("task_9") is None
    assert not manager.stop_download("task_9")
    assert not manager.resume_download("task_9")
    assert not manager.stop_all_downloads()
