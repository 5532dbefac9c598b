"""Each bound on what comes in, at the bound and past it; what is not bounded elsewhere in the tests."""

import contextlib
import gzip
import http.client
import json
import logging
import socket
import time
from dataclasses import replace
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from schemas import Work
from services.lists.file import ListFileError, read_list_file
from services.producer.item import Problem
from services.producer.read import Reading, read
from services.runtime import health
from services.runtime.health import Health, serve
from services.runtime.logs import TERMINAL, configure
from services.runtime.loopback import is_loopback, name_of
from services.runtime.records import Failure, Made, Record, wrap
from services.runtime.topology import named
from services.stance.watched import KIND
from tests.consumer.made_events import event


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(health, "_REQUEST_SECONDS", 1.0)
    return serve(Health(30.0), CollectorRegistry(), "127.0.0.1", 0)


def is_well(port: int, host: str = "localhost") -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    connection.request("GET", "/live", headers={"Host": host})
    return connection.getresponse().status


_GARBAGE = [
    b"\r\n\r\n",
    b"\x00" * 70_000,
    b"GET\r\n\r\n",
    b"GET / HTTP/9.9\r\n\r\n",
    b"\x16\x03\x01\x02\x00",
    b"GET /live HTTP/1.1\r\nA: " + b"x" * 70_000 + b"\r\n\r\n",
    b"GET /live HTTP/1.1\r\n" + b"A: b\r\n" * 200 + b"\r\n",
    b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\n\r\n",
    b"GET /metrics?name[]=%ff%00 HTTP/1.1\r\nHost: localhost\r\nAccept: \xff;q=x\r\n\r\n",
    b"GET /live%0d%0aX: y HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"POST /live HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n",
]


@pytest.mark.parametrize("request_", _GARBAGE)
def test_a_worker_answers_after_any_request_and_says_nothing_of_it(
    port: int, request_: bytes, capfd: pytest.CaptureFixture[str]
) -> None:
    with socket.create_connection(("127.0.0.1", port), 5) as one, contextlib.suppress(ConnectionError):
        one.sendall(request_)
        one.shutdown(socket.SHUT_WR)
        answer = one.recv(65_536)
        assert b"\r\nX: y" not in answer
    assert is_well(port) == 200
    assert capfd.readouterr().err == ""


def test_slow_clients_of_a_worker_are_hung_up_on_and_too_many_turned_away(port: int) -> None:
    with contextlib.ExitStack() as stack:
        slow = [stack.enter_context(socket.create_connection(("127.0.0.1", port), 10)) for _ in range(40)]
        deadline = time.monotonic() + 8
        for one in slow:
            one.settimeout(0.05)
        open_, told = set(slow), b"GET /live HTTP/1.1\r\nA: "
        while open_ and time.monotonic() < deadline:
            for one in list(open_):
                try:
                    one.sendall(told[:1])  # a byte now and then never runs into the limit of one read
                    if one.recv(100) == b"":
                        open_.discard(one)
                except TimeoutError:
                    continue
                except OSError:
                    open_.discard(one)
        assert not open_
    assert is_well(port) == 200


@pytest.mark.parametrize(
    ("host", "status"),
    [("localhost", 200), ("127.0.0.1:6066", 200), ("[::1]:80", 200), ("LOCALHOST", 200), ("evil.example", 403),
     ("localhost.evil.example", 403), ("127.0.0.1.evil.example:6066", 403), ("", 403)],
)  # fmt: skip
def test_on_loopback_only_names_of_loopback_are_answered(port: int, host: str, status: int) -> None:
    assert is_well(port, host) == status
    assert is_loopback(name_of(host)) == (status == 200)


def test_a_result_that_its_topic_would_not_take_is_a_failure_of_its_document() -> None:
    stage = named("entities")
    stage = replace(stage, writes=(replace(stage.writes[0], max_bytes=80_000),))
    record = Record("t", 0, 0, b"k", b"", 0.0)
    large, small = (wrap(stage, "", Work(event=event(text="x" * size)), record, 0.0) for size in (20_000, 10_000))
    assert isinstance(large, Failure)
    assert large.exception == "TooLarge"
    assert isinstance(small, Made)


def test_a_header_of_many_columns_takes_no_longer_than_it_is(tmp_path: Path) -> None:
    table = tmp_path / "wide.csv"
    table.write_text("text," + ",".join(f"c{n}" for n in range(300_000)) + "\nhello\n")
    started = time.process_time()
    assert len(list(read(str(table)))) == 1
    assert time.process_time() - started < 10, "it was quadratic: half an hour"


def test_a_folder_may_be_as_deep_as_the_system_lets_it(tmp_path: Path) -> None:
    deep = tmp_path
    for _ in range(900):
        deep = deep / "d"
    deep.mkdir(parents=True)
    (deep / "a.txt").write_text("Hello.\n")
    assert len(list(read(str(tmp_path)))) == 1


def test_blank_lines_packed_a_thousandfold_are_passed_over(tmp_path: Path) -> None:
    packed = tmp_path / "bomb.jsonl.gz"
    packed.write_bytes(gzip.compress(b"\n" * 100_000) + gzip.compress(b'{"text": "x"}\n'))
    assert len(list(read(str(packed), Reading()))) == 1


@pytest.mark.parametrize("suffix", [".jsonl", ".csv"])
def test_a_list_of_one_endless_line_is_refused(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"list{suffix}"
    path.write_text("x" * 200_000)
    with pytest.raises(ListFileError, match="line 1: is longer than 131072 characters"):
        read_list_file(KIND, path)


def test_a_json_of_many_small_values_is_a_problem_or_read(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text("[" + "[" * 100_000)
    (problem,) = read(str(path))
    assert isinstance(problem, Problem)
    assert "nested too deep" in problem.message


def test_a_log_is_one_line_a_message_without_controls_and_passwords(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    secret, filed = "\u00e9 pass-99", "of a file 77"
    (tmp_path / "password").write_text(filed + "\n")
    monkeypatch.setenv("STANCEWIRE_SASL_PASSWORD", secret)
    monkeypatch.setenv("STANCEWIRE_SSL_PASSWORD_FILE", str(tmp_path / "password"))
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    configure("INFO", TERMINAL)
    logging.warning("id %s", "a\nCRITICAL b\r\x1b[2J\x9b\u202e\u2028")
    logging.warning("%s %s %s %s", secret, [secret], secret.encode(), filed)
    try:
        raise ValueError("a\x1b[2J" + secret)
    except ValueError:
        logging.exception("failed")
    said = capsys.readouterr().err
    assert said.splitlines()[0] == "WARNING: id a\\nCRITICAL b\\r\\x1b[2J\\x9b\\u202e\\u2028"
    assert "pass-99" not in said
    assert filed not in said
    assert "\x1b" not in said
    assert "Traceback" in said
    assert json.dumps(said)
