"""`DownloadManager`: tasks that are added, stopped and continued at any time, from any thread."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from contextlib import closing, suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from os import PathLike
from pathlib import Path
from threading import RLock

from ...disk.writer import Writer, disk_error
from ...model.errors import ReelinError, SinkError, UsageError
from ...net.client import Client
from ...net.network import Network
from ..stopping import cancel, stop
from .fetch import Tools, WrongHash, fetch, kept
from .saver import Saver
from .state import StateFile
from .task import Status, Task, TaskFacts, TaskProgress, Verification

logger = logging.getLogger(__name__)


@dataclass(eq=False)
class _Run:
    """One `start_downloads` under way, in its loop. `ended`: for those in other loops, too."""

    loop: asyncio.AbstractEventLoop
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    working: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    ended: Future[None] = field(default_factory=Future)
    unsaved: SinkError | None = None


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
        # Held for a moment, around all that is below. Reentrant: a signal handler may come in the
        # middle of another call.
        self._lock = RLock()
        self._tasks: dict[str, Task] = {}
        self._number = 0  # of the last one
        self._pending: dict[str, Task] = {}
        self._run: _Run | None = None
        state = StateFile(Path(state_file)) if state_file is not None else None
        self._saver = Saver(state, self._lock)
        for task in state.load() if state else ():
            self._recall(task)

    # Tasks

    def add_download(
        self,
        url: str,
        filepath: str | PathLike[str],
        expected_hash: str | None = None,
        hash_algorithm: str = "md5",
    ) -> str:
        """Add a task; its id, such as `task_1`. Makes the folders that lead to `filepath`.

        expected_hash:  in hex; what comes with another one is refused
        hash_algorithm: md5, sha1 or sha256

        A run that is under way takes it up. Raises `UsageError`, a `ValueError`, for what cannot
        be a task, and `SinkError` when the folders or the state file cannot be written: then there
        is no task.
        """
        with self._lock:
            task = Task.new(
                f"task_{self._number + 1}", url, filepath, expected_hash, hash_algorithm
            )
            try:
                Path(task.filepath).parent.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise disk_error(error) from error
            self._number += 1
            self._tasks[task.task_id] = task
            self._move(task, "pending")
        try:
            self._saver.save()
        except SinkError:
            if self._take_back(task):
                raise
        return task.task_id

    def stop_download(self, task_id: str) -> bool:
        """Pause a task that is pending or downloading; whether it was. What came of it stays."""
        return self._stop([task_id])

    def stop_all_downloads(self) -> bool:
        """Pause all tasks that are pending or downloading; whether there were any."""
        with self._lock:
            everyone = list(self._tasks)
        return self._stop(everyone)

    def resume_download(self, task_id: str) -> bool:
        """Make a paused or failed task pending again; whether it was one.

        A run that is under way takes it up, otherwise the next `start_downloads` does.
        """
        with self._lock:
            task = self._tasks.get(task_id)
            if task is None or task.status not in ("paused", "failed"):
                return False
            self._move(task, "pending")
        self._saver.save()
        return True

    # What is told

    def get_progress(self, task_id: str) -> TaskProgress | None:
        """`task_id, url, status, downloaded_bytes, total_bytes, percentage`; None without a task.

        total_bytes is None while it is unknown; percentage is 0.0 to 100.0.
        """
        task = self._tasks.get(task_id)
        return task.progress() if task else None

    def get_all_progress(self) -> list[TaskProgress]:
        """The same of all tasks, in the order in which they were added."""
        with self._lock:
            return [task.progress() for task in self._tasks.values()]

    def list_all_tasks(self) -> list[TaskFacts]:
        """All tasks in that order: their progress, and `filepath, created_at, error`."""
        with self._lock:
            return [task.facts() for task in self._tasks.values()]

    def verify_file(self, task_id: str) -> Verification | None:
        """Hash a task's file again: `task_id, verified, expected_hash, actual_hash, algorithm`.

        None without such a task. `verified` is True only where there is a hash to expect, and the
        file has it; `actual_hash` is None where there is no file. Nothing is changed by it. It
        takes as long as reading the file does. Raises `SinkError` when that cannot be read.
        """
        task = self._tasks.get(task_id)
        try:
            return task.verification() if task else None
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
        with self._lock:
            for task in self._tasks.values():
                if task.status == "failed":
                    self._move(task, "pending")
        while True:
            with self._lock:
                other = self._run
                if other is None:
                    if not self._pending:
                        return
                    run = self._run = _Run(asyncio.get_running_loop())
                    run.ended.set_running_or_notify_cancel()  # who waits for it cannot cancel it
            if other is None:
                await self._conduct(run)
            elif other.loop.is_closed():
                raise UsageError(
                    "the event loop of an earlier run was closed while it was at work, and what it"
                    " held is lost to this process; go on in a new one"
                )
            else:
                await asyncio.wrap_future(other.ended)

    async def _conduct(self, run: _Run) -> None:
        slots = asyncio.Semaphore(self._most)
        try:
            async with Client(self._network) as client:
                is_last = partial(self._is_last, run)
                with closing(Tools(client, Writer(patience=0), slots, is_last)) as tools:
                    saving = asyncio.create_task(self._saver.follow(run.changed))
                    try:
                        while self._start_due(run, tools):
                            await run.wake.wait()
                            run.wake.clear()
                    finally:
                        await stop([saving, *run.working.values()])
        finally:
            self._end(run)
        if run.unsaved is not None:
            raise run.unsaved

    def _is_last(self, run: _Run) -> bool:
        return len(run.working) == 1 and not self._pending

    def _start_due(self, run: _Run, tools: Tools) -> bool:
        """Start as many tasks as may be; False when all have ended. No task comes between."""
        with self._lock:
            # One that was stopped and resumed may still be on its way out.
            first = tuple(islice(self._pending.values(), self._most))
            due = [each for each in first if each.task_id not in run.working]
            starting = due[: self._most - len(run.working)]
            for task in starting:
                self._move(task, "downloading")
            if not starting and not run.working:
                self._run = None
                return False
        for task in starting:
            self._start(run, task, tools)
        return True

    def _start(self, run: _Run, task: Task, tools: Tools) -> None:
        run.changed.set()
        work = asyncio.create_task(self._work(run, task, tools))
        with self._lock:
            run.working[task.task_id] = work
            if task.status != "downloading":  # it was stopped just now
                cancel(work)
        work.add_done_callback(partial(self._left, run, task.task_id))

    async def _work(self, run: _Run, task: Task, tools: Tools) -> None:
        """Download one task, and note how it ended, unless it was stopped meanwhile."""
        try:
            size = await fetch(task, tools)
        except Exception as error:
            self._failed(task, error)
        else:
            with self._lock:
                task.downloaded_bytes = task.total_bytes = size
                self._move(task, "completed")
        run.changed.set()

    def _failed(self, task: Task, error: Exception) -> None:
        if not isinstance(error, ReelinError):
            logger.debug("%s failed", task.task_id, exc_info=error)
        with self._lock:
            if task.status == "downloading":
                self._move(task, "failed")
                ours = isinstance(error, ReelinError)
                task.error = str(error) if ours else f"{type(error).__name__}: {error}"
                task.refused_hash = error.actual if isinstance(error, WrongHash) else None

    def _left(self, run: _Run, task_id: str, _work: asyncio.Task[None]) -> None:
        with self._lock:
            del run.working[task_id]
        run.wake.set()

    def _end(self, run: _Run) -> None:
        """Let the next run begin. What this one did not bring to an end is pending."""
        with self._lock:
            if self._run is run:  # it was cut short
                self._run = None
                for task in self._tasks.values():
                    if task.status == "downloading":
                        self._move(task, "pending")
        try:
            self._saver.save()
            run.unsaved = None
        except SinkError as error:
            run.unsaved = error
        run.ended.set_result(None)

    # Small things

    def _recall(self, task: Task) -> None:
        """Take over a task of an earlier process, which may have died in the middle of it."""
        self._tasks[task.task_id] = task
        self._number = max(self._number, int(task.task_id.partition("_")[2]))
        if task.status == "downloading":
            task.status = "pending"
        if task.status == "pending":
            self._pending[task.task_id] = task
        if task.status != "completed":
            task.downloaded_bytes = kept(task)

    def _take_back(self, task: Task) -> bool:
        """Forget a task that was just added; False when a run is at it already."""
        with self._lock:
            if self._pending.pop(task.task_id, None) is None:
                return False
            del self._tasks[task.task_id]
            self._saver.forget(task)
            return True

    def _stop(self, task_ids: Iterable[str]) -> bool:
        with self._lock:
            known = [self._tasks[each] for each in task_ids if each in self._tasks]
            stopped = [each for each in known if each.status in ("pending", "downloading")]
            for task in stopped:
                self._move(task, "paused")
                work = self._run.working.get(task.task_id) if self._run else None
                if work is not None:
                    self._call(partial(cancel, work))
        self._saver.save()
        return bool(stopped)

    def _move(self, task: Task, status: Status) -> None:
        """Give a task another status. The lock is held."""
        task.status, task.error, task.refused_hash = status, None, None
        self._saver.note(task)
        if status == "pending":
            self._pending[task.task_id] = task
            if self._run is not None:
                self._call(self._run.wake.set)
        else:
            self._pending.pop(task.task_id, None)

    def _call(self, function: Callable[[], object]) -> None:
        """Have the loop of the run do something, from whatever thread this is."""
        assert self._run is not None
        with suppress(RuntimeError):  # the loop was closed, and the run is over with it
            self._run.loop.call_soon_threadsafe(function)
