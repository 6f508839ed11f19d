"""A round: one `start_downloads` under way, in the event loop that it was called in."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import closing, suppress
from functools import partial
from itertools import islice

from ...disk.writer import Writer
from ...model.errors import ReelinError, SinkError
from ...net.client import Client
from ...net.network import Network
from ..stopping import cancel, stop
from .fetch import Tools, WrongHash, fetch
from .table import TaskTable
from .task import Task

logger = logging.getLogger(__name__)


class Round:
    """Downloads all that is pending, until nothing is.

    loop:    the event loop that it is in
    ended:   is done when it has cleaned up; for those in other loops, too
    is_over: whether it takes no further tasks
    """

    def __init__(self, table: TaskTable, most: int) -> None:
        self.loop = asyncio.get_running_loop()
        self.ended: Future[None] = Future()
        self.ended.set_running_or_notify_cancel()  # who waits for it cannot cancel it
        self.is_over = False
        self._table = table
        self._most = most
        self._news = asyncio.Event()
        self._changed = asyncio.Event()
        self._working: dict[str, asyncio.Task[None]] = {}

    async def conduct(self, network: Network) -> None:
        """Download until nothing is pending.

        Raises `SinkError` when, at the end, the state file cannot be written.
        """
        slots = asyncio.Semaphore(self._most)
        unsaved: SinkError | None = None
        try:
            async with Client(network) as client:
                limited, writer = client.limited(self._most), Writer(patience=0)
                with closing(Tools(limited, writer, slots, self._is_last)) as tools:
                    await self._download_all(tools)
        finally:
            unsaved = self._end()
        if unsaved is not None:
            raise unsaved

    def wake(self) -> None:
        """Have it look for tasks that are pending, from whatever thread this is."""
        self._call(self._news.set)

    def cancel(self, task_id: str) -> bool:
        """Stop what it does for a task, from whatever thread this is; whether it did anything.

        The lock is held.
        """
        work = self._working.get(task_id)
        if work is not None:
            self._call(partial(cancel, work))
        return work is not None

    def _call(self, function: Callable[[], object]) -> None:
        with suppress(RuntimeError):  # the loop was closed, and the round is over with it
            self.loop.call_soon_threadsafe(function)

    async def _download_all(self, tools: Tools) -> None:
        saving = asyncio.create_task(self._table.saver.follow(self._changed))
        try:
            while self._start_due(tools):
                await self._news.wait()
                self._news.clear()
        finally:
            await stop([saving, *self._working.values()])

    def _is_last(self) -> bool:
        return len(self._working) == 1 and not self._table.pending

    def _start_due(self, tools: Tools) -> bool:
        """Start as many tasks as may be; False when all have ended. No task comes between."""
        with self._table.lock:
            # One that was stopped and resumed may still be on its way out.
            first = tuple(islice(self._table.pending.values(), self._most))
            due = [each for each in first if each.task_id not in self._working]
            starting = due[: self._most - len(self._working)]
            for task in starting:
                self._table.move(task, "downloading")
            if not starting and not self._working:
                self.is_over = True
                return False
        for task in starting:
            self._start(task, tools)
        return True

    def _start(self, task: Task, tools: Tools) -> None:
        self._changed.set()
        work = asyncio.create_task(self._work(task, tools))
        with self._table.lock:
            self._working[task.task_id] = work
            if task.status != "downloading":  # it was stopped just now
                cancel(work)
        work.add_done_callback(partial(self._leave, task))

    async def _work(self, task: Task, tools: Tools) -> None:
        """Download one task, and note how it ended, unless it was stopped meanwhile."""
        try:
            size = await fetch(task, tools)
        except Exception as error:
            self._note_failure(task, error)
        else:
            with self._table.lock:
                task.downloaded_bytes = task.total_bytes = size
                self._table.move(task, "completed")
        self._changed.set()

    def _note_failure(self, task: Task, error: Exception) -> None:
        if not isinstance(error, ReelinError):
            logger.debug("%s failed", task.task_id, exc_info=error)
        with self._table.lock:
            if task.status == "downloading":
                self._table.move(task, "failed")
                ours = isinstance(error, ReelinError)
                task.error = str(error) if ours else f"{type(error).__name__}: {error}"
                task.refused_hash = error.actual if isinstance(error, WrongHash) else None

    def _leave(self, task: Task, _work: asyncio.Task[None]) -> None:
        with self._table.lock:
            del self._working[task.task_id]
            was_removed = task.task_id not in self._table.tasks
        if was_removed:
            self._table.discard(task)
        self._news.set()

    def _end(self) -> SinkError | None:
        """Let the next round begin; return why the state file could not be written.

        What was not brought to an end is pending.
        """
        with self._table.lock:
            if not self.is_over:  # it was cut short
                self.is_over = True
                self._table.move_all("downloading", "pending")
        unsaved = None
        try:
            self._table.saver.save()
        except SinkError as error:
            unsaved = error
        self.ended.set_result(None)
        return unsaved
