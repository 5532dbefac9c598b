"""What other tools, interfaces and collections write: each is read as what it is, with nothing said on the command line."""

import io
import json
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.producer.reading import STORY, found, some, written

URL = "https://kelso.example/c"
TIME = "2024-03-05T14:22:10Z"
PAIR = {"title": "Canal", "text": STORY}


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        # interfaces
        ({"totalArticles": 1, "articles": [{"title": "Canal", "content": f"{STORY}... [1234 chars]", "url": URL, "publishedAt": TIME, "source": {"name": "Kelso Post"}}]},
         {"text": f"{STORY[:-1]}.…", "source": "Kelso Post", "published_at": TIME}),
        ({"value": [{"name": "Canal", "url": URL, "description": STORY, "provider": [{"name": "Kelso Post"}], "datePublished": TIME}]},
         {"title": "Canal", "text": STORY, "published_at": TIME}),
        ({"news": [{"id": "e1", "title": "Canal", "description": STORY, "url": URL, "published": "2024-03-05 14:22:10 +0000"}]},
         {"id": "e1", "text": STORY, "source": "kelso.example"}),
        ({"posts": [{"thread": {"title": "Canal"}, "uuid": "u1", "url": URL, "published": TIME, "title": "Canal", "text": STORY}]},
         {"id": "u1", "source": "kelso.example", "published_at": TIME}),
        ({"objects": [{"type": "article", "title": "Canal", "text": STORY, "date": TIME, "pageUrl": URL, "humanLanguage": "en"}]},
         {"url": URL, "language": "en", "source": "kelso.example"}),
        ({"items": [{"id": "a=", "title": "Canal", "published": 1709648530000, "origin": {"title": "Kelso Post"}, "summary": {"content": STORY}, "alternate": [{"href": URL}]}]},
         {"text": STORY, "source": "Kelso Post", "url": URL, "published_at": 1709648530000}),
        ({"kind": "Listing", "data": {"children": [{"kind": "t3", "data": {"id": "r1", "title": "Canal", "selftext": STORY, "url": URL}}]}},
         {"id": "r1", "text": STORY}),
        ({"content": [{"id": "p1", "title": "Canal", "body": STORY}, {"id": "p2", "title": "Well", "body": "Dry."}], "totalElements": 2},
         {"id": "p1", "title": "Canal", "text": STORY}),
        ({"version": "https://www.jsonfeed.org/version/1.1", "title": "Kelso", "items": [{"id": "b", "external_url": URL, "title": "Canal"}]},
         {"text": "Canal", "title": "Canal", "url": URL}),
        # agencies and pages
        ({"uri": "urn:x:1", "type": "text", "headline": "Canal", "body_text": STORY, "versioncreated": TIME, "version": "3", "copyrightholder": "Kelso Agency"},
         {"id": "urn:x:1", "text": STORY, "source": "Kelso Agency", "published_at": TIME, "revision": "3"}),
        ({"uri": "urn:x:1", "headlines": [{"value": "Canal"}], "bodies": [{"contentType": "text/html", "value": f"<p>{STORY}</p>"}], "versionCreated": TIME},
         {"id": "urn:x:1", "title": "Canal", "text": f"<p>{STORY}</p>", "published_at": TIME}),
        ({"@type": "NewsArticle", "headline": "Canal", "articleBody": STORY, "datePublished": TIME, "inLanguage": "en", "mainEntityOfPage": {"@type": "WebPage", "@id": URL}, "publisher": {"@type": "Organization", "name": "Kelso Post"}},
         {"title": "Canal", "text": STORY, "language": "en", "url": URL, "source": "Kelso Post"}),
        ({"@graph": [{"@type": "Organization", "name": "Kelso Post", "description": "A paper."}, {"@type": ["NewsArticle"], "headline": "Canal", "articleBody": STORY}]},
         {"title": "Canal", "text": STORY}),
        ({"title": "Canal", "body": {"summary": ["s"], "sections": [{"headline": [], "paragraphs": [STORY, "Two."]}]}, "publishing_date": TIME, "html": {"requested_url": URL}},
         {"text": f"{STORY}\n\nTwo.", "url": URL, "published_at": TIME}),
        # collections
        ({"document": STORY, "summary": "Short.", "id": "29750031"}, {"text": STORY, "id": "29750031"}),
        ({"id": "b2e", "article_url": URL, "title": "Canal", "published_date": 1709648530000, "type": "article", "contents": [{"type": "kicker", "content": "Local"}, {"type": "title", "content": "Canal"}, {"type": "sanitized_html", "content": STORY}, {"type": "image", "fullcaption": "A canal"}, {"type": "sanitized_html", "content": "Two."}]},
         {"id": "b2e", "text": f"{STORY}\n\nTwo.", "url": URL, "published_at": 1709648530000}),
        ({"title": "Canal", "text": STORY, "domain": "kelso.example", "date": TIME, "url": URL}, {"source": "kelso.example", "published_at": TIME}),
        ({"headline": "Canal", "short_description": STORY, "link": URL}, {"title": "Canal", "text": STORY, "url": URL}),
        # stores
        ({"db": [{"data": {"posts": [{"id": "gid", "title": "Canal", "plaintext": STORY}], "users": [{"id": "1", "name": "x"}]}}]},
         {"id": "gid", "title": "Canal", "text": STORY}),
        ({"title": "Canal", "html": f"<p>{STORY}</p>"}, {"title": "Canal", "text": f"<p>{STORY}</p>"}),
        ({"Item": {"id": {"S": "d1"}, "title": {"S": "Canal"}, "text": {"S": STORY}}}, {"id": "d1", "title": "Canal", "text": STORY}),
        ({"documents": [{"name": "projects/x", "fields": {"title": {"stringValue": "Canal"}, "text": {"stringValue": STORY}}}]},
         {"title": "Canal", "text": STORY}),
        ({"type": "RECORD", "record": {"stream": "articles", "data": {"id": "7", **PAIR}}}, {"id": "7", **PAIR}),
        # tables as JSON
        ({"id": {"0": "a", "1": "b"}, "title": {"0": "Canal", "1": "Well"}, "text": {"0": STORY, "1": "Dry."}}, {"id": "a", **PAIR}),
        ({"columns": ["id", "title", "text"], "index": [0, 1], "data": [["a", "Canal", STORY], ["b", "Well", "Dry."]]}, {"id": "a", **PAIR}),
    ],
)  # fmt: skip
def test_records_are_read_under_the_names_that_they_have(
    record: dict[str, Any], expected: dict[str, Any], tmp_path: Path
) -> None:
    documents, faults, _ = found(written(tmp_path, "x.json", record))
    assert faults == []
    assert {name: documents[0].get(name) for name in expected} == expected


def test_what_newsapi_took_back_is_passed_over_and_named(tmp_path: Path) -> None:
    gone = {"title": "[Removed]", "content": "[Removed]", "publishedAt": "1970-01-01T00:00:00Z", "urlToImage": None}
    kept = {"title": "Canal - Kelso Post", "content": STORY, "publishedAt": TIME, "urlToImage": None}
    documents, faults, _ = found(written(tmp_path, "x.json", {"articles": [gone, kept]}))
    assert [document["title"] for document in documents] == ["Canal - Kelso Post"]
    assert len(faults) == 1
    assert "was taken back by its publisher" in faults[0]


def test_a_bulk_request_says_the_ids_and_streams_have_more_than_records(tmp_path: Path) -> None:
    bulk = f'{{"index":{{"_index":"x","_id":"e1"}}}}\n{json.dumps(PAIR)}\n{{"create":{{}}}}\n{json.dumps(PAIR)}\n'
    documents, faults, _ = found(written(tmp_path, "x.ndjson", bulk))
    assert ([document.get("id") for document in documents], faults) == (["e1", None], [])
    stream = f'{{"type":"SCHEMA","schema":{{}}}}\n{json.dumps({"type": "RECORD", "record": PAIR})}\n{{"type":"STATE","value":{{}}}}\n'
    documents, faults, _ = found(written(tmp_path, "y.jsonl", stream))
    assert some(documents[0], "title", "text") == ("Canal", STORY)
    assert [fault.partition(": ")[2] for fault in faults] == [
        f"a {kind} message, which has no document in it" for kind in ("SCHEMA", "STATE")
    ]


@pytest.mark.parametrize(
    "content",
    [
        '[\n{},\n{}\n]\n',
        "{},\n{},\n",
        "\x1e{}\n\x1e{}\n",
    ],
)  # fmt: skip
@pytest.mark.parametrize("name", ["x.jsonl", "x.json"])
def test_objects_are_read_however_they_are_strung_together(content: str, name: str, tmp_path: Path) -> None:
    made = content.replace("{}", json.dumps({"text": STORY}))
    documents, faults, _ = found(written(tmp_path, name, made))
    assert ([document["text"] for document in documents], faults) == ([STORY, STORY], [])


@pytest.mark.parametrize(
    "content",
    [
        f'id,title,text\ra,Canal,"{STORY}"\rb,Well,Dry.\r',
        f'\n\nid,title,text\na,Canal,"{STORY}"\nb,Well,Dry.\n',
        f'# exported by a tool\nid,title,text\na,Canal,"{STORY}"\nb,Well,Dry.\n',
        f'Report,News\nFrom,2024-03-05\n\nid,title,text\na,Canal,"{STORY}"\nb,Well,Dry.\n',
        f'id, title, text\na, Canal, "{STORY}"\nb, Well, Dry.\n',
        f'id,title,text\na,Canal,"{STORY}",,\nb,Well,Dry.,,\n',
        f'id,title,text,url\na,Canal,"{STORY}",NaN\nb,Well,Dry.,NULL\n',
        f"id\ttitle\ttext\na\tCanal\t{STORY}\nb\tWell\tDry.\n",
    ],
)
def test_tables_of_other_programs(content: str, tmp_path: Path) -> None:
    wide = content.encode("utf-16-le")
    for name, made in (("x.csv", content.encode()), ("x.txt", content.strip("\n").encode()), ("y.csv", wide)):
        if name == "x.txt" and not content.startswith("id"):
            continue
        documents, faults, _ = found(written(tmp_path, name, made))
        assert faults == []
        assert [some(document, "id", "title", "url") for document in documents] == [
            ("a", "Canal", None), ("b", "Well", None),
        ]  # fmt: skip
        assert documents[0]["text"] == STORY


def test_a_database_writes_line_breaks_of_a_tsv_as_escapes(tmp_path: Path) -> None:
    (document,), faults, _ = found(written(tmp_path, "x.tsv", "id\ttext\na\tOne line.\\nC:\\\\temp and\\ttwo.\n"))
    assert (document["text"], faults) == ("One line.\nC:\\temp and\ttwo.", [])


def test_row_numbers_and_numbered_files_have_the_name_of_what_they_count(tmp_path: Path) -> None:
    """What else would two exports have in common, whose every second story took the place of another one?"""
    for name in ("may", "june"):
        (folder := tmp_path / name).mkdir()
        written(folder, "001.txt", f"{name}\n\n{STORY}")
        written(folder, f"{name}.csv", f'id,text\n1,"{STORY}"\n2,{name}\n')
        written(folder, f"{name}.jsonl", json.dumps({"id": 0, "content": name}) + "\n")
    for path in (tmp_path, tmp_path / "may"):
        inside = "may/may" if path == tmp_path else "may"
        ids = {document["id"] for document in found(path)[0]}
        assert {"may/001", f"{inside}/0", f"{inside}/1", f"{inside}/2"} <= ids
    assert found(tmp_path / "may" / "001.txt")[0][0]["id"] == "may/001"
    for content, kept in (
        (f'id,text\n17283,"{STORY}"\n1,b\n', ["17283", "1"]),
        (json.dumps({"id": "1", "text": STORY}), ["1"]),
    ):
        name = "x.csv" if content.startswith("id") else "x.jsonl"
        assert [document["id"] for document in found(written(tmp_path, name, content))[0]] == kept
    table = written(tmp_path, "y.csv", f'id,text\n1,"{STORY}"\n')
    assert found(table, columns={"id": "id"})[0][0]["id"] == "1"


@pytest.mark.parametrize("suffix", [".tar", ".tar.gz", ".tgz", ".tar.xz", ".zip"])
def test_archives_of_files_are_opened(suffix: str, tmp_path: Path) -> None:
    members = {"a/001.txt": f"Canal\n\n{STORY}", "b.jsonl": json.dumps(PAIR), "._b.jsonl": "x", "c.pdf": "%PDF"}
    path = tmp_path / f"x{suffix}"
    if suffix == ".zip":
        with zipfile.ZipFile(path, "w") as packed:
            for name, content in members.items():
                packed.writestr(name, content)
    else:
        kind = {".tar.gz": "w:gz", ".tgz": "w:gz", ".tar.xz": "w:xz"}.get(suffix, "w")
        with tarfile.open(path, kind) as archive:  # type: ignore[call-overload]
            for name, content in members.items():
                info = tarfile.TarInfo(name)
                info.size = len(content.encode())
                archive.addfile(info, io.BytesIO(content.encode()))
    for given in (path, tmp_path):
        documents, faults, _ = found(given)
        assert [some(one, "id", "title", "text") for one in documents] == [
            ("a/001", "Canal", STORY), (None, "Canal", STORY),
        ]  # fmt: skip
        assert [fault.partition(": ")[2][:20] for fault in faults] == ["unknown kind of file"]


def test_an_archive_inside_of_an_archive_is_not_opened(tmp_path: Path) -> None:
    content = b""
    for name in ("b.jsonl", "a.jsonl"):
        with tarfile.open(fileobj=(buffer := io.BytesIO()), mode="w") as archive:
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
        content = buffer.getvalue()
    documents, faults, _ = found(written(tmp_path, "x.tar", content))
    assert (documents, bool(faults)) == ([], True)


def test_a_text_file_may_be_an_export_and_says_things_before_its_text(tmp_path: Path) -> None:
    page = f"<!DOCTYPE html><html lang=en><head><title>Canal</title></head><body><article><h1>Canal</h1><p>{STORY}</p><p>{STORY} Again.</p></article></body></html>"
    for content in (json.dumps([PAIR], indent=1), json.dumps(PAIR, indent=2), page):
        (document,), faults, _ = found(written(tmp_path, "x.txt", content))
        assert (document["title"], document["text"].startswith(STORY), faults) == ("Canal", True, [])
    front = f'---\ntitle: "Canal"\ndate: 2024-03-05\nauthor: A B\ntags:\n  - water\n---\n\n{STORY}\n'
    (document,), _, forms = found(written(tmp_path, "x.md", front))
    assert some(document, "title", "published_at", "metadata") == ("Canal", "2024-03-05", {"author": "A B"})
    assert (document["text"].strip(), forms) == (STORY, ["Markdown with front matter"])
    (document,), _, _ = found(written(tmp_path, "y.md", f"---\n\nNo front matter: none.\n\n---\n\n{STORY}\n"))
    assert document["text"].startswith("---")


def test_feeds_and_wires_have_more_than_stories(tmp_path: Path) -> None:
    feed = f"""<rss version="2.0" xmlns:wp="http://wordpress.org/export/1.2/" xmlns:content="http://purl.org/rss/1.0/modules/content/">
    <channel><title>Kelso</title><item><title>Canal</title><content:encoded>{STORY}</content:encoded><wp:post_type>post</wp:post_type></item>
    <item><title>pic</title><wp:post_type>attachment</wp:post_type></item></channel></rss>"""
    documents, faults, _ = found(written(tmp_path, "x.xml", feed))
    assert ([document["title"] for document in documents], len(faults)) == (["Canal"], 1)
    assert "is no post, as WordPress says: attachment" in faults[0]
    item = '<newsItem guid="urn:{0}"><contentMeta><headline>{0}</headline></contentMeta><contentSet>{1}</contentSet></newsItem>'
    news = item.format("Canal", f"<inlineXML><html><body><p>{STORY}</p></body></html></inlineXML>") + item.format(
        "pic", ""
    )
    documents, faults, _ = found(written(tmp_path, "y.xml", f"<newsMessage><itemSet>{news}</itemSet></newsMessage>"))
    assert ([document["id"] for document in documents], len(faults)) == (["urn:Canal"], 1)
    own = f'<doc title="Canal" author="A" date="2024-03-05" source="{URL}" hostname="kelso.example"><main><p>{STORY}</p></main></doc>'
    (document,), faults, forms = found(written(tmp_path, "z.xml", own))
    assert (forms, faults) == (["trafilatura document"], [])
    assert some(document, "title", "text", "url", "source", "published_at") == (
        "Canal", STORY, URL, "kelso.example", "2024-03-05",
    )  # fmt: skip


def test_versions_of_a_story_of_the_older_newsml_are_one_document(tmp_path: Path) -> None:
    item = f"""<NewsML><NewsItem><Identification><NewsIdentifier><ProviderId>afp.example</ProviderId><DateId>20240305</DateId>
    <NewsItemId>X1</NewsItemId><RevisionId Update="N">%s</RevisionId><PublicIdentifier>urn:newsml:afp.example:20240305:X1:%s
    </PublicIdentifier></NewsIdentifier></Identification><NewsComponent><ContentItem><DataContent><p>{STORY}</p></DataContent>
    </ContentItem></NewsComponent></NewsItem></NewsML>"""
    for revision in (1, 2):
        (document,), _, _ = found(written(tmp_path, "x.xml", item % (revision, revision)))
        assert some(document, "id", "revision", "source") == (
            "urn:newsml:afp.example:20240305:X1",
            revision,
            "afp.example",
        )
