"""The file in which the tasks of a download manager outlive the process. It is always whole."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from itertools import count
from pathlib import Path
from typing import Any

from ...disk.atomic import remove_drafts, write_whole
from ...model.errors import SinkError, UsageError
from .task import Task

SCHEMA = 1


class StateFile:
    """The file of one manager: `{"schema": 1, "last": 2, "tasks": [...]}`. Its owner can read it.

    last_number: of the last task that there ever was, so that no other one gets its id

    There are logins in it where there are some in the URLs. What somebody else wrote into it since
    is never overwritten.
    """

    def __init__(self, path: Path) -> None:
        self._path = path.absolute()
        self.last_number = 0
        self._is_tidy = False
        self._version: tuple[int, ...] | None = None  # the one that is known here; None: no file
        self._lines: dict[str, str] = {}  # by task; only what changed is encoded anew

    def load(self) -> list[Task]:
        """Read the tasks of earlier processes, none when there is no file.

        Raises `UsageError` for a file that cannot be read; one that is damaged is kept aside.
        """
        try:
            self._version = self._read_version()
            text = self._path.read_bytes()
        except FileNotFoundError:
            return []
        except OSError as error:
            raise UsageError(f"{self._path}: {error.strerror}; name another state file") from None
        try:
            tasks = self._read_tasks(json.loads(text))
        except UsageError:
            raise
        except (ValueError, RecursionError) as error:
            raise UsageError(
                f"{self._path} is no state file that can be read ({error}). It is kept as"
                f" {self._put_aside()}; the next manager begins without tasks"
            ) from None
        self._change({task.task_id: task.as_record() for task in tasks})
        return tasks

    def save(self, changes: Mapping[str, dict[str, Any] | None]) -> None:
        """Write the file anew with these tasks changed or added, or removed where there is None.

        Raises `SinkError` when it cannot be written, or another manager wrote it.
        """
        self._change(changes)
        tasks = ",\n".join(self._lines.values())
        try:
            if self._read_version() not in (None, self._version):
                raise SinkError(
                    f"{self._path}: somebody else wrote it meanwhile, and it is left as it is;"
                    " one manager at a time uses a state file"
                )
            self._path.parent.mkdir(parents=True, exist_ok=True)
            head = f'"schema": {SCHEMA}, "last": {self.last_number}'
            self._write(f'{{{head}, "tasks": [\n{tasks}\n]}}\n'.encode())
            self._version = self._read_version()
        except OSError as error:
            raise SinkError(f"{self._path} cannot be written: {error.strerror}") from error

    def _change(self, changes: Mapping[str, dict[str, Any] | None]) -> None:
        for task_id, record in changes.items():
            self.last_number = max(self.last_number, int(task_id.partition("_")[2]))
            if record is None:
                self._lines.pop(task_id, None)
            else:
                self._lines[task_id] = json.dumps(record)

    def _read_version(self) -> tuple[int, ...] | None:
        try:
            stat = self._path.stat()
        except FileNotFoundError:
            return None
        return stat.st_ino, stat.st_mtime_ns, stat.st_size

    def _read_tasks(self, content: Any) -> list[Task]:
        schema = content.get("schema") if isinstance(content, dict) else None
        if isinstance(schema, int) and schema > SCHEMA:
            raise UsageError(f"{self._path} was written by a newer reelin; it is left as it is")
        if schema != SCHEMA or not isinstance(content.get("tasks"), list):
            raise ValueError("it does not hold tasks")
        last = content.get("last", 0)  # an older file has none
        if not isinstance(last, int) or last < 0:
            raise ValueError(f"the number of the last task cannot be {last!r}")
        self.last_number = last
        tasks = [Task.from_record(record) for record in content["tasks"]]
        if len({task.task_id for task in tasks}) != len(tasks):
            raise ValueError("two tasks have one id")
        return tasks

    def _put_aside(self) -> Path:
        for number in count(1):
            aside = self._path.with_name(f"{self._path.name}.corrupt-{number}")
            if not os.path.lexists(aside):
                break
        self._path.rename(aside)
        return aside

    def _write(self, content: bytes) -> None:
        if not self._is_tidy:
            remove_drafts(self._path)
            self._is_tidy = True
        write_whole(self._path, content)
