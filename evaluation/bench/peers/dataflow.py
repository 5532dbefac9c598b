"""``python -m evaluation.bench.peers.dataflow BROKERS SOURCE TARGET``: a dataflow of bytewax, in two processes."""

import multiprocessing
import socket
import sys
import tempfile
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

from bytewax import operators
from bytewax.connectors.kafka import KafkaSink, KafkaSinkMessage, KafkaSource
from bytewax.dataflow import Dataflow
from bytewax.recovery import RecoveryConfig, init_db_dir
from bytewax.run import cli_main

from evaluation.bench.peers.enrich import Enricher

_EPOCH = timedelta(seconds=1)
"""As often it writes down how far it is."""


def run(number: int, brokers: str, source: str, target: str, addresses: list[str], folder: Path) -> None:
    """Enrich for ever, as one process of several. Offsets are in the files of ``folder``, and follow the events."""
    enrich = Enricher()
    flow = Dataflow("peer")
    # Of its usual batches of 1,000 the events would come out together.
    documents = operators.input("documents", flow, KafkaSource([brokers], [source], batch_size=1))
    events = operators.map("enrich", documents, lambda one: KafkaSinkMessage(one.key, enrich(one.value)))
    operators.output("events", events, KafkaSink([brokers], target))
    cli_main(
        flow,
        process_id=number,
        addresses=addresses,
        epoch_interval=_EPOCH,
        recovery_config=RecoveryConfig(folder, timedelta(0)),
    )


def _free_addresses(count: int) -> list[str]:
    with ExitStack() as held:
        ports = [held.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [f"127.0.0.1:{port.getsockname()[1]}" for port in ports]


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        init_db_dir(Path(folder), 2)
        brokers, source, target = sys.argv[1:]
        arguments = (brokers, source, target, _free_addresses(2), Path(folder))
        second = multiprocessing.get_context("spawn").Process(target=run, args=(1, *arguments), daemon=True)
        second.start()
        run(0, *arguments)
