"""The tasks that changed since the state file was written, and when that is done again."""

from __future__ import annotations

import asyncio
from contextlib import AbstractContextManager, suppress
from threading import RLock

from ...model.errors import SinkError
from .state import StateFile
from .task import Task

SAVE_SECONDS = 0.1  # between two writes of the state file for what a run changes


class Saver:
    """Saves the tasks of one manager, from any thread. `lock`: is held where tasks change."""

    def __init__(self, state: StateFile | None, lock: AbstractContextManager[object]) -> None:
        self._state = state
        self._lock = lock
        self._unsaved: dict[str, Task | None] = {}  # None: of one that was removed
        # Held while the file is written, and taken before the other. Reentrant: a signal handler
        # may come in the middle of it.
        self._saving = RLock()
        self._is_saving = False

    def note(self, task: Task) -> None:
        """Note that a task has changed. The lock is held."""
        self._unsaved[task.task_id] = task

    def note_removal(self, task: Task) -> None:
        """Note that a task is none any more. The lock is held."""
        self._unsaved[task.task_id] = None

    def save(self) -> None:
        """Write what changed, unless another thread just did. Raises `SinkError`."""
        if self._state is None:
            return
        with self._saving:
            if self._is_saving:  # by this very thread, which will see what changed just now
                return
            self._is_saving = True
            try:
                while self._unsaved:
                    self._write(self._state)
            finally:
                self._is_saving = False

    async def follow(self, changed: asyncio.Event) -> None:
        """Save what a run changes: the first at once, then all that comes together as one.

        What cannot be saved now is saved later. Goes on until it is cancelled.
        """
        while True:
            await changed.wait()
            changed.clear()
            with suppress(SinkError):
                await asyncio.to_thread(self.save)
            await asyncio.sleep(SAVE_SECONDS)

    def _write(self, state: StateFile) -> None:
        with self._lock:
            unsaved, self._unsaved = self._unsaved, {}
            changes = {key: task.as_record() if task else None for key, task in unsaved.items()}
        try:
            state.save(changes)
        except SinkError:
            with self._lock:
                self._unsaved = unsaved | self._unsaved
            raise
