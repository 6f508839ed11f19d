"""`DownloadManager`: tasks that are added, stopped and continued at any time, from any thread."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from os import PathLike
from pathlib import Path

from ...disk.writer import disk_error
from ...model.errors import SinkError, UsageError
from ...net.network import Network
from .round import Round
from .state import StateFile
from .table import TaskTable
from .task import TaskDetails, TaskProgress, Verification


class DownloadManager:
    """Downloads plain URLs, each to exactly the file that is named for it.

    max_concurrent: downloads at the same time
    state_file:     where the tasks are kept between processes; None: nowhere. One manager at a
                    time uses it.
    network:        see `Network`; None: the usual, with one connection for each download

    A URL is downloaded as it is, whatever it is: a web page is a file, too. A file that is there
    already is replaced when the new one is whole, durable and has the expected hash. Until then
    what is unfinished is in `.reelin` beside it, and the next start continues it if the server
    vouches that it is still the same.

    A task is `pending`, `downloading`, `paused`, `completed` or `failed`. All methods but
    `start_downloads` return at once, and may be called from anywhere: before and during a run,
    from callbacks, coroutines, other threads and signal handlers.

    Raises `UsageError` (a `ValueError`) for what cannot be used, also for a state file that is
    damaged: it is kept aside, and the next manager begins anew.
    """

    def __init__(
        self,
        max_concurrent: int = 3,
        state_file: str | PathLike[str] | None = None,
        *,
        network: Network | None = None,
    ) -> None:
        if max_concurrent < 1:
            raise UsageError(f"max_concurrent must be at least 1, not {max_concurrent}")
        self._most = max_concurrent
        self._network = network or Network(connections=1)
        self._table = TaskTable(StateFile(Path(state_file)) if state_file is not None else None)
        self._round: Round | None = None

    # Tasks

    def add_download(
        self,
        url: str,
        filepath: str | PathLike[str],
        expected_hash: str | None = None,
        hash_algorithm: str = "md5",
    ) -> str:
        """Add a task; its id, such as `task_1`. Makes the folders that lead to `filepath`.

        expected_hash:  in hex; what comes with another one is refused, and so is whatever comes
                        where it is no hash at all
        hash_algorithm: md5, sha1 or sha256

        A run that is under way takes it up. Raises `UsageError`, a `ValueError`, for what cannot
        be a task, and `SinkError` when the folders or the state file cannot be written: then there
        is no task.
        """
        task = self._table.add(url, filepath, expected_hash, hash_algorithm)
        self._wake()
        try:
            self._table.saver.save()
        except SinkError:
            if self._table.take_back(task):
                raise
        return task.task_id

    def stop_download(self, task_id: str) -> bool:
        """Pause a task that is pending or downloading; whether it was. What came of it stays."""
        return self._stop([task_id])

    def stop_all_downloads(self) -> bool:
        """Pause all tasks that are pending or downloading; whether there were any."""
        with self._table.lock:
            everyone = list(self._table.tasks)
        return self._stop(everyone)

    def resume_download(self, task_id: str) -> bool:
        """Make a paused or failed task pending again; whether it was one.

        A run that is under way takes it up, otherwise the next `start_downloads` does.
        """
        with self._table.lock:
            task = self._table.tasks.get(task_id)
            if task is None or task.status not in ("paused", "failed"):
                return False
            self._table.move(task, "pending")
        self._wake()
        self._table.saver.save()
        return True

    def remove_download(self, task_id: str) -> bool:
        """Forget a task, whatever its status; whether there was one.

        One that is being downloaded is stopped first. What is unfinished of it is removed, a file
        that is complete stays. No other task gets its id. Raises `SinkError` when the state file
        cannot be written; the task is gone from this manager nevertheless.
        """
        with self._table.lock:
            task = self._table.remove(task_id)
            if task is None:
                return False
            is_working = self._round is not None and self._round.cancel(task_id)
        if not is_working:  # else the round does it, when the download has stopped
            self._table.discard(task)
        self._table.saver.save()
        return True

    # Progress

    def get_progress(self, task_id: str) -> TaskProgress | None:
        """`task_id, url, status, downloaded_bytes, total_bytes, percentage`; None without a task.

        total_bytes is None while it is unknown; percentage is 0.0 to 100.0.
        """
        task = self._table.tasks.get(task_id)
        return task.as_progress() if task else None

    def get_all_progress(self) -> list[TaskProgress]:
        """Return the progress of all tasks, in the order in which they were added."""
        with self._table.lock:
            return [task.as_progress() for task in self._table.tasks.values()]

    def list_all_tasks(self) -> list[TaskDetails]:
        """Return all tasks in that order: their progress, and `filepath, created_at, error`."""
        with self._table.lock:
            return [task.as_details() for task in self._table.tasks.values()]

    def verify_file(self, task_id: str) -> Verification | None:
        """Hash a task's file again: `task_id, verified, expected_hash, actual_hash, algorithm`.

        None without such a task. `verified` is True only where there is a hash to expect, and the
        file has it; `actual_hash` is None where there is no file. Nothing is changed by it. It
        takes as long as reading the file does. Raises `SinkError` when that cannot be read.
        """
        task = self._table.tasks.get(task_id)
        try:
            return task.verify() if task else None
        except OSError as error:
            raise disk_error(error) from error

    # The run

    async def start_downloads(self) -> None:
        """Download all that is pending or failed; return when all of it has ended.

        Called while another call is at work, also in another thread, it hands its tasks to that
        one and waits for it. When it is cancelled, what was downloading is pending again.

        A task that fails is failed, and no more. Raises `SinkError` when, at the end, the state
        file could not be written.
        """
        self._table.move_all("failed", "pending")
        self._wake()
        while True:
            current, is_new = self._join_round()
            if current is None:
                return
            if is_new:
                await current.conduct(self._network)
            elif current.loop.is_closed():
                raise UsageError(
                    "the event loop of an earlier run was closed while it was at work, and what it"
                    " held is lost to this process; go on in a new one"
                )
            else:
                await asyncio.wrap_future(current.ended)

    def _join_round(self) -> tuple[Round | None, bool]:
        """Return the round that is under way, else a new one, and whether it is new.

        None if nothing is pending.
        """
        with self._table.lock:
            if self._round is not None and not self._round.is_over:
                return self._round, False
            self._round = Round(self._table, self._most) if self._table.pending else None
            return self._round, True

    def _wake(self) -> None:
        """Have the round that is under way take up what is pending."""
        current = self._round
        if current is not None:
            current.wake()

    def _stop(self, task_ids: Iterable[str]) -> bool:
        with self._table.lock:
            tasks = self._table.tasks
            known = [tasks[each] for each in task_ids if each in tasks]
            stopped = [each for each in known if each.status in ("pending", "downloading")]
            for task in stopped:
                self._table.move(task, "paused")
                if self._round is not None:
                    self._round.cancel(task.task_id)
        self._table.saver.save()
        return bool(stopped)
