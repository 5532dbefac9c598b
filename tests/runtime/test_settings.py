"""Settings are checked at the start, and the message names the variable."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.cli.settings import _models
from services.runtime.settings import EnvironmentSettings, Settings, SettingsError, load, secrets


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("BROKERS", "no port"),
        ("BROKERS", "localhost"),
        ("BROKERS", "localhost:port"),
        ("BROKERS", "a:1,,b:2"),
        ("BROKERS", "http://a:9092"),
        ("SECURITY_PROTOCOL", "TLS"),
        ("SSL_CAFILE", "/no/such/file"),
        ("SASL_MECHANISM", "GSSAPI"),
        ("PREFIX", "a b"),
        ("PREFIX", "../x"),
        ("PARTITIONS", "0"),
        ("PARTITIONS", "many"),
        ("PARTITIONS", "1e9"),
        ("REPLICATION", "-1"),
        ("HTTP_PORT", "70000"),
        ("PROCESSES", "-1"),
        ("BATCH_DOCUMENTS", "0"),
        ("BATCH_SECONDS", "5"),
        ("BATCH_SECONDS", "nan"),
        ("BATCHES_IN_FLIGHT", "1000"),
        ("DOCUMENT_SECONDS", "-3"),
        ("PROCESS_MEMORY_MB", "1"),
        ("SESSION_SECONDS", "0.1"),
        ("DEAD_LETTER_RATIO", "2"),
        ("LOG_LEVEL", "LOUD"),
    ],
)
def test_a_wrong_setting_is_named(monkeypatch: pytest.MonkeyPatch, variable: str, value: str) -> None:
    monkeypatch.setenv(f"STANCEWIRE_{variable}", value)
    with pytest.raises(SettingsError, match=f"STANCEWIRE_{variable}: "):
        load(Settings)


def test_sasl_needs_a_name_and_a_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STANCEWIRE_SECURITY_PROTOCOL", "SASL_SSL")
    with pytest.raises(SettingsError, match="STANCEWIRE_SASL_USERNAME"):
        load(Settings)


def test_a_secret_is_in_no_message_and_no_dump(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STANCEWIRE_SASL_PASSWORD", "hunter2")
    monkeypatch.setenv("STANCEWIRE_SASL_MECHANISM", "NONE")
    with pytest.raises(SettingsError) as caught:
        load(Settings)
    assert "hunter2" not in str(caught.value)
    monkeypatch.delenv("STANCEWIRE_SASL_MECHANISM")
    settings = load(Settings)
    assert "hunter2" not in repr(settings) + settings.model_dump_json()


def test_without_a_broker_the_message_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="STANCEWIRE_BROKERS is not set"):
        _ = Settings(data_dir=tmp_path).bootstrap


def test_the_local_brokers_address_is_found(tmp_path: Path) -> None:
    (tmp_path / "broker").mkdir()
    (tmp_path / "broker" / "address").write_text("127.0.0.1:1234")
    assert Settings(data_dir=tmp_path).bootstrap == ["127.0.0.1:1234"]
    assert Settings(data_dir=tmp_path, brokers="a:1, b:2").bootstrap == ["a:1", "b:2"]


@given(st.text(max_size=200))
def test_no_text_in_brokers_passes_that_is_not_host_and_port(text: str) -> None:
    try:
        settings = Settings(brokers=text)
    except ValueError:
        return
    if settings.brokers:
        assert all(one.rpartition(":")[2].isascii() and one.rpartition(":")[2].isdigit() for one in settings.bootstrap)


def test_a_secret_may_be_in_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "password").write_text("of two\nlines\n")
    monkeypatch.setenv("STANCEWIRE_SASL_PASSWORD_FILE", str(tmp_path / "password"))
    settings = load(Settings)
    assert settings.sasl_password is not None
    assert settings.sasl_password.get_secret_value() == "of two\nlines"


@pytest.mark.parametrize(
    ("content", "said"),
    [(None, "cannot be read: No such file or directory"), (b"", "is empty"), (b"\n", "is empty"), (b"\xff", "UTF-8")],
)
def test_a_file_that_holds_no_secret_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: bytes | None, said: str
) -> None:
    path = tmp_path / "password"
    if content is not None:
        path.write_bytes(content)
    monkeypatch.setenv("STANCEWIRE_SSL_PASSWORD_FILE", str(path))
    with pytest.raises(SettingsError, match=f"^STANCEWIRE_SSL_PASSWORD_FILE: .*{said}"):
        load(Settings)


def test_a_secret_and_a_file_are_one_too_many(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "password").write_text("hunter2")
    monkeypatch.setenv("STANCEWIRE_SASL_PASSWORD", "hunter2")
    monkeypatch.setenv("STANCEWIRE_SASL_PASSWORD_FILE", str(tmp_path / "password"))
    with pytest.raises(SettingsError, match="unset one of them") as caught:
        load(Settings)
    assert "hunter2" not in str(caught.value)


def test_every_model_with_a_secret_reads_it_from_a_file() -> None:
    models = [one for one in _models() if secrets(one)]
    assert models
    assert all(issubclass(one, EnvironmentSettings) for one in models)
