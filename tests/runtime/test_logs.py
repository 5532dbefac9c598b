"""Lines of JSON in the log: what is in them, what never is, and what they are about."""

import json
import logging
import warnings
from collections.abc import Callable, Iterator
from contextvars import copy_context
from pathlib import Path
from typing import Any

import pytest

from services.cli.settings import _models, _variables
from services.runtime import logs
from services.runtime.logs import about, configure
from services.runtime.records import Record
from services.runtime.records import about as about_record
from services.runtime.settings import FILE, secrets
from services.runtime.topology import UNIQUE

PARENT = b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


Start = Callable[..., None]


@pytest.fixture
def start(monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    """``configure``, as in a process that has no log yet."""

    def begin(*arguments: Any, **named: Any) -> None:
        monkeypatch.setattr(logging.getLogger(), "handlers", [])
        configure(*arguments, **named)

    yield begin
    logging.captureWarnings(False)


@pytest.fixture
def lines(capsys: pytest.CaptureFixture[str]) -> Callable[[], list[Any]]:
    """What was logged as JSON, each line parsed."""
    return lambda: [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_a_line_is_an_object_with_the_time_in_utc(start: Start, lines: Callable[[], list[Any]]) -> None:
    start("INFO", form="json", stage="entities")
    logging.getLogger("services.test").info("%d documents", 3)
    logging.debug("not this")
    (line,) = lines()
    assert line.pop("time").endswith("+00:00")
    assert line == {
        "level": "INFO",
        "logger": "services.test",
        "message": "3 documents",
        "stage": "entities",
    }


def test_an_exception_is_a_string_in_the_same_line(start: Start, lines: Callable[[], list[Any]]) -> None:
    start("INFO", "serve", "json")
    try:
        raise ValueError("of several\nlines")
    except ValueError:
        logging.exception("failed")
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn("a library's", stacklevel=1)
    failed, warned = lines()
    assert failed["exception"].startswith("Traceback")
    assert failed["exception"].endswith("ValueError: of several\nlines")
    assert (failed["message"], failed["process"], failed["level"]) == ("failed", "serve", "ERROR")
    assert "a library's" in warned["message"]


def test_it_says_what_it_is_about_and_forgets_it(start: Start, lines: Callable[[], list[Any]]) -> None:
    start("INFO", form="json")
    record = Record(UNIQUE.name, 0, 1, b"herald-1", b"{}", 0.0, (("traceparent", PARENT),))
    with about_record(record):
        logging.info("a")
        copy_context().run(logging.info, "on a thread of its own")
        with about(document_id="other"):
            logging.info("b")
    with about_record(Record("t-news.documents", 0, 1, b"\xff", None, 0.0)):
        logging.info("c")
    found = [(line.get("document_id"), line.get("trace_id")) for line in lines()]
    trace = PARENT[3:35].decode()
    assert found == [("herald-1", trace), ("herald-1", trace), ("other", trace), (None, None)]


def test_whatever_is_quoted_a_line_stays_a_line_and_a_terminal_obeys_nothing(
    start: Start, capsys: pytest.CaptureFixture[str]
) -> None:
    start("INFO", form="json")
    odd = 'a\n"}\r\x1b[2J\x7f\x9b\u202e\u2028\x00\t\\u0041 \udc80 Ž 🛳'
    with about(document_id=odd):
        logging.info("%s", odd)
    said = capsys.readouterr().err
    (line,) = said.splitlines()
    assert json.loads(line)["message"] == json.loads(line)["document_id"] == odd
    assert not {*said} & {*"\x1b\x7f\x9b\u202e\u2028\x00\r"}
    assert "Ž 🛳" in said


SECRETS = {
    "STANCEWIRE_SASL_PASSWORD": ('a "quoted" \\ pass', ['a "quoted" \\ pass']),
    "STANCEWIRE_SERVE_TOKEN": ("token-number-one,token-number-two", ["token-number-one", "token-number-two"]),
    "STANCEWIRE_WEBHOOK_SECRET": ("whsec_c2VjcmV0", ["whsec_c2VjcmV0"]),
    "STANCEWIRE_WEBHOOK_URL": ("https://alerts.example/T0/hidden", ["https://alerts.example/T0/hidden"]),
    "STANCEWIRE_POSTGRES_URL": ("postgresql://news:p%40ss-77@db/news", ["p%40ss-77", "p@ss-77"]),
    "OTEL_EXPORTER_OTLP_HEADERS": ("api-key=key%20of-us,other=second-key", ["key%20of-us", "key of-us", "second-key"]),
    "OTEL_EXPORTER_OTLP_TRACES_HEADERS": ("x=of-the-traces", ["of-the-traces"]),
}  # fmt: skip


@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize("name", SECRETS)
@pytest.mark.parametrize("in_file", [False, True])
def test_no_secret_is_in_a_line(
    name: str,
    form: logs.Form,
    in_file: bool,
    start: Start,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    written, hidden = SECRETS[name]
    if in_file and name.startswith("OTEL_"):
        pytest.skip("OpenTelemetry reads no files")
    if in_file:
        (tmp_path / "secret").write_text(written)
        monkeypatch.setenv(name + FILE, str(tmp_path / "secret"))
    else:
        monkeypatch.setenv(name, written)
    start("INFO", form=form)
    for one in (written, *hidden):
        with about(document_id=f"of {one}"):
            try:
                raise ValueError(f"cannot connect with {one}, {[one]!r}, {one.encode()!r}")
            except ValueError:
                logging.exception("failed: %s %s", one, {"with": one})
    said = capsys.readouterr().err
    assert "failed: **********" in said
    for one in hidden:
        assert one not in said
        assert json.dumps(one)[1:-1] not in said


@pytest.mark.parametrize(
    "written",
    ["host=db user=news password=of-libpq", "host=db password = 'of-libpq'", "postgresql://db/n?password=of-libpq&a=b"],
)
def test_a_password_in_any_string_of_libpq_is_found(
    written: str, start: Start, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("STANCEWIRE_POSTGRES_URL", written)
    start("INFO", form="json")
    logging.info("refused: of-libpq of host=db")
    assert json.loads(capsys.readouterr().err)["message"] == "refused: ********** of host=db"


def test_every_setting_that_is_a_secret_has_a_name_that_is_masked() -> None:
    named = [variable for model in _models() for variable, name, _ in _variables(model) if name in secrets(model)]
    assert len(named) >= 7
    assert [variable for variable in named if not logs._SECRET.fullmatch(variable)] == []


def test_a_terminal_gets_no_time_and_a_process_its_name(start: Start, capsys: pytest.CaptureFixture[str]) -> None:
    for process, expected in ((logs.TERMINAL, "WARNING: a"), ("sink parquet", " WARNING sink parquet: a")):
        start("INFO", process)
        logging.getLogger(__name__).warning("a")
        assert capsys.readouterr().err.endswith(expected + "\n")
