import gzip
import io
import json
import os
import socket
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import Document
from schemas.base import MAX_MESSAGE_BYTES
from schemas.event import derive_id
from services.producer.fields import parse_mapping
from services.producer.files import FORMATS, Format, Meter, total_bytes
from services.producer.item import Item, Problem, Skipped
from services.producer.read import Read, Reading, read


def stdin(content: bytes, format: Format = "jsonl", **reading: object) -> list[Read]:
    return list(read("-", Reading(format=format, **reading), io.BytesIO(content)))  # type: ignore[arg-type]


def documents(found: list[Read]) -> list[dict[str, object]]:
    assert all(isinstance(one, Item) for one in found), found
    return [json.loads(one.value or b"") for one in found if isinstance(one, Item)]


def problems(found: list[Read]) -> list[str]:
    return [f"{one.origin}: {one.message}" for one in found if isinstance(one, Problem)]


def test_json_lines_keep_their_bytes_and_are_keyed_by_id() -> None:
    odd = b'{ "text":"caf\\u00e9",  "id":"a b", "n": 1.10 }'
    found = stdin(b"\xef\xbb\xbf" + odd + b"\r\n\n  \t\n" + b'{"text": "x"}')
    first, second = found
    assert isinstance(first, Item)
    assert isinstance(second, Item)
    assert (first.value, first.key) == (odd, b"a b")
    assert second.key == derive_id(Document(text="x")).encode()
    assert (str(first.origin), str(second.origin)) == ("-, line 1", "-, line 4")


def test_a_document_that_the_service_will_reject_is_published_under_its_id() -> None:
    found = stdin(b'{"id": "a", "text": 3}\n{"id": 4, "text": ""}\n{"title": "no text"}')
    assert [one.key for one in found if isinstance(one, Item)] == [b"a", None, None]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"text": "cut', "not JSON: EOF while parsing a string at column 13"),
        (b"null", "JSON, but not an object"),
        (b"[1]", "JSON, but not an object"),
        (b'"text"', "JSON, but not an object"),
        (b"text", "not JSON: "),
        (b"{'text': 'x'}", "not JSON: "),
        (b'{"text": "x"} {"text": "y"}', "not JSON: trailing characters"),
        (b"\xff\xfe{\x00", "not UTF-8 at byte 0; it looks like UTF-16"),
        (b'{"text": "\xe9"}', "not UTF-8 at byte 10"),
        (b"[" * 100_000, "not JSON: recursion limit exceeded"),
        (b'{"a":' * 100_000, "not JSON: recursion limit exceeded"),
        (b'{"text": "' + b"x" * MAX_MESSAGE_BYTES + b'"}', "longer than 4194304 bytes"),
    ],
)
def test_a_line_that_is_no_object_is_a_problem_and_the_rest_goes_on(line: bytes, reason: str) -> None:
    found = stdin(b'{"text": "before"}\n' + line + b'\n{"text": "after"}\n')
    assert len(documents([found[0], found[2]])) == 2
    (problem,) = problems(found)
    assert problem.startswith(f"-, line 2: {reason}")


def test_raw_publishes_lines_that_are_no_json() -> None:
    found = stdin(b'{"text": "cut\n\xff\n{"id": "a", "text": "x"}\n', raw=True)
    assert [(one.value, one.key) for one in found if isinstance(one, Item)] == [
        (b'{"text": "cut', None),
        (b"\xff", None),
        (b'{"id": "a", "text": "x"}', b"a"),
    ]


def test_the_largest_line_is_read_and_one_byte_more_is_not() -> None:
    frame = b'{"text": ""}'
    exact = frame[:-2] + b"x" * (MAX_MESSAGE_BYTES - len(frame)) + frame[-2:]
    assert len(exact) == MAX_MESSAGE_BYTES
    assert isinstance(stdin(exact + b"\r\n")[0], Item)
    assert isinstance(stdin(exact)[0], Item)
    assert isinstance(stdin(exact + b" x\n")[0], Problem)


def test_a_json_file_is_one_document_or_an_array(tmp_path: Path) -> None:
    (tmp_path / "one.json").write_bytes(b'\xef\xbb\xbf\n{\n "text": "one"\n}\n')
    (tmp_path / "more.json").write_text('[{"text": "two", "id": "é"},\n {"text": "three"} ]\n', encoding="utf-8")
    (tmp_path / "none.json").write_text(" [ ] ")
    found = list(read(str(tmp_path)))
    assert [document["text"] for document in documents(found)] == ["two", "three", "one"]
    assert [one.origin.number for one in found] == [1, 2, None]
    assert isinstance(found[0], Item)
    assert (found[0].value, found[0].key) == ('{"text": "two", "id": "é"}'.encode(), "é".encode())


@pytest.mark.parametrize(
    ("content", "expected", "reason"),
    [
        (b'[{"text": "a"}, {"text": "b"', 1, "entry 2: not JSON, what follows is not read"),
        (b'[{"text": "a"} {"text": "b"}]', 1, "entry 1: not JSON after it"),
        (b'[{"text": "a"}] x', 1, "not JSON: something follows the array"),
        (b'[{"text": "a"}, 3, "x"]', 1, "entry 2: JSON, but not an object"),
        (b"[", 0, "entry 1: not JSON"),
        (b"[" * 100_000, 0, "entry 1: not JSON, what follows is not read: nested too deep"),
        (b'[{"text": ' + b"9" * 10_000 + b"}]", 0, "entry 1: not JSON"),
        (b'{"text": "a"}\n{"text": \n{"text": "b"}\n', 2, "entry 2: not JSON"),
        (b"", 0, "not JSON"),
        (b"\x00", 0, "not JSON"),
        (b"PK\x03\x04\xff", 0, "not UTF-8 at byte 4; it looks like a zip archive"),
    ],
)
def test_a_damaged_json_file_is_named(content: bytes, expected: int, reason: str) -> None:
    found = stdin(content, "json")
    assert sum(isinstance(one, Item) for one in found) == expected
    assert reason in problems(found)[0]


def test_columns_rename_fields_of_json() -> None:
    columns = parse_mapping(["title=headline"], "body")
    found = stdin(b'{"headline": "h", "body": "b", "title": "old", "x": 1}\nnot json\n', columns=columns)
    assert documents(found[:1]) == [{"x": 1, "text": "b", "title": "h"}]
    assert len(problems(found)) == 1


@pytest.mark.parametrize("pair", ["title", "title=", "=x", "headline=title", ""])
def test_a_malformed_mapping_is_refused(pair: str) -> None:
    with pytest.raises(ValueError, match=r"field"):
        parse_mapping([pair])


def test_a_field_is_mapped_once() -> None:
    assert parse_mapping(["text=body"], "body") == {"text": "body"}
    with pytest.raises(ValueError, match="twice"):
        parse_mapping(["text=body"], "content")


def test_a_text_file_is_a_document_with_its_path_as_id(tmp_path: Path) -> None:
    (tmp_path / "north").mkdir()
    (tmp_path / "north" / "storm.txt").write_text("Storm hits the coast\n\nWaves rose.\n")
    (tmp_path / "calm.v2.txt").write_bytes("\ufeffNothing happened today, officials said.\r\n\r\nAgain.".encode())
    first, second = documents(list(read(str(tmp_path))))
    assert first == {"id": "calm.v2", "text": "Nothing happened today, officials said.\r\n\r\nAgain."}
    assert second == {"id": "north/storm", "title": "Storm hits the coast", "text": "Waves rose.\n"}
    assert documents(list(read(str(tmp_path / "north" / "storm.txt"))))[0]["id"] == "storm"
    by_content = list(read(str(tmp_path / "north"), Reading(ids="content")))
    assert "id" not in documents(by_content)[0]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b" \n\n", "empty"),
        (b"caf\xe9", "not UTF-8 at byte 3"),
        (b"x" * (MAX_MESSAGE_BYTES + 1), "larger than 4194304 bytes"),
        (b"\x01" * (MAX_MESSAGE_BYTES // 2), "bytes; a document may have at most 4194304"),
    ],
)
def test_a_text_that_is_none_is_named(content: bytes, reason: str) -> None:
    assert reason in problems(stdin(content, "txt"))[0]


def test_a_malformed_file_is_published_to_the_byte(tmp_path: Path) -> None:
    (tmp_path / "cut.malformed").write_bytes(b'\xef\xbb\xbf{"text": "cut \n')
    (tmp_path / "empty.malformed").write_bytes(b"")
    found = list(read(str(tmp_path)))
    assert [one.value for one in found if isinstance(one, Item)] == [b'\xef\xbb\xbf{"text": "cut \n', b""]


def test_a_folder_is_read_in_order_without_what_is_hidden_or_unknown(tmp_path: Path) -> None:
    for name in ("b/2.jsonl", "a.json", ".hidden.json", ".git/x.json", "README.md", "b/1.JSON", "photo.json.bak"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text('{"text": "x"}\n')
    found = list(read(str(tmp_path)))
    assert [Path(one.origin.file).name for one in found if isinstance(one, Item)] == ["a.json", "1.JSON", "2.jsonl"]
    assert [Path(one.origin.file).name for one in found if isinstance(one, Skipped)] == ["README.md", "photo.json.bak"]
    assert len(documents(list(read(str(tmp_path), Reading(format="json"))))) == 5


def test_links_that_lead_out_of_the_folder_are_not_followed(tmp_path: Path) -> None:
    inside, outside = tmp_path / "in", tmp_path / "out"
    for folder in (inside, outside):
        folder.mkdir()
        (folder / "x.json").write_text('{"text": "x"}')
    (inside / "away.json").symlink_to(outside / "x.json")
    (inside / "away").symlink_to(outside, target_is_directory=True)
    (inside / "loop").symlink_to(inside, target_is_directory=True)
    (inside / "near.json").symlink_to(inside / "x.json")
    (inside / "dangling.json").symlink_to(inside / "gone.json")
    found = list(read(str(inside)))
    assert [Path(one.origin.file).name for one in found if isinstance(one, Item)] == ["near.json", "x.json"]
    reasons = {Path(one.origin.file).name: one.reason for one in found if isinstance(one, Skipped)}
    assert reasons == {"away.json": "a link that leads out of the folder", "dangling.json": "not a regular file"}


def test_pipes_and_sockets_in_a_folder_do_not_block(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jsonl")
    with socket.socket(socket.AF_UNIX) as unix:
        os.chdir(tmp_path)
        unix.bind(str(tmp_path / "s.jsonl"))
        found = list(read(str(tmp_path)))
    assert [type(one) for one in found] == [Skipped, Skipped]


def test_what_is_not_there_or_of_unknown_kind_is_named(tmp_path: Path) -> None:
    (tmp_path / "story.doc").write_text("x")
    assert problems(list(read(str(tmp_path / "gone.json")))) == [f"{tmp_path}/gone.json: no such file or folder"]
    assert "say which with --format" in problems(list(read(str(tmp_path / "story.doc"))))[0]
    assert len(documents(list(read(str(tmp_path / "story.doc"), Reading(format="txt"))))) == 1


def test_options_are_checked_at_once() -> None:
    with pytest.raises(ValueError, match="unknown format 'xls'"):
        read("x", Reading(format="xls"))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="standard input"):
        read("-")


def test_gzipped_files_are_unpacked_and_metered(tmp_path: Path) -> None:
    packed = gzip.compress(b'{"text": "x"}\n' * 1000)
    (tmp_path / "many.jsonl.gz").write_bytes(packed)
    meter = Meter()
    assert len(documents(list(read(str(tmp_path), meter=meter)))) == 1000
    assert meter.bytes == total_bytes(tmp_path) == len(packed)


@pytest.mark.parametrize("cut", [0.2, 0.5, 0.99])
def test_a_damaged_archive_gives_what_was_whole_and_a_problem(tmp_path: Path, cut: float) -> None:
    lines = b"".join(b'{"text": "%d"}\n' % n for n in range(100_000))
    packed = gzip.compress(lines)
    (tmp_path / "cut.jsonl.gz").write_bytes(packed[: int(len(packed) * cut)])
    found = list(read(str(tmp_path)))
    assert sum(isinstance(one, Item) for one in found) > 1000
    assert "broken off here" in problems(found)[-1]


@pytest.mark.parametrize("name", ["x.jsonl.gz", "x.json.gz", "x.txt.gz", "x.csv.gz", "x.xml.gz", "x.malformed.gz"])
def test_what_is_no_archive_is_a_problem(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"not packed at all")
    (problem,) = problems(list(read(str(tmp_path))))
    assert "gzip" in problem.lower()


def test_a_small_archive_of_a_huge_line_takes_little_memory(tmp_path: Path) -> None:
    with gzip.open(tmp_path / "bomb.jsonl.gz", "wb", compresslevel=9) as packed:
        for _ in range(40):
            packed.write(b"x" * MAX_MESSAGE_BYTES)
        packed.write(b'\n{"text": "after"}\n')
    found = list(read(str(tmp_path)))
    assert problems(found[:1]) == [f"{tmp_path}/bomb.jsonl.gz, line 1: longer than {MAX_MESSAGE_BYTES} bytes"]
    assert documents(found[1:]) == [{"text": "after"}]


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is forbidden to root")
def test_a_file_that_may_not_be_read_is_named(tmp_path: Path) -> None:
    path = tmp_path / "secret.json"
    path.write_text("{}")
    path.chmod(0)
    assert problems(list(read(str(tmp_path)))) == [f"{path}: Permission denied"]


def test_names_of_files_are_fit_for_a_terminal(tmp_path: Path) -> None:
    (tmp_path / "a\x1b[31m\n.json").write_text("nope")
    (problem,) = problems(list(read(str(tmp_path))))
    assert "\x1b" not in problem
    assert "\n" not in problem
    assert "a .json" in problem


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=300), st.sampled_from(sorted(set(FORMATS) - {"feed", "html"})), st.booleans())
def test_nothing_raises_on_arbitrary_bytes(content: bytes, format: Format, raw: bool) -> None:
    for one in stdin(content, format, raw=raw):
        assert isinstance(one, Item | Problem | Skipped)


_PIECES = st.sampled_from(
    [b'"', b",", b"\n", b"\r", b";", b"\t", b"{", b"}", b"[", b"]", b":", b'"text"', b"text", b"title", b"\\", b"\x00",
     b"\xc3", b"\xef\xbb\xbf", b" ", b"1", b"null", b'{"text": "a"}', b"\xed\xa0\x80", b"\\ud800", b"id"]
)  # fmt: skip


@settings(max_examples=500, deadline=None)
@given(st.lists(_PIECES, max_size=30), st.sampled_from(["json", "jsonl", "csv", "tsv", "txt"]))
def test_what_is_published_is_an_object_with_a_key_that_fits(pieces: list[bytes], format: Format) -> None:
    for one in stdin(b"".join(pieces), format):
        assert isinstance(one, Item | Problem | Skipped)
        if isinstance(one, Item):
            assert isinstance(json.loads(one.value or b""), dict)
            assert one.key is None or one.key.decode().strip()
