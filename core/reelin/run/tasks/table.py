"""The tasks of a manager, under one lock, since any thread may touch them."""

from __future__ import annotations

from os import PathLike
from pathlib import Path
from threading import RLock

from ...disk.writer import disk_error
from .fetch import count_kept, discard
from .saver import Saver
from .state import StateFile
from .task import Status, Task


class TaskTable:
    """The tasks by their ids, and those of them that are pending.

    lock: held for a moment, around all that is here. Reentrant: a signal handler may come in the
          middle of another call

    Raises `UsageError` for a state file that is damaged, or in use.
    """

    def __init__(self, state: StateFile | None) -> None:
        self.lock = RLock()
        self.tasks: dict[str, Task] = {}
        self.pending: dict[str, Task] = {}
        self.saver = Saver(state, self.lock)
        self._number = 0  # of the last one
        for task in state.load() if state else ():
            self._recall(task)
        if state:
            self._number = state.last_number

    def add(
        self, url: str, path: str | PathLike[str], expected_hash: str | None, algorithm: str
    ) -> Task:
        """Add a pending task; make the folders that lead to its file.

        Raises `UsageError` for what cannot be a task, `SinkError` for folders that cannot be made.
        """
        with self.lock:
            task = Task.new(f"task_{self._number + 1}", url, path, expected_hash, algorithm)
            try:
                Path(task.filepath).parent.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise disk_error(error) from error
            self._number += 1
            self.tasks[task.task_id] = task
            self.move(task, "pending")
            return task

    def take_back(self, task: Task) -> bool:
        """Forget a task that was just added; False when a round is at it already."""
        with self.lock:
            if self.pending.pop(task.task_id, None) is None:
                return False
            del self.tasks[task.task_id]
            self.saver.note_removal(task)
            return True

    def remove(self, task_id: str) -> Task | None:
        """Forget a task, and return it; what is unfinished of it is still here."""
        with self.lock:
            task = self.tasks.pop(task_id, None)
            if task is not None:
                self.pending.pop(task_id, None)
                task.status = "paused"  # for a round that is just about to start it
                self.saver.note_removal(task)
            return task

    def discard(self, task: Task) -> None:
        """Remove what is unfinished of a task that was removed.

        It is left to another task that becomes the same file.
        """
        with self.lock:
            if any(each.filepath == task.filepath for each in self.tasks.values()):
                return
        discard(task)

    def move(self, task: Task, status: Status) -> None:
        """Give a task another status, unless it was removed. The lock is held."""
        if task.task_id not in self.tasks:
            return
        task.status, task.error, task.refused_hash = status, None, None
        self.saver.note(task)
        if status == "pending":
            self.pending[task.task_id] = task
        else:
            self.pending.pop(task.task_id, None)

    def move_all(self, before: Status, after: Status) -> None:
        """Give all tasks of one status another one."""
        with self.lock:
            for task in self.tasks.values():
                if task.status == before:
                    self.move(task, after)

    def _recall(self, task: Task) -> None:
        """Take over a task of an earlier process, which may have died in the middle of it."""
        self.tasks[task.task_id] = task
        if task.status == "downloading":
            task.status = "pending"
        if task.status == "pending":
            self.pending[task.task_id] = task
        if task.status != "completed":
            task.downloaded_bytes = count_kept(task)
