"""How the settings become the options of each Kafka client, and why a broker that answers will not have us.

Both clients, kafka-python and aiokafka, try for ever or until a time-out where a certificate or a password is wrong, and then say
that no broker answers. So before the first connection (and after a failure, where nothing was to be checked) one of our own is
made, whose error says what does not fit; it becomes one line that names the setting.

Both raise where a header's name is not UTF-8, and then do so again at each try. Whoever imports this has kafka-python read such
names, as ``unpacking`` has aiokafka: what is no UTF-8 becomes escapes.
"""

import asyncio
import contextlib
import logging
import socket
import ssl
from collections.abc import Iterator, Mapping
from typing import Any

from kafka.errors import KafkaError
from kafka.record import memory_records
from kafka.record.default_records import DefaultRecordBatch

from services.runtime.settings import Settings, SettingsError

_KNOCK_SECONDS = 5.0
"""Longest wait for each step of the connection that is made to find a fault: a broker over a slow VPN takes 2 s."""
_ALERT_SECONDS = 1.0
"""With TLS 1.3 a broker refuses a client's certificate after the handshake; its alert follows within a round trip."""


class RefusedError(SettingsError):
    """A broker answers and will not have us; the message names the setting that does not fit."""


class _NoLogins(logging.Filter):
    """Leaves what carries a password out of the log: at DEBUG both clients write each request with all its fields, and
    kafka-python each byte that it sends and receives, and all options of an admin client."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, Mapping):  # the options of an admin client, all of them
            return "sasl_plain_password" not in record.args
        arguments = record.args or ()
        names = [type(argument).__name__ for argument in arguments]
        return not any(name.startswith("Sasl") or name in ("bytes", "bytearray", "memoryview") for name in names)


class _NoSlowness(logging.Filter):
    """Leaves out kafka-python's warning that a step of it took over 0.1 s. On a busy machine that is a third of all lines, and
    nothing is to be done about one: each of our clients has its loop for itself."""

    def filter(self, record: logging.LogRecord) -> bool:
        return "s threshold)" not in str(record.msg)


logging.getLogger("kafka.net.selector").addFilter(_NoSlowness())

for _name in ("kafka.admin.client", "kafka.net.connection", "kafka.protocol.parser", "aiokafka.conn"):
    logging.getLogger(_name).addFilter(_NoLogins())


class Lenient(bytearray):
    """The bytes of a batch, in which every name of a header can be read."""

    def __getitem__(self, key: Any) -> Any:
        found = super().__getitem__(key)
        return Lenient(found) if isinstance(key, slice) else found

    def decode(self, encoding: str = "utf-8", errors: str = "backslashreplace") -> str:
        """As text; what is not UTF-8 as escapes."""
        return super().decode(encoding, errors)


class _Batch(DefaultRecordBatch):  # type: ignore[misc] # kafka-python has no types
    """kafka-python's batch; it is read leniently from the first record on that cannot be read otherwise, which is slower."""

    _buffer: bytearray

    def _read_msg(self) -> Any:
        try:
            return super()._read_msg()
        except UnicodeDecodeError:
            self._buffer = Lenient(self._buffer)
            return super()._read_msg()


memory_records.DefaultRecordBatch = _Batch


def ssl_context(settings: Settings) -> ssl.SSLContext | None:
    """The TLS context, or None where the protocol has no TLS.

    Raises:
        SettingsError: a certificate or key cannot be read.
    """
    if "SSL" not in settings.security_protocol:
        return None
    try:
        context = ssl.create_default_context(cafile=str(settings.ssl_cafile) if settings.ssl_cafile else None)
    except OSError as error:
        raise SettingsError(f"STANCEWIRE_SSL_CAFILE: no certificate can be read from it: {_reason(error)}") from None
    context.check_hostname = settings.ssl_check_hostname
    if settings.ssl_certfile:
        password = settings.ssl_password.get_secret_value() if settings.ssl_password else ""  # None asks the terminal
        try:
            context.load_cert_chain(settings.ssl_certfile, settings.ssl_keyfile, password)
        except OSError as error:
            raise SettingsError(
                "STANCEWIRE_SSL_CERTFILE, _SSL_KEYFILE: they are no certificate with its key, "
                f"or STANCEWIRE_SSL_PASSWORD does not open the key: {_reason(error)}"
            ) from None
    return context


def client_options(settings: Settings) -> dict[str, Any]:
    """Connection options that kafka-python's and aiokafka's clients both take.

    Raises:
        SettingsError: no broker is named and no local one is running, or a certificate cannot be read.
    """
    options: dict[str, Any] = {
        "bootstrap_servers": settings.bootstrap,
        "security_protocol": settings.security_protocol,
        "ssl_context": ssl_context(settings),
    }
    if settings.security_protocol.startswith("SASL"):
        assert settings.sasl_password is not None  # Settings checked it
        options |= {
            "sasl_mechanism": settings.sasl_mechanism,
            "sasl_plain_username": settings.sasl_username,
            "sasl_plain_password": settings.sasl_password.get_secret_value(),
        }
    return options


@contextlib.contextmanager
def admitted(settings: Settings) -> Iterator[None]:
    """Connect to Kafka in this context. Not on an event loop.

    Raises:
        RefusedError: the brokers that answer refuse us; the message names the setting. What is raised inside goes on
            where the brokers are merely away.
    """
    if settings.security_protocol != "PLAINTEXT":
        _knock(settings)
    try:
        yield
    except (KafkaError, OSError):
        if settings.security_protocol == "PLAINTEXT":
            _knock(settings)
        raise


def ask_admission(settings: Settings) -> None:
    """Find out whether the brokers let us in, before a long run; one that is away says nothing. Not on an event loop.

    Raises:
        SettingsError: no broker is named, a certificate cannot be read, or the brokers that answer refuse us.
    """
    client_options(settings)
    with admitted(settings):
        pass


def _knock(settings: Settings) -> None:
    """Raise RefusedError where no broker that answers lets us in; away, or anything else, is not for here to say."""
    refusal: RefusedError | None = None
    for broker in settings.bootstrap:
        host, _, port = broker.rpartition(":")
        try:
            _shake_hands(settings, host.strip("[]"), int(port))
            if asyncio.run(_log_in(settings, host.strip("[]"), int(port))):
                return
            _shake_hands(settings, host.strip("[]"), int(port), _ALERT_SECONDS)
        except RefusedError as error:
            refusal = refusal or RefusedError(f"{error} ({broker})")
        except OSError:
            continue
    if refusal is not None:
        raise refusal


def _shake_hands(settings: Settings, host: str, port: int, wait: float = 0.01) -> None:
    """Agree on TLS where it is wanted, and wait for an alert. Raises RefusedError, and OSError where there is nobody."""
    context = ssl_context(settings)
    with socket.create_connection((host, port), _KNOCK_SECONDS) as plain:
        if context is None:
            return
        try:
            with context.wrap_socket(plain, server_hostname=host) as secured:
                secured.settimeout(wait)
                secured.recv(1)
        except TimeoutError:
            return  # it waits for what we say, as it should
        except ssl.SSLCertVerificationError as error:
            raise _untrusted(error, host) from None
        except ssl.SSLError as error:
            raise _unsecured(settings, error) from None


def _untrusted(error: ssl.SSLCertVerificationError, host: str) -> RefusedError:
    if error.verify_code in _OTHER_NAME:
        return RefusedError(
            f"STANCEWIRE_BROKERS: the broker's certificate is not for {host} "
            "(STANCEWIRE_SSL_CHECK_HOSTNAME=false accepts any name)"
        )
    return RefusedError(f"STANCEWIRE_SSL_CAFILE: the broker's certificate is not trusted by it: {error.verify_message}")


_OTHER_NAME = (62, 64)
"""OpenSSL's X509_V_ERR_HOSTNAME_MISMATCH and X509_V_ERR_IP_ADDRESS_MISMATCH."""


def _unsecured(settings: Settings, error: ssl.SSLError) -> RefusedError:
    reason = (error.reason or "").replace("_", " ").lower()
    if "alert" in reason and ("certificate" in reason or "unknown ca" in reason or "handshake failure" in reason):
        return RefusedError(f"STANCEWIRE_SSL_CERTFILE: our own certificate is missing or not accepted: {reason}")
    return RefusedError(
        f"STANCEWIRE_SECURITY_PROTOCOL: {settings.security_protocol} is set, and TLS cannot be agreed on: {reason}"
    )


async def _log_in(settings: Settings, host: str, port: int) -> bool:
    """Log in and ask something; False where the broker is away. Raises RefusedError."""
    from aiokafka import errors
    from aiokafka.conn import create_conn
    from aiokafka.protocol.metadata import MetadataRequest

    protocol = f"STANCEWIRE_SECURITY_PROTOCOL: {settings.security_protocol} is set"
    options = client_options(settings) | {"request_timeout_ms": round(_KNOCK_SECONDS * 1000)}
    del options["bootstrap_servers"]
    try:
        connection = await create_conn(host, port, **options)
    except errors.UnsupportedSaslMechanismError:
        raise RefusedError(f"STANCEWIRE_SASL_MECHANISM: {settings.sasl_mechanism} is not accepted") from None
    except errors.SaslAuthenticationFailed:
        raise RefusedError("STANCEWIRE_SASL_USERNAME, _SASL_PASSWORD: they are not accepted") from None
    except errors.IllegalSaslStateError:
        raise RefusedError(f"{protocol}, and the broker asks for no log-in") from None
    except (errors.KafkaError, OSError, TimeoutError, ValueError):
        if settings.security_protocol in ("PLAINTEXT", "SASL_PLAINTEXT") and _speaks_tls(host, port):
            raise RefusedError(f"{protocol}, and the broker speaks TLS") from None
        return False
    try:
        await connection.send(MetadataRequest([]))
    except (errors.KafkaError, OSError, TimeoutError):
        raise RefusedError(f"{protocol}, and the broker wants a log-in") from None
    finally:
        connection.close()
    return True


def _speaks_tls(host: str, port: int) -> bool:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # nothing is said over it
    try:
        with socket.create_connection((host, port), _KNOCK_SECONDS) as plain, context.wrap_socket(plain):
            return True
    except OSError as error:
        return isinstance(error, ssl.SSLError) and "ALERT" in (error.reason or "")


def _reason(error: OSError) -> str:
    if isinstance(error, ssl.SSLError):
        return (error.reason or "not in PEM").replace("_", " ").lower()
    return error.strerror or type(error).__name__
