"""NLP processes: results in order, and a document that crashes, hangs or eats memory takes nobody down with it."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence

import pytest

from schemas import Reason
from services.runtime.pool import DroppedError, Pool, PoolError
from services.runtime.records import Failure
from services.runtime.vitals import Vitals, tell


def follow() -> None:
    """What a child's other thread does: it looks for news of a list, again and again."""
    while True:
        sum(range(100_000))
        time.sleep(0.01)


def work(jobs: Sequence[str]) -> list[str]:
    for job in jobs:
        if job == "crash":
            os._exit(3)
        if job == "slow":
            time.sleep(1.5)
        if job == "hang":
            time.sleep(600)
        if job == "hang beside a follower":
            threading.Thread(target=follow, daemon=True).start()
            time.sleep(600)
        if job == "poll":
            while True:
                time.sleep(0.01)
        if job.startswith("burn "):
            until = time.process_time() + float(job.removeprefix("burn "))
            while time.process_time() < until:
                sum(range(10_000))
        if job == "eat":
            bytearray(8 * 1024**3)
    return [f"{job}!" for job in jobs]


def setup() -> Callable[[Sequence[str]], list[str]]:
    return work


def setup_telling() -> Callable[[Sequence[str]], list[str]]:
    done: list[str] = []

    def work_noting(jobs: Sequence[str]) -> list[str]:
        done.extend(jobs)
        return list(jobs)

    tell("m", lambda: {"jobs": len(done)})
    return work_noting


def setup_fails() -> Callable[[Sequence[str]], list[str]]:
    raise RuntimeError("no model")


def run(*jobs: str, processes: int = 2, seconds: float = 3) -> tuple[list[str | Failure], int]:
    async def go() -> tuple[list[str | Failure], int]:
        pool: Pool[str, str] = Pool(setup, processes, seconds, 2048)
        await pool.start()
        try:
            return await pool.run(jobs), pool.restarts
        finally:
            pool.stop()

    return asyncio.run(go())


def test_results_come_in_order_whatever_the_chunks() -> None:
    jobs = [str(number) for number in range(50)]
    assert run(*jobs)[0] == [f"{job}!" for job in jobs]


def test_a_crash_is_pinned_on_its_document_and_its_neighbours_go_on() -> None:
    results, restarts = run("a", "b", "crash", "c", "d", "e")
    assert [result for result in results if isinstance(result, str)] == ["a!", "b!", "c!", "d!", "e!"]
    failure = results[2]
    assert isinstance(failure, Failure)
    assert (failure.reason, failure.attempts) == (Reason.CRASHED, 2)
    assert restarts >= 2


def test_a_document_that_hangs_is_killed_alone() -> None:
    results, _ = run("a", "hang", "b", processes=1)
    assert (results[0], results[2]) == ("a!", "b!")
    assert isinstance(results[1], Failure)
    assert results[1].reason is Reason.TIMED_OUT


def test_a_hang_is_found_though_another_thread_of_the_child_is_busy(caplog: pytest.LogCaptureFixture) -> None:
    (result,), _ = run("hang beside a follower", processes=1)
    assert isinstance(result, Failure)
    assert "used no processor time for 3 s" in caplog.text


def test_a_document_that_takes_more_processor_time_than_it_may_is_killed_alone() -> None:
    results, _ = run("a", "burn 600", "b", processes=1, seconds=1)
    assert (results[0], results[2]) == ("a!", "b!")
    assert isinstance(results[1], Failure)
    assert results[1].reason is Reason.TIMED_OUT


def test_a_document_that_polls_for_ever_is_killed() -> None:
    """It uses some processor time, and never enough to come to its limit."""
    (result,), _ = run("poll", processes=1, seconds=0.4)
    assert isinstance(result, Failure)
    assert result.reason is Reason.TIMED_OUT


def test_a_busy_machine_does_not_shorten_what_a_document_may_take() -> None:
    """The child shares one core with two that are busy, so its second of work takes three by the clock, and may take two."""
    core = {min(os.sched_getaffinity(0))}

    async def go() -> tuple[list[str | Failure], float, int]:
        pool: Pool[str, str] = Pool(setup, 1, 2, 2048)
        await pool.start()
        os.sched_setaffinity(pool._slots[0]._pid, core)
        try:
            began, before = time.monotonic(), pool.done
            results = await pool.run(["burn 1"])
            return results, time.monotonic() - began, pool.done - before
        finally:
            pool.stop()

    busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(2)]
    try:
        for one in busy:
            os.sched_setaffinity(one.pid, core)
        results, took, moved = asyncio.run(go())
    finally:
        for one in busy:
            one.kill()
            one.wait()
    assert results == ["burn 1!"]
    assert took > 2, "the machine was not busy, so this shows nothing"
    assert moved > 1, "a document that is worked on counts as moving: health asks for it"


def test_a_process_that_stood_still_blames_no_document() -> None:
    """It wakes after the time-out, as one that was stopped, or whose machine was moved; its child has the answer, or goes on."""

    async def go() -> list[str | Failure]:
        pool: Pool[str, str] = Pool(setup, 1, 2, 2048)
        await pool.start()
        try:
            running = asyncio.ensure_future(pool.run(["slow"]))
            await asyncio.sleep(0.2)
            time.sleep(4)  # noqa: ASYNC251 - nothing runs, as in a process that is stopped
            return await running
        finally:
            pool.stop()

    assert asyncio.run(go()) == ["slow!"]


def test_what_is_dropped_is_not_begun_and_what_is_begun_ends() -> None:
    async def go() -> list[str | Failure]:
        pool: Pool[str, str] = Pool(setup, 1, 200, 2048)
        await pool.start()
        try:
            first, second = (asyncio.ensure_future(pool.run([job])) for job in ("slow", "hang"))
            await asyncio.sleep(0)  # both are begun, and then the first has the only child: it comes before the second
            await asyncio.sleep(0)
            assert pool._idle.empty()
            pool.drop()
            later = asyncio.ensure_future(pool.run(["a"]))
            for dropped in (first, second):
                with pytest.raises(DroppedError):
                    await dropped
            return await later
        finally:
            pool.stop()

    assert asyncio.run(go()) == ["a!"]


def test_the_memory_of_a_process_is_bounded() -> None:
    async def go() -> list[str]:
        pool: Pool[str, str] = Pool(setup, 1, 10, 1024)
        await pool.start()
        with pytest.raises(MemoryError):
            await pool.run(["eat"])
        try:
            return [str(result) for result in await pool.run(["a"])]
        finally:
            pool.stop()

    assert asyncio.run(go()) == ["a!"]


def test_a_child_says_how_it_is_with_each_chunk() -> None:
    async def go() -> tuple[list[Vitals | None], list[Vitals | None], list[Vitals | None]]:
        pool: Pool[str, str] = Pool(setup_telling, 1, 10, 2048)
        await pool.start()
        try:
            first = pool.vitals
            await pool.run(["a", "b"])
            later = pool.vitals
            pool._slots[0].kill()
            return first, later, pool.vitals
        finally:
            pool.stop()

    (first,), (later,), (dead,) = asyncio.run(go())
    assert first is not None
    assert later is not None
    assert (first.model, first.figures, later.figures) == ("m", {"jobs": 0}, {"jobs": 2})
    assert 0 < later.resident_bytes < later.address_space_bytes
    assert dead is None


def test_a_process_killed_from_outside_is_replaced() -> None:
    async def go() -> list[str | Failure]:
        pool: Pool[str, str] = Pool(setup, 1, 10, 2048)
        starting = asyncio.ensure_future(pool.start())
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert pool.starting
        await starting
        assert not pool.starting
        os.kill(pool._slots[0]._pid, signal.SIGKILL)
        try:
            return await pool.run(["a", "b"])
        finally:
            pool.stop()

    assert asyncio.run(go()) == ["a!", "b!"]


def test_a_model_that_does_not_load_is_an_error_not_a_wait() -> None:
    async def go() -> None:
        await Pool(setup_fails, 1, 10, 2048).start()

    with pytest.raises(PoolError):
        asyncio.run(go())
