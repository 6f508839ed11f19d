"""Folders on file systems without locks: NFS without its lock service, SMB and FUSE mounts.

One run alone needs no lock: it goes on, and says that it has none.
"""

from __future__ import annotations

import errno
import logging
import os
from pathlib import Path

import pytest
from support.command import Command
from support.files import File, noise
from support.loopback import Loopback
from support.outcomes import fetch
from support.runs import finals
from support.zips import archive, entries

from reelin import DownloadManager, SinkError

WORDS = "no file locks here"
NO_LOCKS = [errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.EINVAL]


@pytest.fixture(params=NO_LOCKS, ids=errno.errorcode.get)
def no_locks(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Have each lock fail as such file systems do; what they say."""
    return break_locks(request.param, monkeypatch)


def break_locks(code: int, monkeypatch: pytest.MonkeyPatch) -> str:
    def fail(descriptor: int, operation: int) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr("fcntl.flock", fail)
    return os.strerror(code)


async def test_a_run_goes_on_with_a_warning(
    no_locks: str, server: Loopback, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    body = noise(3000)
    server.on("/clip.mp4", File(body))
    for _ in range(2):
        caplog.clear()
        report, _ = await fetch(server.page("/clip.mp4"), tmp_path)
        assert report.ok and finals(tmp_path) == {"clip.mp4": body}
        (warning,) = warnings_in(caplog)
        assert WORDS in warning and no_locks in warning and str(tmp_path) in warning
    assert len(server.asked("/clip.mp4")) == 1


async def test_an_archive_is_written_with_a_warning(
    no_locks: str, server: Loopback, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    body = noise(3000)
    server.on("/clip.mp4", File(body))
    await archive(server.page("/clip.mp4"), tmp_path / "a.zip")
    assert entries(tmp_path / "a.zip") == {"clip.mp4": body}
    (warning,) = warnings_in(caplog)
    assert WORDS in warning and str(tmp_path) in warning


async def test_many_tasks_are_warned_of_once(
    no_locks: str, server: Loopback, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    manager = DownloadManager()
    for name in "abcde":
        manager.add_download(server.on(f"/{name}", File(noise(3000))), tmp_path / name)
    await manager.start_downloads()
    assert {each["status"] for each in manager.get_all_progress()} == {"completed"}
    assert len(warnings_in(caplog)) == 1


async def test_another_trouble_with_a_lock_is_told(
    server: Loopback, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = break_locks(errno.EIO, monkeypatch)
    manager = DownloadManager()
    manager.add_download(server.on("/a", File(noise(3000))), tmp_path / "a")
    await manager.start_downloads()
    (task,) = manager.list_all_tasks()
    assert task["status"] == "failed" and said in str(task["error"])


# Nor durable files


def break_sync(code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(descriptor: int) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr("os.fsync", fail)
    monkeypatch.setattr("reelin.disk.writer.SYNC_ALL_FROM", 1000)


@pytest.mark.parametrize(
    "code", [errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOTTY], ids=errno.errorcode.get
)
async def test_files_that_cannot_be_made_durable_are_saved_with_one_warning(
    code: int,
    server: Loopback,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    break_sync(code, monkeypatch)
    bodies = {f"{name}.mp4": noise(size) for name, size in (("a", 3000), ("b", 2_000_000))}
    page = server.page(*(server.on(f"/{name}", File(body)) for name, body in bodies.items()))
    report, _ = await fetch(page, tmp_path)
    assert report.ok and finals(tmp_path) == bodies
    (warning,) = warnings_in(caplog)
    assert os.strerror(code) in warning and "reelin verify" in warning
    report, _ = await fetch(page, tmp_path)
    assert report.ok and report.skipped == 2
    await archive(page, tmp_path / "a.zip")
    assert entries(tmp_path / "a.zip") == bodies


async def test_tasks_are_saved_without(
    server: Loopback, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    break_sync(errno.EINVAL, monkeypatch)
    manager = DownloadManager(state_file=tmp_path / "state")
    manager.add_download(server.on("/a", File(noise(3000))), tmp_path / "a")
    await manager.start_downloads()
    assert [each["status"] for each in manager.list_all_tasks()] == ["completed"]


async def test_a_disk_that_loses_what_was_written_is_told(
    server: Loopback, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    break_sync(errno.EIO, monkeypatch)
    page = server.page(server.on("/a.mp4", File(noise(3000))))
    with pytest.raises(SinkError):  # not even the list of files is safe
        await fetch(page, tmp_path)
    assert finals(tmp_path) == {}


async def test_a_mount_that_numbers_files_anew_each_time(
    server: Loopback, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.path.samestat", lambda one, other: False)
    report, _ = await fetch(server.page(server.on("/a.mp4", File(noise(3000)))), tmp_path)
    assert report.ok


def test_a_person_sees_the_warning(server: Loopback, tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "sitecustomize.py").write_text(
        "import errno, fcntl\n"
        "def fail(descriptor, operation):\n"
        "    raise OSError(errno.ENOLCK, 'No locks available')\n"
        "fcntl.flock = fail\n"
    )
    server.on("/clip.mp4", File(noise(3000)))
    page = server.page("/clip.mp4")
    patched = {"PYTHONPATH": str(tmp_path / "site")}
    ended = Command(page, "run", "-o", tmp_path, home=tmp_path, environment=patched).end()
    assert ended.code == 0 and ended.err.count(WORDS) == 1
    assert list(finals(tmp_path / "run")) == ["clip.mp4"]


def warnings_in(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [each.getMessage() for each in caplog.records if each.levelno == logging.WARNING]
