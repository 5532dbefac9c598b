"""A watch list in a file: both formats, and each fault with its line and field."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from schemas import WatchedEntity
from services.entities.agent import check
from services.entities.watchlist import KIND
from services.lists.file import ListFileError, read_list_file
from services.runtime.settings import SettingsError

ACME = WatchedEntity(id="ACME-17", name="Acme, Inc.", type="ORG", aliases=("Acme", "ACME"))
ROE = WatchedEntity(id="Q312", name="Jane Roe", type="PERSON")


def test_both_formats_say_the_same(tmp_path: Path) -> None:
    lines = tmp_path / "list.jsonl"
    lines.write_text(f"\ufeff{ACME.model_dump_json()}\n\n{ROE.model_dump_json()}", encoding="utf-8")
    table = tmp_path / "list.CSV"
    table.write_text('\ufeffid,name,type,aliases\r\nACME-17,"Acme, Inc.",ORG,Acme| ACME |\r\nQ312,Jane Roe,PERSON,\r\n')
    short = tmp_path / "short.csv"
    short.write_text("type,id,name\nPERSON,Q312,Jane Roe\n")
    assert read_list_file(KIND, lines) == read_list_file(KIND, table) == [ACME, ROE]
    assert read_list_file(KIND, short) == [ROE]
    (tmp_path / "empty.jsonl").write_text("")
    assert read_list_file(KIND, tmp_path / "empty.jsonl") == []


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.jsonl", b'{"id": "a", "name": "Acme", "type": "ORG"}\n{"id": "b"}', "line 2: name: Field required"),
        ("a.jsonl", b'{"id": "a", "name": "Acme", "type": "FIRM"}', "line 1: type: Input should be"),
        ("a.jsonl", b'\n\n{"id": "a", "name": "", "type": "ORG"}', "line 3: name: "),
        ("a.jsonl", b'{"id": "a", "name": "A", "type": "ORG", "aliases": ["B", 3]}', "line 1: aliases.1: "),
        ("a.jsonl", b"{", "line 1: Invalid JSON"),
        ("a.jsonl", b"\x00", "line 1: Invalid JSON"),
        ("a.jsonl", b"\xff\xfe", "is not UTF-8"),
        ("a.jsonl", b'{"id": "a", "name": "A", "type": "ORG"}\n' * 2, "line 2: id: is the same as in line 1"),
        ("a.csv", b"", "line 1: the columns must be"),
        ("a.csv", b"id,name\na,A\n", "must be id,name,type,aliases"),
        ("a.csv", b"id,name,type,colour\n", "colour"),
        ("a.csv", b"id,name,type,id\n", "line 1: the columns must be"),
        ("a.csv", b"id,name,type\na,Acme,ORG\nb,Umbra\n", "line 3: type: Input should be"),
        ("a.csv", b"id,name,type\na,Acme,ORG,Acme Corp,more\n", "line 2: "),
        ("a.csv", b'id,name,type\n"a,Acme\n', "unexpected end of data"),
        ("a.csv", b"id,name,type,aliases\na,A,ORG,B|-|C\n", "line 2: aliases.1: "),
        ("a.csv", b"id,name,type\na," + b"A" * 200_000 + b",ORG\n", "is longer than 131072 characters"),
    ],
)
def test_a_fault_is_named_with_its_line_and_field(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, content: bytes, words: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(ListFileError) as caught:
        read_list_file(KIND, path)
    assert words in str(caught.value)
    assert str(path) in str(caught.value)
    monkeypatch.setenv("STANCEWIRE_ENTITIES_WATCH_FILE", str(path))
    with pytest.raises(SettingsError, match="STANCEWIRE_ENTITIES_WATCH_FILE"):
        check()


def test_a_file_that_is_none(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "missing.jsonl"):
        with pytest.raises(ListFileError, match="directory"):
            read_list_file(KIND, path)


def test_too_many_names(tmp_path: Path) -> None:
    path = tmp_path / "list.jsonl"
    path.write_text("".join(json.dumps({"id": str(n), "name": "Acme", "type": "ORG"}) + "\n" for n in range(3)))
    with pytest.raises(ListFileError, match="line 3: the list has more than 2 names"):
        read_list_file(replace(KIND, most=2), path)
