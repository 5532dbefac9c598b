"""NLP processes: each document is worked on in a child, so that none can block, crash or hang the loop.

A slot is a ``ProcessPoolExecutor`` of one spawned process. One process a slot, not one executor for all, so that a crash or a
kill takes only the slot's own chunk with it, and a process that hangs can be killed alone. A chunk whose process died or
that took too long is done again document by document, so that the one at fault is found and its neighbours go on.
"""

import asyncio
import concurrent.futures
import contextlib
import functools
import gc
import logging
import multiprocessing
import os
import resource
import signal
from collections.abc import Callable, Sequence
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any, Generic, TypeVar

from schemas import Reason
from services.runtime.logs import configure
from services.runtime.parent import die_with_parent
from services.runtime.records import Failure
from services.runtime.vitals import Vitals, vitals

log = logging.getLogger(__name__)

Job = TypeVar("Job")
Made = TypeVar("Made")
Answer = TypeVar("Answer")

_LOAD_SECONDS = 180
"""Longest start of a process: loading a model from a cold disk took 20 s."""
_TRIES = 2
"""A document that was alone when its process died is tried once more: the death may have been the machine's doing."""


class PoolError(RuntimeError):
    """The processes cannot be started at all."""


class DroppedError(RuntimeError):
    """The work is not wanted any more."""


class _Slot(Generic[Job, Made]):
    """One child process and the way to kill it."""

    def __init__(
        self, setup: Callable[[], Callable[[Sequence[Job]], list[Made]]], memory_mb: int, log: Callable[[], None]
    ) -> None:
        self._setup = setup
        self._memory_mb = memory_mb
        self._log = log
        self._executor: concurrent.futures.ProcessPoolExecutor | None = None
        self._pid = 0
        self.vitals: Vitals | None = None
        self.starting = False
        self.moves = 0
        """Counts up while the child works: steps of waiting in which it used processor time."""

    async def ensure(self) -> None:
        """Have a live process with its model loaded.

        Raises:
            PoolError: it died or hung while it started.
        """
        if self._executor is not None:
            return
        start = functools.partial(_start, self._setup, self._memory_mb, os.getpid(), self._log)
        executor = concurrent.futures.ProcessPoolExecutor(1, multiprocessing.get_context("spawn"), start)
        self.starting = True
        try:
            self._pid = await asyncio.wait_for(asyncio.wrap_future(executor.submit(os.getpid)), _LOAD_SECONDS)
            self.vitals = await asyncio.wait_for(asyncio.wrap_future(executor.submit(vitals)), _LOAD_SECONDS)
        except (BrokenProcessPool, TimeoutError) as error:
            executor.shutdown(wait=False, cancel_futures=True)
            raise PoolError("an NLP process could not start: see its error above") from error
        finally:
            self.starting = False
        self._executor = executor

    async def run(self, jobs: Sequence[Job], seconds: float) -> list[Made]:
        """Work on ``jobs`` in the child.

        Raises:
            BrokenProcessPool: the child died. TimeoutError: it came to a limit of ``_within`` and was killed.
        """
        await self.ensure()
        assert self._executor is not None
        try:
            future: concurrent.futures.Future[tuple[list[Made], Vitals]] = self._executor.submit(_run, jobs)
            results, told = await self._within(asyncio.wrap_future(future), seconds)
            self.vitals = told
            return results
        except (BrokenProcessPool, TimeoutError):
            self.kill()
            raise

    async def _within(self, future: "asyncio.Future[Answer]", seconds: float) -> Answer:
        """Wait for ``future``, on which the child works, for ``seconds`` of the processor time of the child's work.

        What a busy machine gives to others is no document's fault, so the clock does not count. A child that hangs uses no
        processor time: one that used none for ``seconds`` in a row is given up, too; and one that uses a little for ever, as one
        that polls, after ``_CLOCK_TIMES`` as long. The clock is counted in short steps: a process that stood still (stopped, or
        a virtual machine that was moved) would find all of its time-outs over when it wakes.

        Raises:
            TimeoutError: one of the three is over; it says which. What the future raises.
        """
        step = min(seconds, _STEP_SECONDS)
        began = _processor_seconds(self._pid)
        used = clock = still = 0.0
        while True:
            done, _ = await asyncio.wait({future}, timeout=step)
            if done:
                return future.result()
            clock += step
            now = _processor_seconds(self._pid)
            before, used = used, clock if now is None or began is None else now - began
            if used > before:
                still = 0.0
                self.moves += 1
            else:
                still += step
            if used >= seconds:
                why = f"it used {used:.1f} s of processor time"
            elif still >= seconds:
                why = f"it used no processor time for {still:.0f} s"
            elif clock >= seconds * _CLOCK_TIMES:
                why = f"it used {used:.1f} s of processor time in {clock:.0f} s and did not end"
            else:
                continue
            future.cancel()
            raise TimeoutError(why)

    def kill(self) -> None:
        """End the child at once; the next run starts another."""
        if self._executor is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._pid, signal.SIGKILL)
            self._executor.shutdown(wait=False, cancel_futures=True)
            self._executor = None
            self.vitals = None


class Pool(Generic[Job, Made]):
    """As many child processes as asked for; chunks go to whichever is idle, in the order in which they were given.

    Args:
        setup: called once in each child; returns the function that makes one result for each job, in order. Both must pickle.
        processes: children to keep.
        seconds: most processor time for one job; also for a chunk, whose jobs are then given as much each, alone. Where the
            system does not say what a process used (not Linux), seconds of the clock.
        memory_mb: address space of a child.
        log: called first in each child, sets up its log; None: text, warnings and worse. It must pickle.
    """

    def __init__(
        self,
        setup: Callable[[], Callable[[Sequence[Job]], list[Made]]],
        processes: int,
        seconds: float,
        memory_mb: int,
        log: Callable[[], None] | None = None,
    ) -> None:
        log = log or functools.partial(configure, logging.WARNING)
        self._slots = [_Slot[Job, Made](setup, memory_mb, log) for _ in range(processes)]
        self._idle: asyncio.Queue[_Slot[Job, Made]] = asyncio.Queue()
        self._seconds = seconds
        self._drops = 0
        self.restarts = 0
        self.retries = 0
        self._ended = 0

    @property
    def vitals(self) -> list[Vitals | None]:
        """How each child is; None for one that is not alive."""
        return [slot.vitals for slot in self._slots]

    @property
    def done(self) -> int:
        """Counts up as documents are worked on: a chunk or a single document ended, or a child used processor time."""
        return self._ended + sum(slot.moves for slot in self._slots)

    @property
    def starting(self) -> bool:
        """Whether a child is being started, which takes its own time and has a limit of its own."""
        return any(slot.starting for slot in self._slots)

    async def start(self) -> None:
        """Start all children and wait until their models are loaded."""
        await asyncio.gather(*(slot.ensure() for slot in self._slots))
        for slot in self._slots:
            self._idle.put_nowait(slot)

    async def run(self, jobs: Sequence[Job]) -> list[Made | Failure]:
        """One result or failure for each job, in order. The jobs are cut into as many chunks as there are children.

        Raises:
            DroppedError: ``drop`` was called meanwhile.
        """
        drops = self._drops
        size = max(1, min(_CHUNK, -(-len(jobs) // len(self._slots))))
        chunks = [jobs[start : start + size] for start in range(0, len(jobs), size)]
        results = await asyncio.gather(*(self._chunk(chunk, drops) for chunk in chunks))
        if drops != self._drops:
            raise DroppedError
        return [result for chunk in results for result in chunk]

    def drop(self) -> None:
        """Begin nothing more of the jobs that were given: their runs end as soon as the chunks end that children work on now."""
        self._drops += 1

    def stop(self) -> None:
        """End all children."""
        for slot in self._slots:
            slot.kill()

    async def _chunk(self, jobs: Sequence[Job], drops: int) -> list[Made | Failure]:
        slot = await self._idle.get()
        try:
            if drops != self._drops:
                return []
            try:
                results: list[Made | Failure] = list(await slot.run(jobs, self._seconds))
                self._ended += 1
                return results
            except (BrokenProcessPool, TimeoutError) as error:
                self.restarts += 1
                log.warning("%d documents failed together (%r); each is now tried alone", len(jobs), error)
                if len(jobs) == 1 and isinstance(error, TimeoutError):
                    return [self._timed_out(1)]
            self.retries += len(jobs)
            return [await self._alone(slot, job) for job in jobs if drops == self._drops]  # each counts as done
        finally:
            self._idle.put_nowait(slot)

    async def _alone(self, slot: "_Slot[Job, Made]", job: Job) -> Made | Failure:
        try:
            return await self._tried(slot, job)
        finally:
            self._ended += 1

    async def _tried(self, slot: "_Slot[Job, Made]", job: Job) -> Made | Failure:
        for attempt in range(1, _TRIES + 1):
            try:
                return (await slot.run([job], self._seconds))[0]
            except TimeoutError as error:
                self.restarts += 1
                log.warning("an NLP process was killed over one document: %s", error)
                return self._timed_out(attempt)
            except BrokenProcessPool:
                self.restarts += 1
                self.retries += attempt < _TRIES
        return Failure(
            Reason.CRASHED, "BrokenProcessPool", "the NLP process died while it worked on this document", _TRIES
        )

    def _timed_out(self, attempts: int) -> Failure:
        return Failure(Reason.TIMED_OUT, "TimeoutError", f"longer than {self._seconds:g} s of work", attempts)


_STEP_SECONDS = 1.0
"""Of a time-out: a process that stood still loses one such step, not all."""
_CLOCK_TIMES = 20
"""By the clock a document may take so many times its limit of processor time: 2 s of work took 78 s on a very busy machine."""
_CHUNK = 8
"""Most documents of a chunk: small enough that an unlucky child does not hold up its batch, and that what a crash makes us
repeat is little; the cost of passing a chunk over, 0.3 ms, is already lost beside eight documents' work."""

_work: Callable[[Sequence[Any]], list[Any]] | None = None


def _start(
    setup: Callable[[], Callable[[Sequence[Any]], list[Any]]], memory_mb: int, parent: int, log: Callable[[], None]
) -> None:
    """In the child: bound its memory, tie its life to the parent's, load the model."""
    global _work
    die_with_parent(parent)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle: it drains first
    limit = memory_mb * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    log()
    collect_less()
    _work = setup()


def collect_less() -> None:
    """Look for garbage less often than Python does by itself, after 20,000 new objects in place of 700: a document makes some ten
    thousand that live as long as it, and every look at them is for nothing. A tenth less of a stage's own time."""
    gc.set_threshold(20_000, 20, 10)


def _processor_seconds(pid: int) -> float | None:
    """Processor time that a child's work has used, in steps of 10 ms; None where the system does not say (not Linux).

    The work is in the child's first thread. Another one follows a topic's list and uses some time for ever, so that a child that
    hangs would never seem to stand still.
    """
    try:
        fields = Path(f"/proc/{pid}/task/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _run(jobs: Sequence[Any]) -> tuple[list[Any], Vitals]:
    """In the child: work, and say how it is after it."""
    assert _work is not None
    return _work(jobs), vitals()
