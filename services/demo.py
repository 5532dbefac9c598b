"""``stancewire run``: everything at once on one machine, a local broker included. The quickest way to see what it does.

The parts are the ones that production runs; only that they are started together, here, is particular to it.
"""

import contextlib
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from deploy import prometheus
from deploy.broker import LocalBroker, start
from schemas import Event, Status
from services.canary.serve import Canaries
from services.canary.settings import CanarySettings
from services.console.server import serving
from services.console.settings import ConsoleSettings
from services.consumer.follow import Follower
from services.consumer.show import show, show_received
from services.producer.item import Problem
from services.producer.publish import Report, publish
from services.producer.read import read
from services.runtime import topics
from services.runtime.asking import reachable
from services.runtime.settings import Settings, load
from services.runtime.supervisor import Supervisor, free_base, free_port
from services.runtime.topology import STAGES
from services.text.safe import visible

_RATE = 10.0
"""Documents a second: as a stream would bring them, so that the copies come after their originals."""
_READY_SECONDS = 180.0
"""Longest wait for the stages: five seconds where models are in the disk's cache, a minute where they are not."""
_EVENTS_SECONDS = 120.0
"""Longest wait for the next event with ``once``; one takes a tenth of a second."""


class RunError(RuntimeError):
    """The run cannot go on; the message says why and what to do."""


@dataclass
class _Tally:
    """What came of the documents that this run published."""

    origins: frozenset[str]
    events: dict[str, Event] = field(default_factory=dict)

    @property
    def missing(self) -> int:
        return len(self.origins - self.events.keys())


def run(
    settings: Settings, folder: str, once: bool, out: Console, say: Callable[[str], None], stopped: Callable[[], bool]
) -> bool:
    """Start what is needed, publish ``folder``, print each event; until ``stopped``, or with ``once`` until all are there.

    Returns:
        whether each document that could be read has its event, and none was dead-lettered.

    Raises:
        RunError: the folder is missing, the stages did not start, or events stopped coming.
        TopicsError, BrokerError, StageStoppedError: as named.
    """
    if not Path(folder).exists():
        raise RunError(
            f"{folder}: no such file or folder. Name one with your documents: stancewire run PATH "
            "(the stories in seeds/ come with the source code only)"
        )
    broker: LocalBroker | None = None
    if settings.brokers is None:
        broker = start(settings.data_dir / "broker", say=say)
        settings = settings.model_copy(update={"brokers": broker.address})
    say(f"broker: {', '.join(settings.bootstrap)}")
    try:
        topics.create(settings)
        with _page(settings) as address:
            say(f"live page: {address}")
            return _work(settings, folder, once, out, say, stopped)
    finally:
        if broker is not None:
            broker.stop()


@contextmanager
def _page(settings: Settings) -> Iterator[str]:
    """The live page, on its port or the next that is free."""
    page = load(ConsoleSettings)
    if page.port:
        page = page.model_copy(update={"port": free_port(page.host, page.port)})
    with serving(settings, page) as address:
        yield address


def _work(
    settings: Settings, folder: str, once: bool, out: Console, say: Callable[[str], None], stopped: Callable[[], bool]
) -> bool:
    canaries = Canaries(settings, load(CanarySettings))
    port = free_base(settings.http_host, settings.http_port)
    log = settings.data_dir / "worker.log"
    with log.open("ab") as log_to, contextlib.ExitStack() as stack:
        supervisor = Supervisor(STAGES, settings, port, log_to)
        try:
            say(f"starting the stages; their log is {log}")
            taken = [supervisor.port(stage) for stage in STAGES]
            beside = canaries.serve(settings.http_host, free_port(settings.http_host, load(CanarySettings).port, taken))
            if (watching := _start_prometheus(settings, supervisor, beside, say)) is not None:
                stack.callback(watching.stop)
            _await_ready(supervisor, stopped, log)
            canaries.start()
            for stage in STAGES:
                say(f"{stage.name}: http://{settings.http_host}:{supervisor.port(stage)}/metrics /live /ready")
            say(f"canaries: http://{settings.http_host}:{beside}/metrics /live /ready")
            with Follower(settings, start="end", idle=0.5, unique=True) as follower:
                report = publish(read(folder), settings, rate=_RATE) if not stopped() else None
                if report is None:
                    return False
                _tell(report, say)
                return _follow(follower, supervisor, canaries, report, once, out, stopped)
        finally:
            say("stopping: open documents are finished first")
            canaries.stop()
            supervisor.stop()


def _await_ready(supervisor: Supervisor, stopped: Callable[[], bool], log: Path) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    while not supervisor.ready() and not stopped():
        supervisor.check()
        if time.monotonic() > deadline:
            raise RunError(f"the stages were not ready after {_READY_SECONDS:.0f} s; their log says why: {log}")
        time.sleep(0.2)


def _start_prometheus(
    settings: Settings, supervisor: Supervisor, beside: int, say: Callable[[str], None]
) -> prometheus.LocalPrometheus | None:
    """Prometheus, where it is installed. A run goes on without it."""
    if not prometheus.is_installed():
        say("Prometheus is not installed, so metrics are not recorded. On Debian: apt install prometheus")
        return None
    host = reachable(settings.http_host)
    ports = [*(supervisor.port(stage) for stage in STAGES), beside]
    targets = [f"{f'[{host}]' if ':' in host else host}:{port}" for port in ports]
    try:
        running = prometheus.start(settings.data_dir / "prometheus", targets)
    except prometheus.PrometheusError as error:
        say(str(error))
        return None
    say(f"prometheus: {running.address}, alerts: {running.address}/alerts")
    return running


def _tell(report: Report, say: Callable[[str], None]) -> None:
    say(f"published {report.delivered} documents to {report.topic}")
    for problem in report.problems:
        say(f"could not be read: {_explain(problem)}")
    for lost in report.undelivered:
        say(f"not delivered: {lost.origin}: {lost.reason}")


def _explain(problem: Problem) -> str:
    return f"{problem.origin}: {problem.message}"


def _follow(
    follower: Follower,
    supervisor: Supervisor,
    canaries: Canaries,
    report: Report,
    once: bool,
    out: Console,
    stopped: Callable[[], bool],
) -> bool:
    tally = _Tally(frozenset(f"{topic}/{partition}/{offset}" for topic, partition, offset in report.positions))
    last = time.monotonic()
    told = False
    while not stopped():
        supervisor.check()
        for received in follower:
            last = time.monotonic()
            if received.event is None:
                show_received(out, received)
                continue
            show(out, received.event)
            if received.record.origin in tally.origins:
                tally.events[received.record.origin] = received.event
            if stopped():
                break
        if not tally.missing and not told:
            told = True
            while once and canaries.last is None and not stopped() and time.monotonic() - last < _EVENTS_SECONDS:
                time.sleep(0.1)  # their first round began with the documents
            _summary(tally, canaries, report, out)
            if once:
                break
            out.print("[dim]Every document has its event. New events are shown as they come. Ctrl-C ends.[/dim]")
        if once and time.monotonic() - last > _EVENTS_SECONDS:
            raise RunError(
                f"{tally.missing} documents had no event after {_EVENTS_SECONDS:.0f} s; the stages' log says why"
            )
    dead = sum(event.status is Status.DEAD_LETTERED for event in tally.events.values())
    return report.ok and not tally.missing and not dead


def _summary(tally: _Tally, canaries: Canaries, report: Report, out: Console) -> None:
    events = list(tally.events.values())
    table = Table("what", "count", title="summary", title_justify="left")
    table.add_row("documents published", str(report.delivered))
    for status, count in sorted(Counter(event.status.value for event in events).items()):
        table.add_row(f"  {status}", str(count))
    for verdict, count in sorted(Counter(event.duplicate.verdict for event in events if event.duplicate).items()):
        table.add_row(f"verdict {verdict}", str(count))
    placed = [event.story for event in events if event.story]
    table.add_row("stories", f"{len({story.id for story in placed})} of {len(placed)} documents")
    table.add_row("entities", str(sum(len(event.entities) for event in events)))
    for label, count in sorted(Counter(stance.stance for event in events for stance in event.stances).items()):
        table.add_row(f"stances {label}", str(count))
    if canaries.last is not None:
        outcomes = canaries.last.round.outcomes
        table.add_row("canary facts found", f"{sum(one.held is True for one in outcomes)} of {len(outcomes)}")
        for one in outcomes:
            if not one.held:
                table.add_row(Text(f"  {visible(f'{one.fact.kind} ({one.fact.about})')}"), one.word)
    out.print(table)
