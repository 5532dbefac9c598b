"""What tools and people write, read as it is: the inputs of ``kinds/`` and a second of each kind, written here."""

import bz2
import json
import lzma
import tarfile
import zipfile
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from schemas.base import MAX_TEXT
from schemas.work import Fingerprint
from services.intake.core import Incoming, Intake
from services.intake.settings import IntakeSettings
from services.producer.check import Judge, Summary, checked
from services.producer.fields import parse_mapping
from services.producer.item import Item, Origin, Problem, Rejected
from services.producer.read import Reading, read
from tests.producer.reading import STORY, found, some, written

KINDS = Path(__file__).parent / "kinds"


@pytest.mark.parametrize(
    ("name", "form", "title", "source", "published"),
    [
        ("01-newsplease.json", "news-please article", "Mayor attacks water company", "daily.example", "2024-03-05 14:22:10"),
        ("02-newsapi-response.json", "NewsAPI response", "Mayor attacks water company", "Daily Example", "2024-03-05T14:22:10Z"),
        ("02b-newsapi-articles.json", "NewsAPI article", "Mayor attacks water company", "Daily Example", "2024-03-05T14:22:10Z"),
        ("03-eventregistry.json", "Event Registry response", "Mayor attacks water company", "Daily Example", "2024-03-05T14:20:00Z"),
        ("03-eventregistry.jsonl", "Event Registry article", "Mayor attacks water company", "Daily Example", "2024-03-05T14:20:00Z"),
        ("04-jsonfeed.json", "JSON Feed", "Mayor attacks water company", "daily.example", "2024-03-05T14:22:10+01:00"),
        ("15-nitf.xml", "NITF", "Mayor attacks", None, "20240305T142210Z"),
        ("15b-newsml-g2.xml", "NewsML-G2", "Mayor attacks", None, "2024-03-05T14:22:10Z"),
    ],
)  # fmt: skip
def test_what_tools_write_is_read_as_it_is(
    name: str, form: str, title: str, source: str | None, published: str
) -> None:
    documents, faults, forms = found(KINDS / name)
    assert faults == []
    assert set(forms) == {form}
    assert some(documents[0], "title", "source", "published_at") == (title, source, published)
    assert "Mayor Lena Ortiz of Pinehurst criticized" in documents[0]["text"]


_SECOND: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("news-please article",
     {"maintext": STORY, "date_publish": "2023-11-02 07:00:00", "source_domain": "kelso.example", "title": "Canal", "url": "https://kelso.example/c"},
     {"published_at": "2023-11-02 07:00:00", "source": "kelso.example"}),
    ("newspaper4k article",
     {"url": "https://kelso.example/c", "title": "Canal", "text": STORY, "authors": ["A B"], "publish_date": "2024-03-05 00:00:00+00:00", "meta_lang": "en"},
     {"published_at": "2024-03-05 00:00:00+00:00", "source": "kelso.example", "language": "en"}),
    ("trafilatura document",
     {"title": "Canal", "author": "A B", "hostname": "kelso.example", "date": "2024-03-05", "text": STORY, "source": "https://kelso.example/c", "source-hostname": "Kelso Post", "id": None},
     {"published_at": "2024-03-05", "source": "kelso.example", "url": "https://kelso.example/c"}),
    ("Media Cloud story",
     {"id": "f00", "media_name": "kelso.example", "publish_date": "2024-03-05", "title": "Canal to be repaired", "url": "https://kelso.example/c", "language": "en"},
     {"id": "f00", "text": "Canal to be repaired", "source": "kelso.example", "published_at": "2024-03-05"}),
    ("GDELT article list",
     {"date": "20240305142210", "url": "https://kelso.example/c", "outletName": "Kelso Post", "title": "Canal", "desc": STORY, "lang": "eng"},
     {"text": STORY, "published_at": "20240305142210", "source": "Kelso Post", "language": "eng"}),
    ("WordPress post",
     {"id": 17, "date_gmt": "2024-03-05T14:22:10", "link": "https://kelso.example/c", "guid": {"rendered": "https://kelso.example/?p=17"}, "title": {"rendered": "Canal"}, "content": {"rendered": f"<p>{STORY}</p>"}},
     {"id": "https://kelso.example/?p=17", "text": f"<p>{STORY}</p>", "title": "Canal", "source": "kelso.example"}),
]  # fmt: skip


@pytest.mark.parametrize(("form", "record", "expected"), _SECOND, ids=[form for form, _, _ in _SECOND])
def test_a_second_record_of_each_tool(
    form: str, record: dict[str, Any], expected: dict[str, Any], tmp_path: Path
) -> None:
    documents, faults, forms = found(written(tmp_path, "x.jsonl", json.dumps(record) + "\n"))
    assert (faults, forms) == ([], [form])
    assert {name: documents[0].get(name) for name in expected} == expected


@pytest.mark.parametrize(
    "answer",
    [
        {"response": {"status": "ok", "docs": [{"headline": "H", "body": STORY}]}},
        {"data": [{"title": "H", "content": {"rendered": STORY}}], "meta": {"found": 1}},
        {"hits": {"total": {"value": 1}, "hits": [{"_id": "a", "_source": {"title": "H", "text": STORY}}]}},
        {"k1": {"title": "H", "article": STORY}, "k2": {"title": "H", "article": STORY}},
        [{"Title": "H", "Text": STORY}],
    ],
)
def test_a_sole_list_of_articles_is_found_by_itself(answer: Any, tmp_path: Path) -> None:
    documents, faults, _ = found(written(tmp_path, "x.json", answer))
    assert faults == []
    assert some(documents[0], "title", "text") == ("H", STORY)


def test_where_two_lists_may_be_meant_the_option_says_which(tmp_path: Path) -> None:
    answer = {"today": [{"title": "A", "text": STORY}], "older": [{"title": "B", "text": STORY}]}
    path = written(tmp_path, "x.json", answer)
    assert "say which with --records today" in found(path)[1][0]
    assert found(path, records="older")[0][0]["title"] == "B"
    assert "there is nothing at --records newest" in found(path, records="newest")[1][0]


def test_dotted_fields_are_mapped_and_others_dropped(tmp_path: Path) -> None:
    record = {"story": {"words": STORY, "from": {"name": "Kelso Post"}}, "raw_html": "<p>", "text": ""}
    columns = parse_mapping(["text=story.words", "source=story.from.name"])
    documents, _, _ = found(
        written(tmp_path, "x.jsonl", json.dumps(record)), columns=columns, drop=("raw_html", "story.from")
    )
    assert some(documents[0], "text", "raw_html") == (STORY, None)


def test_a_backslash_before_a_quote_costs_nothing() -> None:
    documents, faults, _ = found(KINDS / "05-backslash-quotes.csv")
    assert faults == []
    assert [document["id"] for document in documents] == ["05-backslash-quotes/1", "05-backslash-quotes/2"]
    assert (
        documents[0]["text"]
        == 'Mayor Lena Ortiz said "no" to the plan,\nand left. She returned,\nsmiling, an hour later.'
    )


def test_a_broken_row_costs_one_row(tmp_path: Path) -> None:
    content = (
        f'id,title,text\n1,A,"one "broken" cell,\nthat goes on, and on, and on\nto here."\n2,B,"{STORY}"\n3,C,plain\n'
    )
    documents, faults, _ = found(written(tmp_path, "x.csv", content))
    assert [document["id"] for document in documents] == ["2", "3"]
    assert len(faults) == 1
    assert "2 lines after it are part of it" in faults[0]


@pytest.mark.parametrize("name", ["06-literal-quotes", "06b-literal-quotes"])
def test_quotes_of_a_tsv_may_mean_nothing(name: str) -> None:
    documents, faults, _ = found(KINDS / f"{name}.tsv")
    assert faults == []
    assert [document["id"] for document in documents] == [f"{name}/{number}" for number in range(1, 5)]
    assert documents[1]["title"].startswith('"')


def test_quotes_of_a_tsv_may_mean_something(tmp_path: Path) -> None:
    documents, faults, _ = found(written(tmp_path, "x.tsv", 'id\ttext\n1\t"two\nlines and a\ttab, ""quoted"""\n2\tx\n'))
    assert faults == []
    assert [document["text"] for document in documents] == ['two\nlines and a\ttab, "quoted"', "x"]


def test_zones_are_read_or_the_time_is_absent(tmp_path: Path) -> None:
    documents, _, _ = found(KINDS / "11-zones.rss")
    times = {document["title"]: document.get("published_at") for document in documents}
    assert times["CET"] == "2024-03-05T13:22:10+00:00"
    assert times["JST"] == "2024-03-05T05:22:10+00:00"
    assert times["AM/PM"] == "2024-03-05T14:22:10+00:00"
    assert times["EDT"] == "2024-03-05T18:22:10+00:00"
    assert times["IST"] is None
    assert (
        documents[0]["metadata"] | {"author": "Dana Whitfield", "categories": ["Politics"]} == documents[0]["metadata"]
    )
    item = "<item><title>T</title><description>x y</description><pubDate>{}</pubDate></item>"
    dates = {
        "Tue, 5 Mar 2024 14:22:10 AEST": "2024-03-05T04:22:10+00:00",
        "Tue, 5 Mar 2024 14:22:10 GMT+2": "2024-03-05T12:22:10+00:00",
        "Tue, 5 Mar 2024 14:22:10 QQT": None,
        "March 5, 2024 2:22 PM EST": "2024-03-05T19:22:00+00:00",
        "05/03/2024 14:22": None,
    }
    feed = f"<rss version='2.0'><channel><title>C</title>{''.join(map(item.format, dates))}</channel></rss>"
    documents, _, _ = found(written(tmp_path, "x.rss", feed))
    assert [document.get("published_at") for document in documents] == list(dates.values())


def test_an_aggregators_links_are_headlines_and_the_source_is_the_outlet(tmp_path: Path) -> None:
    (document,), _, _ = found(KINDS / "12-googlenews.rss")
    assert some(document, "source", "title") == ("Daily Example", "Mayor attacks water company")
    assert "Kelso Post" not in document["text"]
    item = (
        "<item><title>Canal to be repaired - Kelso Post</title><link>https://agg.example/1</link>"
        '<description>&lt;a href="https://agg.example/1"&gt;Canal to be repaired&lt;/a&gt;&amp;nbsp;&amp;nbsp;'
        '&lt;font color="#6f6f6f"&gt;Kelso Post&lt;/font&gt;</description>'
        '<source url="https://kelso.example">Kelso Post</source></item>'
    )
    (document,), _, _ = found(written(tmp_path, "x.xml", f"<rss version='2.0'><channel>{item}</channel></rss>"))
    assert some(document, "source", "title", "text") == (
        "Kelso Post",
        "Canal to be repaired",
        "<p>Canal to be repaired</p>\n",
    )


def test_a_folder_of_all_kinds_is_read_and_what_is_passed_over_is_named(tmp_path: Path) -> None:
    documents, faults, _ = found(KINDS / "13-folder")
    assert len(documents) == 9
    assert faults == [f"{KINDS}/13-folder/i.warc.gz: no page is in it, of 1 records"]
    written(tmp_path, "README.md", "# About\n\nThis folder.")
    written(tmp_path, "a.docx", b"PK\x03\x04")
    assert [fault.partition(": ")[2] for fault in found(tmp_path)[1]] == [
        "tells about the folder; name it to publish it",
        "unknown kind of file (.docx); --format says what all files are",
    ]


def test_packed_files_are_unpacked(tmp_path: Path) -> None:
    line = json.dumps({"text": STORY}).encode() + b"\n"
    written(tmp_path, "a.csv.bz2", bz2.compress(b"text\n" + STORY.split(",")[0].encode() + b"\n"))
    written(tmp_path, "b.jl.xz", lzma.compress(line * 2))
    written(tmp_path, "c.jsonl.zst", _zstd(line) + _zstd(line))
    with zipfile.ZipFile(tmp_path / "d.zip", "w") as archive:
        archive.writestr("x/e.tsv", f"text\ttitle\n{STORY}\tT\n")
        archive.writestr("x/f.pdf", b"%PDF")
    documents, faults, _ = found(tmp_path)
    assert len(documents) == 6
    assert faults == [f"{tmp_path}/d.zip/x/f.pdf: unknown kind of file (.pdf); --format says what all files are"]


def _zstd(content: bytes) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, "zstd") as stream:
        stream.write(content)
    return bytes(sink.getvalue())


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16"])
def test_other_encodings_are_read(encoding: str, tmp_path: Path) -> None:
    path = written(tmp_path, "x.csv", "text;title\nCafé „Zentral“;T\n".encode(encoding))
    documents, faults, _ = found(path, encoding=encoding)
    assert (faults, documents[0]["text"]) == ([], "Café „Zentral“")
    if encoding == "cp1252":
        documents, faults, _ = found(path)
        assert documents == []
        assert "--encoding, such as cp1252" in faults[0]


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("encoding", ["cp1252", "utf-16"])
def test_an_archive_is_unpacked_before_its_texts_are_decoded(encoding: str, packed: bool, tmp_path: Path) -> None:
    path = tmp_path / ("x.tar.gz" if packed else "x.tar")
    with tarfile.open(path, "w:gz" if packed else "w") as archive:
        for name, text in {"a.csv": "text;title\nCafé „Zentral“;T\n", "b.txt": "Café „Zentral“"}.items():
            member = tarfile.TarInfo(name)
            member.size = len(text.encode(encoding))
            archive.addfile(member, BytesIO(text.encode(encoding)))
    documents, faults, _ = found(path, encoding=encoding)
    assert (faults, [one["text"] for one in documents]) == ([], ["Café „Zentral“"] * 2)


def test_an_encoding_is_that_of_text_alone(tmp_path: Path) -> None:
    written(tmp_path, "a.csv", "text;title\nCafé „Zentral“;T\n".encode("cp1252"))
    pq.write_table(pa.table({"text": ["Café „Süd“"]}), tmp_path / "b.parquet")
    documents, faults, _ = found(tmp_path, encoding="cp1252")
    assert (faults, [one["text"] for one in documents]) == ([], ["Café „Zentral“", "Café „Süd“"])


def test_utf_16_that_does_not_say_its_order_is_a_problem_with_the_way_out(tmp_path: Path) -> None:
    path = written(tmp_path, "x.csv", "text;title\nCafé;T\n".encode("utf-16-le"))
    documents, faults, _ = found(path, encoding="utf-16")
    assert documents == []
    (fault,) = faults
    assert "no byte order mark, as utf-16 has; say utf-16-le or utf-16-be with --encoding" in fault
    documents, faults, _ = found(path, encoding="utf-16-le")
    assert (faults, documents[0]["text"]) == ([], "Café")


def test_excels_first_line_and_concatenated_objects(tmp_path: Path) -> None:
    (document,), faults, _ = found(KINDS / "14-excel-sep.csv")
    assert (faults, document["title"]) == ([], "Mayor attacks")
    documents, faults, _ = found(KINDS / "14b-pretty-concatenated.json")
    assert (faults, [document["title"] for document in documents]) == ([], ["one", "two"])
    pretty = (
        json.dumps({"text": STORY, "title": "a"}, indent=1) + "\n" + json.dumps({"text": STORY, "title": "b"}, indent=1)
    )
    documents, faults, _ = found(written(tmp_path, "x.jsonl", pretty))
    assert (faults, [document["title"] for document in documents]) == ([], ["a", "b"])


def test_wire_stories_have_no_entities_and_their_fields(tmp_path: Path) -> None:
    nitf = (
        '<?xml version="1.0"?><!DOCTYPE nitf SYSTEM "nitf.dtd" [<!ENTITY x SYSTEM "file:///etc/passwd">]><nitf><head><docdata>'
        '<doc-id id-string="w1"/><date.issue norm="20240305"/><doc.copyright holder="Wire"/></docdata></head><body><body.head>'
        "<hedline><hl1>Canal</hl1></hedline><byline>By <person>A B</person></byline></body.head><body.content><p>One &x; two.</p>"
        "<media><media-caption><p>caption</p></media-caption></media><p>Three <em>four</em>.</p></body.content></body></nitf>"
    )
    (document,), faults, forms = found(written(tmp_path, "x.xml", nitf))
    assert (faults, forms) == ([], ["NITF"])
    assert "root:" not in document["text"]
    assert document["text"].endswith("\n\nThree four.")
    assert some(document, "id", "title", "source", "published_at") == ("w1", "Canal", "Wire", "20240305")
    item = '<newsItem guid="urn:{0}" version="{0}"><contentMeta><headline>H{0}</headline></contentMeta><contentSet><inlineXML><html><body><p>A.</p><p>B.</p></body></html></inlineXML></contentSet></newsItem>'
    message = f'<newsMessage xmlns="http://iptc.org/std/nar/2006-10-01/"><itemSet>{item.format(1)}{item.format(2)}</itemSet></newsMessage>'
    documents, _, _ = found(written(tmp_path, "y.xml", message))
    assert [some(one, "id", "revision", "title", "text") for one in documents] == [
        ("urn:1", 1, "H1", "A.\n\nB."),
        ("urn:2", 2, "H2", "A.\n\nB."),
    ]


_PAGE = (
    '<html lang="en"><head><title>Canal</title><meta property="article:published_time" content="2024-03-05T10:00:00Z"></head>'
    f"<body><nav><a href='/'>Home</a></nav><article><h1>Canal</h1><p>{STORY}</p><p>{STORY[::-1]}</p></article></body></html>"
)


def test_pages_of_an_archive_are_articles(tmp_path: Path) -> None:
    http = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n{_PAGE}".encode()
    image = b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\n\x89PNG"
    path = written(tmp_path, "x.warc", b"".join(_record(one) for one in (http, image)))
    (document,), faults, forms = found(path)
    assert (faults, forms) == ([], ["WARC, the article of each page"])
    assert document["text"].startswith(STORY)
    assert some(document, "url", "source", "language", "published_at") == (
        "https://kelso.example/c", "kelso.example", "en", "2024-03-05T10:00:00Z",
    )  # fmt: skip


def _record(content: bytes) -> bytes:
    head = (
        "WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: https://kelso.example/c\r\nWARC-Date: 2024-03-06T00:00:00Z\r\n"
        "WARC-Record-ID: <urn:uuid:1>\r\nContent-Type: application/http; msgtype=response\r\n"
        f"Content-Length: {len(content)}\r\n\r\n"
    )
    return head.encode() + content + b"\r\n\r\n"


def test_parquet_rows_are_documents(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    pq.write_table(pa.table({"content": [STORY, STORY], "headline": ["A", None], "n": [1.5, float("nan")]}), path)
    documents, faults, _ = found(path)
    assert faults == []
    assert documents == [{"text": STORY, "title": "A", "n": 1.5}, {"text": STORY}]


def test_gdelts_graph_has_headlines_and_dates(tmp_path: Path) -> None:
    cells = ["20240305142210-1", "20240305142210", "1", "kelso.example", "https://kelso.example/c", *[""] * 21]
    cells.append("<PAGE_AUTHORS>A B</PAGE_AUTHORS><PAGE_TITLE>Canal &amp; council</PAGE_TITLE>")
    (document,), faults, forms = found(written(tmp_path, "20240305142210.gkg.csv", "\t".join(cells) + "\n"))
    assert (faults, forms) == ([], ["GDELT GKG"])
    assert some(document, "text", "published_at", "source") == ("Canal & council", "20240305142210", "kelso.example")


def rejected(path: Path, **reading: Any) -> tuple[list[Rejected], Summary]:
    summary = Summary()
    every = checked(read(str(path), Reading(**reading)), Judge(IntakeSettings()), summary)
    return [one for one in every if isinstance(one, Rejected)], summary


ENGLISH = "The harbor board voted on Monday to close the old pier, and Mayor Ana Reyes praised the vote. "
GERMAN = "Der Rat hat gestern beschlossen, den alten Kanal noch vor dem Sommer zu reparieren. "


@pytest.mark.parametrize(
    "text",
    [
        ENGLISH,
        ENGLISH * 100,
        GERMAN * 100,
        "<p></p>\n" * 1_000 + ENGLISH,
        "<p></p>\n" * 1_000 + GERMAN,
        "<p></p>\n" * 1_000,
        "1, 2, 3, " * 500 + GERMAN * 3,
        "x" * 2_500 + " " + GERMAN * 10,
        "ﬃ" * (MAX_TEXT // 2),
        ENGLISH + "ﬃ" * (MAX_TEXT // 2),
        ENGLISH * (MAX_TEXT // len(ENGLISH)),
        "\ufeff",
    ],
    ids=range(12),
)
@pytest.mark.parametrize("language", [None, "en", "de"])
def test_a_document_is_judged_by_its_beginning_as_by_all_of_it(text: str, language: str | None) -> None:
    value = json.dumps({"text": text, "language": language}).encode()
    whole = Intake(IntakeSettings(), "check", lambda text, title: Fingerprint(stamp="", exact="", shingles=""))
    (work,) = whole([Incoming(None, value, datetime.now(UTC), "check/0/0")])
    event = Judge(IntakeSettings())(Item(Origin("x"), value, None, "JSON"))
    assert (event.rejection, event.language) == (work.event.rejection, work.event.language)


@pytest.mark.parametrize(
    ("record", "hint"),
    [
        ({"id": "a", "strange": STORY}, "--map text=strange"),
        ({"id": "a", "part": {"words": STORY}}, "--map text=part.words"),
        ({"id": "a", "text": ["no", "string"]}, "--map text=FIELD"),
        (
            {"id": "a", "caption": "x"},
            "--map text=FIELD says which field holds the text; the fields are id, caption",
        ),
        (
            {"text": "Der Rat hat gestern beschlossen, den alten Kanal noch vor dem Sommer zu reparieren."},
            "STANCEWIRE_INTAKE",
        ),
    ],
)
def test_what_would_be_rejected_is_named_with_what_helps(record: dict[str, Any], hint: str, tmp_path: Path) -> None:
    path = written(tmp_path, "x.jsonl", json.dumps(record) + "\n" + json.dumps({"text": STORY}) + "\n")
    (fault,), summary = rejected(path)
    assert fault.hint.startswith(hint)
    assert str(fault.origin).endswith("x.jsonl, line 1")
    assert (summary.accepted, summary.rejected) == (1, 1)
    if fault.hint.startswith("--map text=") and "FIELD" not in fault.hint:
        faults, _ = rejected(path, columns=parse_mapping([fault.hint.removeprefix("--map ")]))
        assert all("line 2" in str(one.origin) for one in faults), "the advice works when it is followed"


def test_what_is_sent_to_the_byte_is_not_held(tmp_path: Path) -> None:
    path = written(tmp_path, "x.malformed", b"\xff")
    assert rejected(path)[0] == []
    assert not [one for one in read(str(path)) if isinstance(one, Problem)]
