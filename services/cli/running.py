"""Commands that run until they are stopped: the whole pipeline, workers, a local broker, the live page."""

import logging
import signal
import time
from typing import Annotated

import typer

from services.cli.terminal import fail, out, stopping, tell, usage
from services.runtime.logs import TERMINAL, configure
from services.runtime.settings import Settings, load

commands = typer.Typer()


@commands.command(epilog="Example:  make run\n\nExample:  stancewire run seeds --once")
def run(
    folder: Annotated[str, typer.Argument(help="A file or folder of documents to publish.")] = "seeds",
    once: Annotated[bool, typer.Option("--once", help="End with a summary when every document has its event.")] = False,
) -> None:
    """Run the whole pipeline on this machine: broker, stages, documents in, events out. Ctrl-C ends all of it."""
    from services import demo

    settings = load(Settings)
    configure(logging.WARNING, TERMINAL, settings.log_format)
    with stopping() as stopped:
        well = demo.run(settings, folder, once, out, lambda text: tell(text, style="dim"), stopped)
    if once and not well:
        raise typer.Exit(1)


@commands.command(epilog="Example:  stancewire worker --stages dedup,entities")
def worker(
    stages: Annotated[
        str | None,
        typer.Option(help="Stages to run, separated by commas. All when not given. dedup includes intake."),
    ] = None,
) -> None:
    """Run stages, each in a process of its own that is restarted when it dies. SIGTERM finishes open work and ends."""
    from services.runtime.supervisor import StageStoppedError, Supervisor
    from services.runtime.topology import select

    settings = load(Settings)
    with usage("--stages"):
        selected = select(stages)
    configure(settings.log_level, "worker", settings.log_format)
    supervisor = Supervisor(selected, settings, settings.http_port)
    with stopping() as stopped:
        try:
            while not stopped():
                supervisor.check()
                time.sleep(0.2)
        except StageStoppedError:
            supervisor.stop()
            raise
        if not supervisor.stop():
            fail(
                "a stage did not end normally. Its open documents will be processed again. If it needs more time to end, "
                "raise STANCEWIRE_DRAIN_SECONDS"
            )


@commands.command()
def broker(
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="Port. A free one when not given.")] = None,
) -> None:
    """Run a local Kafka until Ctrl-C, to try things out and develop. Needs neither Docker nor Java."""
    from deploy import broker as local

    settings = load(Settings)
    with stopping() as stopped:
        running = local.start(settings.data_dir / "broker", port, lambda text: tell(text, style="dim"))
        out.print(f"Kafka is at {running.address}", "" if running.is_ours else "(it was running already)")
        if not running.is_ours:
            return
        try:
            while not stopped():
                if running.has_ended:
                    fail(f"Kafka ended unexpectedly. Read its log: {running.folder / 'broker.log'}")
                time.sleep(0.2)
        finally:
            running.stop()


@commands.command(epilog="Example:  STANCEWIRE_SERVE_TOKEN=... stancewire serve")
def serve() -> None:
    """Take documents by HTTP: POST /documents, answered when Kafka has them. SIGTERM finishes open requests and ends."""
    import asyncio

    from services.runtime.health import serve as serve_health
    from services.runtime.kafka import ask_admission
    from services.serve.server import Service, running
    from services.serve.settings import ServeSettings

    settings, own = load(Settings), load(ServeSettings)
    configure(settings.log_level, "serve", settings.log_format)
    service = Service(settings, own)
    ask_admission(settings)  # said now, where we are not let in; a broker that is away is waited for

    async def main() -> None:
        stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        async with running(service) as address:
            port = serve_health(service, service.metrics.registry, settings.http_host, own.metrics_port)
            out.print(f"documents: POST {address}/documents, described at {address}/openapi.json", soft_wrap=True)
            out.print(f"health: http://{settings.http_host}:{port}/metrics /live /ready", soft_wrap=True)
            await stop.wait()

    asyncio.run(main())


@commands.command(epilog="Example:  STANCEWIRE_CONSOLE_PORT=8080 stancewire console")
def console() -> None:
    """Serve the live page: the stream, each document, and who stands where. Ctrl-C ends."""
    from services.console.server import serving
    from services.console.settings import ConsoleSettings

    settings, page = load(Settings), load(ConsoleSettings)
    configure(settings.log_level, "console", settings.log_format)
    with stopping() as stopped, serving(settings, page) as address:
        out.print(f"live page: {address}", soft_wrap=True)
        while not stopped():
            time.sleep(0.2)
