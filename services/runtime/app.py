"""What the process of a stage does: it checks what it needs, builds the Faust app, and runs it until it is told to stop."""

import asyncio
import errno
import fcntl
import hashlib
import logging
import os
from pathlib import Path
from typing import IO, Any

import faust
from faust.worker import Worker

from services.runtime import state, topics
from services.runtime.agent import agent
from services.runtime.ending import EXIT_BROKER_AWAY, EXIT_CONFIGURATION, EXIT_DISK, hard_exit
from services.runtime.fetching import App
from services.runtime.health import Health, serve
from services.runtime.kafka import RefusedError, client_options, ssl_context
from services.runtime.logs import configure
from services.runtime.loop import Loop
from services.runtime.metrics import Metrics
from services.runtime.parent import PARENT, RESTARTS, die_with_parent
from services.runtime.settings import Settings, SettingsError, load
from services.runtime.spans import Spans, spans_of
from services.runtime.table import OPTIONS, DurableTable
from services.runtime.topology import DEAD_LETTERS, STAGES, Stage, group, named
from services.runtime.unpacking import Notes, install
from services.runtime.work import PooledWork, StageWork, TableWork

log = logging.getLogger(__name__)

_PASSING = {errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EAGAIN}


def build(
    stage: Stage, settings: Settings, metrics: Metrics, health: Health, datadir: Path, version: str, spans: Spans
) -> tuple[faust.App, Loop]:
    """The Faust app of a stage: one agent, its timer, its table if it has one."""
    app = App(
        group(settings.prefix, stage),
        broker=[f"kafka://{broker}" for broker in settings.bootstrap],
        broker_credentials=_credentials(settings),
        datadir=str(datadir),
        store="rocksdb://" if stage.table else "memory://",
        Table=DurableTable,
        topic_allow_declare=False,  # topics are made in a step of their own, with their sizes and partitions
        topic_disable_leader=True,
        topic_partitions=stage.reads.partitions or settings.partitions,
        topic_replication_factor=settings.replication,
        table_standby_replicas=1 if stage.table else 0,  # without a table it would only unbalance the partitions
        web_enabled=False,  # its health answers 200 before anything works; ours is in health.py
        stream_buffer_maxsize=max(
            64, settings.batch_documents
        ),  # documents are large: the default of 4,096 is 40 MB a channel
        stream_recovery_delay=0.0,
        broker_session_timeout=settings.session_seconds,
        broker_heartbeat_interval=settings.session_seconds / 5,
        broker_rebalance_timeout=max(60.0, settings.session_seconds),
        broker_request_timeout=max(90.0, settings.session_seconds + 10),
        producer_acks=-1,
        producer_linger=0.01,  # twice the throughput of 0, and far under the latency of one model call
        producer_max_batch_size=512 * 1024,
        producer_max_request_size=max(topic.max_bytes for topic in (*stage.writes, *stage.beside, DEAD_LETTERS)),
        producer_request_timeout=60.0,  # the default of 1,200 s would hide a broker that is gone
        consumer_max_fetch_size=4 * 1024 * 1024,
        consumer_metadata_max_age_ms=10_000,  # new partitions are seen so soon; the default is 5 minutes
        worker_redirect_stdouts=False,
    )
    app.read_committed = settings.read_committed
    work: StageWork
    if stage.table:
        table = app.Table(
            stage.table, partitions=stage.reads.partitions, key_type=str, value_type=str, options=dict(OPTIONS)
        )
        work = TableWork(stage, settings.prefix, table, version)
    else:
        work = PooledWork(stage, settings, version)
    notes = Notes(settings.prefix + stage.reads.name)
    install(notes)
    loop = Loop(app, stage, settings, work, metrics, health, configuration_digest(settings), version, notes, spans)
    source = app.topic(
        settings.prefix + stage.reads.name,
        acks=False,  # the ledger commits, not Faust
        key_type=bytes,
        key_serializer="raw",
        value_type=bytes,
        value_serializer="raw",
        allow_empty=True,
    )
    app.agent(source, concurrency=1, name=stage.name)(loop.consume)
    app.task(loop.beat)
    app.task(loop.keep)
    app.task(loop.identify)
    return app, loop


class _Worker(Worker):
    """Faust's worker, but SIGTERM first lets what is under work end."""

    loop_of_stage: Loop
    spans: Spans

    async def _stop_on_signal(self, signal: Any) -> None:
        log.info("%s: finishing the documents that are under work", getattr(signal, "name", signal))
        try:
            await self.loop_of_stage.drain()
        except Exception:
            log.exception("unfinished documents could not be finished; they will be read again")
        await asyncio.to_thread(self.spans.close)
        await super()._stop_on_signal(signal)


def configuration_digest(settings: Settings) -> str:
    """A digest of the settings in force, stages' included; secrets are masked before."""
    stages = {name: value for name, value in sorted(os.environ.items()) if _is_stage_setting(name)}
    return hashlib.sha256(repr((settings.model_dump_json(), stages)).encode()).hexdigest()[:12]


def _is_stage_setting(name: str) -> bool:
    return any(name.startswith(f"STANCEWIRE_{stage.name.upper()}_") for stage in STAGES)


def _credentials(settings: Settings) -> Any:
    context = ssl_context(settings)
    if settings.security_protocol.startswith("SASL"):
        options = client_options(settings)
        return faust.SASLCredentials(
            username=options["sasl_plain_username"],
            password=options["sasl_plain_password"],
            mechanism=settings.sasl_mechanism,
            ssl_context=context,
        )
    return faust.SSLCredentials(context) if context else None


def claim_datadir(settings: Settings, stage: Stage) -> tuple[Path, IO[str]]:
    """The first folder for tables that no other worker on this machine holds; it is held while the file stays open."""
    for number in range(1000):
        folder = settings.data_dir.resolve() / "tables" / f"{settings.prefix}{stage.name}-{number}"
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / "lock").open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            continue
        return folder, lock
    raise SettingsError(f"STANCEWIRE_DATA_DIR: no folder for tables is free in {settings.data_dir}")


def main(name: str) -> None:
    """Run the stage until SIGTERM; exits with a code that tells the supervisor whether to start again."""
    if PARENT in os.environ:
        die_with_parent(int(os.environ[PARENT]))
    stage = named(name)
    try:
        settings = load(Settings)
        configure(settings.log_level, form=settings.log_format, stage=name)
        if settings.log_level != "DEBUG":
            for noisy in ("faust", "mode", "aiokafka"):
                logging.getLogger(noisy).setLevel("WARNING")
            logging.getLogger("kafka").setLevel("CRITICAL")  # what fails there is our own error, in one line
        found = topics.look(settings)
        topics.check(found)
        if os.environ.get(RESTARTS, "0") == "0":  # once at the start is enough
            topics.warn(found, stage)
        declared = agent(stage)
        declared.check()
        spans = spans_of(stage, settings)
        version = declared.basis().version()
        datadir, _lock = claim_datadir(settings, stage)
        state.prepare(settings, stage, datadir)
    except topics.BrokerAwayError as error:
        hard_exit(EXIT_BROKER_AWAY, str(error), trace=False)
    except RefusedError as error:
        restarted = os.environ.get(RESTARTS, "0") != "0"  # what was in order may be so again: the broker's side changed
        hard_exit(EXIT_BROKER_AWAY if restarted else EXIT_CONFIGURATION, str(error), trace=False)
    except topics.TopicsError as error:
        restarted = (
            os.environ.get(RESTARTS, "0") != "0"
        )  # what was in order may be so again: a topic is being made anew
        hard_exit(EXIT_BROKER_AWAY if restarted else EXIT_CONFIGURATION, str(error), trace=False)
    except SettingsError as error:
        hard_exit(EXIT_CONFIGURATION, str(error), trace=False)
    except OSError as error:
        code = EXIT_DISK if error.errno in _PASSING else EXIT_CONFIGURATION
        hard_exit(code, f"STANCEWIRE_DATA_DIR: {error}", trace=False)
    metrics = Metrics(stage, version)
    health = Health(settings.stall_seconds, stuck_seconds=settings.stall_seconds + settings.document_seconds)
    metrics.set_aside(state.set_aside(datadir))
    metrics.ready.set_function(lambda: float(health.ready()[0]))
    metrics.worker_restarts.set(int(os.environ.get(RESTARTS, "0")))
    wanted = settings.http_port and settings.http_port + stage.port
    try:
        port = serve(health, metrics.registry, settings.http_host, wanted)
    except OSError as error:
        taken = f"STANCEWIRE_HTTP_PORT: port {wanted} cannot be served: {error.strerror}"
        hard_exit(EXIT_CONFIGURATION, taken, trace=False)
    log.info("results version %s=%s", name, version)
    log.info("metrics and health on http://%s:%d (/metrics /live /ready)", settings.http_host, port)
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    app, stage_loop = build(stage, settings, metrics, health, datadir, version, spans)
    app.finalize()
    worker = _Worker(app, loop=loop, quiet=True, override_logging=False, redirect_stdouts=False)
    worker.loop_of_stage = stage_loop
    worker.spans = spans
    worker.spinner = None  # it moves the terminal's cursor
    worker.execute_from_commandline()
