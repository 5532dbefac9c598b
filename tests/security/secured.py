"""A real Kafka that speaks TLS, with certificates and users made for the test: SASL_SSL with passwords, SSL with certificates."""

import re
import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from kafka import KafkaAdminClient
from kafka.admin import ScramMechanism, UserScramCredentialUpsertion

from deploy import broker

SCRAM, PLAIN, KEY = "scram-pass-4711 \u00e9", "plain-pass-4711", "key-pass-4711"
"""The passwords: of the user ``scram``, of the user ``plain``, of our own key. No output may show them, nor any in base64."""
_PROPERTIES = """
listeners=PLAINTEXT://127.0.0.1:{{port}},CONTROLLER://127.0.0.1:{{controller}},SASL_SSL://127.0.0.1:{sasl},SSL://127.0.0.1:{tls}
advertised.listeners=PLAINTEXT://127.0.0.1:{{port}},SASL_SSL://localhost:{sasl},SSL://localhost:{tls}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SASL_SSL:SASL_SSL,SSL:SSL
inter.broker.listener.name=PLAINTEXT
sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-512
listener.name.sasl_ssl.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required user_plain="{plain}";
listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
ssl.keystore.type=PEM
ssl.keystore.location={folder}/broker.pem
ssl.truststore.type=PEM
ssl.truststore.location={folder}/ca.crt
listener.name.ssl.ssl.client.auth=required
"""


@dataclass(frozen=True)
class Secured:
    """Where the broker listens: without TLS, with passwords, with certificates. ``folder`` has the certificates."""

    folder: Path
    plain: str
    sasl: str
    tls: str


@contextmanager
def secured(folder: Path) -> Iterator[Secured]:
    """The broker, as long as the context lasts. Its certificate is for ``localhost`` and not for 127.0.0.1."""
    make_certificates(folder)
    sasl, tls = _free_ports()
    properties = _PROPERTIES.format(sasl=sasl, tls=tls, plain=PLAIN, folder=folder)
    with broker.running(folder / "broker", properties=properties) as running:
        admin = KafkaAdminClient(bootstrap_servers=running.address)
        user = UserScramCredentialUpsertion("scram", ScramMechanism.SCRAM_SHA_512, SCRAM, iterations=4096)
        assert admin.alter_user_scram_credentials([user]) == {"scram": None}
        admin.close()
        yield Secured(folder, running.address, f"localhost:{sasl}", f"localhost:{tls}")


def make_certificates(folder: Path) -> None:
    """``ca``, ``other`` (another authority), ``broker`` with its key, and ``us`` with a key under a password."""
    for name in ("ca", "other"):
        _openssl(
            folder,
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
            "-days",
            "2",
            "-subj",
            f"/CN={name}",
            "-keyout",
            f"{name}.key",
            "-out",
            f"{name}.crt",
        )
    for name in ("broker", "us"):
        secret = ["-passout", f"pass:{KEY}"] if name == "us" else ["-nodes"]
        (folder / f"{name}.ext").write_text("subjectAltName=DNS:localhost\n")
        _openssl(
            folder,
            "req",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            *secret,
            "-subj",
            f"/CN={name}",
            "-keyout",
            f"{name}.key",
            "-out",
            f"{name}.csr",
        )
        _openssl(
            folder,
            "x509",
            "-req",
            "-days",
            "2",
            "-in",
            f"{name}.csr",
            "-CA",
            "ca.crt",
            "-CAkey",
            "ca.key",
            "-CAcreateserial",
            "-extfile",
            f"{name}.ext",
            "-out",
            f"{name}.crt",
        )
    (folder / "broker.pem").write_text((folder / "broker.key").read_text() + (folder / "broker.crt").read_text())


def _openssl(folder: Path, *arguments: str) -> None:
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)  # noqa: S607 - the system's


def _free_ports() -> list[int]:
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(2)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


def secrets_in(text: str) -> list[str]:
    """The passwords, or what carries them over the wire, that ``text`` shows."""
    carried = [re.escape(one) for one in (SCRAM, PLAIN, KEY, repr(SCRAM)[1:-1], ascii(SCRAM)[1:-1])]
    carried += [re.escape(repr(SCRAM.encode())[2:-1]), r"pass-4711"]
    return [found for one in carried for found in re.findall(one, text)]
