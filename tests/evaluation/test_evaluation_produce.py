"""The files of the producer's benchmark are what the producer reads, and its figures are those of the whole command."""

import json
import sys
from itertools import islice
from pathlib import Path

import pytest

from evaluation.bench import BenchError
from evaluation.bench.produce import _COMMAND, _articles, run, write_archive, write_lines
from services.producer.item import Item
from services.producer.read import read

MB = 1_000_000


def test_both_files_hold_a_document_of_its_own_for_each_article(tmp_path: Path) -> None:
    _, made = _articles()
    lines, archive = tmp_path / "a.jsonl", tmp_path / "a.warc"
    assert write_lines(lines, islice(made, 20)) == 20
    pages = write_archive(archive, made, 200_000)
    assert archive.stat().st_size >= 200_000
    for path, number in ((lines, 20), (archive, pages)):
        items = list(read(str(path)))
        assert all(isinstance(one, Item) for one in items)
        texts = [json.loads(one.value or b"")["text"] for one in items if isinstance(one, Item)]
        assert len(texts) == len(set(texts)) == number


def test_the_command_is_measured_with_what_it_starts(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    write_lines(path, islice(_articles()[1], 20))
    made = run([*_COMMAND, "--check", str(path)], path, 20, {})
    assert 0 < made["cpu_ms"] == pytest.approx(1000 / made["documents_per_second"])
    script = (
        "import subprocess, sys, time; held = b'x' * 100_000_000;"
        "subprocess.run([sys.executable, '-c', 'import time; held = bytes(1) * 200_000_000; time.sleep(2)'])"
    )
    made = run([sys.executable, "-c", script], path, 20, {})
    assert 300 < made["memory_mb"]["100%"] < 400


def test_memory_is_told_by_what_was_read(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(bytes(MB))
    script = (
        f"import time; file = open({str(path)!r}, 'rb', buffering=0); file.read({MB // 2}); time.sleep(1);"
        "held = b'x' * 200_000_000; time.sleep(1)"
    )
    memory = run([sys.executable, "-c", script], path, 1, {})["memory_mb"]
    assert memory["10%"] <= memory["30%"] < 100 < 200 < memory["100%"]


def test_a_command_that_fails_is_named_with_what_it_said(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"id": "a"}\n')
    with pytest.raises(BenchError, match=r"produce --check .* ended with 1: .*text: is required"):
        run([*_COMMAND, "--check", str(path)], path, 1, {})
