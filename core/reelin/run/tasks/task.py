"""One task of a download manager: a URL, the file it becomes, and how far that is."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from os import PathLike
from pathlib import Path
from types import NoneType
from typing import Any, Literal, Self, TypedDict, get_args

from ...model import urls
from ...model.bad_url import describe_bad_url
from ...model.errors import UsageError

Status = Literal["pending", "downloading", "paused", "completed", "failed"]
STATUSES: tuple[Status, ...] = get_args(Status)
ALGORITHMS = ("md5", "sha1", "sha256")
_SEPARATORS = (os.sep, os.altsep or os.sep)


class TaskProgress(TypedDict):
    """The progress of a task.

    total_bytes: None while it is unknown; percentage: 0.0 to 100.0, and 0.0 while that is unknown
    """

    task_id: str
    url: str
    status: Status
    downloaded_bytes: int
    total_bytes: int | None
    percentage: float


class TaskDetails(TaskProgress):
    """The progress of a task, and what else is known of it.

    created_at: ISO 8601, UTC; error: why it failed, None if it did not
    """

    filepath: str
    created_at: str
    error: str | None


class Verification(TypedDict):
    """The outcome of hashing the file of a task again.

    verified:    the file has the hash that is expected of it; False where none is
    actual_hash: None where there is no file. Of a file that was refused for its hash, that hash.
    """

    task_id: str
    verified: bool
    expected_hash: str | None
    actual_hash: str | None
    algorithm: str


@dataclass(slots=True)
class Task:
    """A URL and the file it becomes. Sizes in bytes; hashes in hex, in lower case.

    url:         as it was given; it may hold a login
    filepath:    absolute
    expected_hash: a text that is no hash is one that nothing has
    refused_hash: what came had this hash instead of the expected one
    """

    task_id: str
    url: str
    filepath: str
    expected_hash: str | None
    algorithm: str
    created_at: str
    status: Status = "pending"
    downloaded_bytes: int = 0
    total_bytes: int | None = None
    error: str | None = None
    refused_hash: str | None = None

    @classmethod
    def new(
        cls,
        task_id: str,
        url: str,
        filepath: str | PathLike[str],
        expected_hash: str | None,
        algorithm: str,
    ) -> Self:
        """Make a task as a program orders it. Raises `UsageError` for what cannot be one."""
        if urls.from_person(url) is None:
            raise UsageError(describe_bad_url(url))
        path = _check_path(filepath)
        name = algorithm.lower()
        if name not in ALGORITHMS:
            raise UsageError(f"{algorithm!r} is no hash that is known; use {', '.join(ALGORITHMS)}")
        if not isinstance(expected_hash, str | NoneType):
            raise UsageError(f"the expected hash is text or None, not {expected_hash!r}")
        wanted = None if expected_hash is None else expected_hash.strip().lower()
        now = datetime.now(UTC).isoformat(timespec="seconds")
        return cls(task_id, url.strip(), path, wanted, name, now)

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Self:
        """Read the task that a state file holds. Raises `ValueError` where it holds none."""
        names = {each.name for each in fields(cls)}
        if not isinstance(record, dict) or record.keys() != names:
            raise ValueError("a task lacks fields, or has others")
        for name, value in record.items():
            if not isinstance(value, _TYPES.get(name, str)) or isinstance(value, bool):
                raise ValueError(f"{name} of a task cannot be {value!r}")
        if not re.fullmatch(r"task_\d{1,18}", record["task_id"]):
            raise ValueError(f"{record['task_id']!r} is no id of a task")
        if record["status"] not in STATUSES or record["algorithm"] not in ALGORITHMS:
            raise ValueError("a task has a status or an algorithm that there is not")
        return cls(**record)

    def describe_expected_hash(self) -> str:
        """Return the hash that is expected; of text that is none, what is wrong with it."""
        length = 2 * make_digest(self.algorithm).digest_size
        if re.fullmatch(f"[0-9a-f]{{{length}}}", self.expected_hash or ""):
            return str(self.expected_hash)
        what = f"which is no {self.algorithm}: that is {length} hexadecimal digits"
        return f"{self.expected_hash!r} ({what})"

    def as_record(self) -> dict[str, Any]:
        """Return what a state file keeps of it."""
        return asdict(self)

    def as_progress(self) -> TaskProgress:
        """Return how far it is."""
        return {
            "task_id": self.task_id,
            "url": urls.without_userinfo(self.url),
            "status": self.status,
            "downloaded_bytes": self.downloaded_bytes,
            "total_bytes": self.total_bytes,
            "percentage": self._percentage,
        }

    def as_details(self) -> TaskDetails:
        """Return how far it is, and what else is known of it."""
        return {
            **self.as_progress(),
            "filepath": self.filepath,
            "created_at": self.created_at,
            "error": self.error,
        }

    def verify(self) -> Verification:
        """Hash the file, and compare. Raises `OSError` for a file that cannot be read."""
        actual = self.refused_hash or self._hash_file()
        return {
            "task_id": self.task_id,
            "verified": actual is not None and actual == self.expected_hash,
            "expected_hash": self.expected_hash,
            "actual_hash": actual,
            "algorithm": self.algorithm,
        }

    @property
    def _percentage(self) -> float:
        if self.status == "completed":
            return 100.0
        if not self.total_bytes:
            return 0.0
        return min(100.0, 100.0 * self.downloaded_bytes / self.total_bytes)

    def _hash_file(self) -> str | None:
        try:
            with Path(self.filepath).open("rb") as file:
                return hashlib.file_digest(file, lambda: make_digest(self.algorithm)).hexdigest()
        except FileNotFoundError:
            return None


_TYPES: dict[str, type | tuple[type, ...]] = {
    "expected_hash": (str, NoneType),
    "downloaded_bytes": int,
    "total_bytes": (int, NoneType),
    "error": (str, NoneType),
    "refused_hash": (str, NoneType),
}


def make_digest(algorithm: str) -> hashlib._Hash:
    """Make a digest; these say whether a file came as it was, not whether somebody forged it."""
    return hashlib.new(algorithm, usedforsecurity=False)


def _check_path(filepath: str | PathLike[str]) -> str:
    """Return the absolute path of a file, there or not. Raises `UsageError` for what is none."""
    path = Path(filepath).absolute()
    try:
        is_folder = stat.S_ISDIR(path.stat().st_mode)
    except (FileNotFoundError, NotADirectoryError):
        is_folder = os.fspath(filepath).endswith(_SEPARATORS)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UsageError(f"{str(path)!r} cannot be a file: {reason}") from None
    if is_folder:
        raise UsageError(f"{path} is a folder; name the file that is to be in it")
    return str(path)
