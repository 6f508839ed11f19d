"""Files that have the hash that was expected, another one, or none."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from support.files import MIB, File
from support.loopback import Loopback, reply
from support.manager import (
    BODY,
    facts,
    halfway,
    status,
    stopped_halfway,
)

from reelin import DownloadManager


@pytest.mark.parametrize("algorithm", ["md5", "SHA1", "Sha256"])
async def test_a_file_with_the_expected_hash(
    algorithm: str, manager: DownloadManager, server: Loopback, tmp_path: Path
) -> None:
    wanted = hashlib.new(algorithm, BODY).hexdigest()
    file = File(BODY)
    task_id = manager.add_download(
        server.on("/a", halfway(file), file), tmp_path / "a", wanted.upper(), algorithm
    )
    await stopped_halfway(manager, task_id, MIB)
    assert manager.verify_file(task_id) == {
        "task_id": task_id,
        "verified": False,
        "expected_hash": wanted,
        "actual_hash": None,
        "algorithm": algorithm.lower(),
    }
    manager.resume_download(task_id)
    await manager.start_downloads()
    verified = manager.verify_file(task_id)
    assert verified is not None
    assert verified["verified"] is True and verified["actual_hash"] == wanted
    (tmp_path / "a").write_bytes(b"changed")
    verified = manager.verify_file(task_id)
    assert verified is not None
    assert verified["verified"] is False
    assert verified["actual_hash"] == hashlib.new(algorithm, b"changed").hexdigest()
    assert status(manager, task_id) == "completed"


@pytest.mark.parametrize("algorithm", ["md5", "sha1", "sha256"])
async def test_a_file_with_another_hash_is_refused(
    algorithm: str, manager: DownloadManager, server: Loopback, tmp_path: Path
) -> None:
    wanted, actual = (hashlib.new(algorithm, each).hexdigest() for each in (BODY, b"wrong"))
    url = server.on("/a", reply(200, b"wrong"), File(BODY))
    (tmp_path / "a").write_bytes(b"old")
    task_id = manager.add_download(url, tmp_path / "a", wanted, algorithm)
    await manager.start_downloads()
    told = facts(manager, task_id)
    assert told["status"] == "failed" and wanted in told["error"] and actual in told["error"]
    assert (tmp_path / "a").read_bytes() == b"old"
    assert not (tmp_path / ".reelin").exists()
    verified = manager.verify_file(task_id)
    assert verified is not None
    assert (verified["verified"], verified["actual_hash"]) == (False, actual)
    again = DownloadManager(state_file=tmp_path / "state.json")
    assert again.verify_file(task_id) == verified and facts(again, task_id) == told
    await again.start_downloads()
    assert (tmp_path / "a").read_bytes() == BODY and status(again, task_id) == "completed"


async def test_without_an_expectation_the_hash_is_told(
    manager: DownloadManager, server: Loopback, tmp_path: Path
) -> None:
    url = server.on("/a", reply(200, b"good"))
    task_id = manager.add_download(url, tmp_path / "a", hash_algorithm="sha1")
    await manager.start_downloads()
    assert manager.verify_file(task_id) == {
        "task_id": task_id,
        "verified": False,
        "expected_hash": None,
        "actual_hash": hashlib.sha1(b"good").hexdigest(),
        "algorithm": "sha1",
    }


@pytest.mark.parametrize(
    ("algorithm", "expected", "words"),
    [
        ("md5", "abc123", "32 hexadecimal"),
        ("md5", "", "32 hexadecimal"),
        ("md5", "0" * 31, "32 hexadecimal"),
        ("sha1", "0" * 32, "40 hexadecimal"),
        ("sha256", "HASH", "64 hexadecimal"),
        ("sha256", "g" * 64, "64 hexadecimal"),
        ("sha256", "sha256:" + "0" * 64, "64 hexadecimal"),
        ("md5", "é\x00\n", "32 hexadecimal"),
    ],
)
async def test_what_is_no_hash_is_the_hash_of_nothing(
    algorithm: str,
    expected: str,
    words: str,
    manager: DownloadManager,
    server: Loopback,
    tmp_path: Path,
) -> None:
    url = server.on("/a", reply(200, b"good"))
    task_id = manager.add_download(url, tmp_path / "a", expected, algorithm)
    await manager.start_downloads()
    told = facts(manager, task_id)
    assert told["status"] == "failed" and words in told["error"]
    actual = hashlib.new(algorithm, b"good").hexdigest()
    again = DownloadManager(state_file=tmp_path / "state.json")
    for each in (manager, again):
        verified = each.verify_file(task_id)
        assert verified is not None
        assert verified["expected_hash"] == expected.strip().lower()
        assert (verified["verified"], verified["actual_hash"]) == (False, actual)
    assert not (tmp_path / "a").exists()
