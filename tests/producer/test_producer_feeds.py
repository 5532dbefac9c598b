from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.producer.feed import NotAFeedError, entries
from services.producer.guard import FeedReader

RSS = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>Harbour &amp; Hills Daily</title>
{}</channel></rss>"""
ATOM = """<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>Hills</title>{}</feed>"""


@pytest.fixture(scope="module")
def reader() -> Iterator[FeedReader]:
    feeds = FeedReader(cpu_seconds=1)
    yield feeds
    feeds.close()


def test_an_rss_item_is_a_document() -> None:
    (entry,) = entries(
        RSS.format(
            "<item><title>Mayor &amp; council</title><link>https://www.hills.example/a?x=1</link>"
            "<guid isPermaLink='false'>hills-1</guid><pubDate>Mon, 27 Mar 2017 18:04:00 -0400</pubDate>"
            "<description>Short.</description>"
            "<content:encoded><![CDATA[<p>The mayor said <b>no</b>.</p><script>x()</script>]]></content:encoded></item>"
        ).encode()
    )
    assert entry.fields == {
        "id": "hills-1",
        "text": "<p>The mayor said <b>no</b>.</p><script>x()</script>",
        "title": "Mayor & council",
        "url": "https://www.hills.example/a?x=1",
        "source": "hills.example",
        "published_at": "2017-03-27T22:04:00+00:00",
        "metadata": {"guid": "hills-1", "feed": "Harbour & Hills Daily"},
    }
    assert (entry.number, entry.fault) == (1, None)


def test_an_atom_entry_is_a_document() -> None:
    (entry,) = entries(
        ATOM.format(
            "<entry><title>T</title><id>urn:uuid:60a76c80</id><link href='https://a.example/1'/>"
            "<updated>2020-02-29T23:00:00+02:00</updated><summary>S</summary></entry>"
        ).encode()
    )
    assert entry.fields["id"] == "urn:uuid:60a76c80"
    assert entry.fields["published_at"] == "2020-02-29T21:00:00+00:00"
    assert entry.fields["text"] == "S"


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        ("<guid>1723</guid><link>https://a.example/x</link>", {"id": "a.example/1723", "source": "a.example"}),
        ("<guid>1723</guid>", {"id": "Harbour & Hills Daily/1723", "source": "Harbour & Hills Daily"}),
        ("<guid>two\nlines</guid>", {"id": "two lines"}),
        (f"<guid>{'x' * 257}</guid>", {"id": None}),
        ("", {"id": None, "url": None, "published_at": None}),
        ("<pubDate>yesterday</pubDate>", {"published_at": None}),
        ("<link>http://[broken</link>", {"source": "Harbour & Hills Daily"}),
    ],
)
def test_what_an_item_lacks_is_absent(item: str, expected: dict[str, str | None]) -> None:
    (entry,) = entries(RSS.format(f"<item><description>x</description>{item}</item>").encode())
    assert {name: entry.fields.get(name) for name in expected} == expected


def test_an_item_without_text_is_its_headline_and_one_without_either_has_a_fault() -> None:
    items = "<item><link>https://a.example/1</link></item><item><title>a</title></item><item><description>b</description></item>"
    first, second, third = entries(RSS.format(items).encode())
    assert first.fault == "has no text and no title"
    assert (second.number, second.fault, second.fields["text"], second.fields["title"]) == (2, None, "a", "a")
    assert third.fields["text"] == "b"


def test_other_encodings_and_damaged_feeds_are_read() -> None:
    latin = RSS.replace("UTF-8", "ISO-8859-1").format("<item><description>café</description></item>").encode("latin-1")
    assert entries(latin)[0].fields["text"] == "café"
    unclosed = RSS.format("<item><title>a & b&nbsp;</title><description>first</description><item>")
    assert entries(unclosed.encode())[0].fields["text"] == "first"


@pytest.mark.parametrize(
    "content",
    [b"", b"plain", b"<html><body>x</body></html>", b"<?xml version='1.0'?><a/>", b"\x00\xff", b"{}", b"<rss", b"<"],
)
def test_what_is_no_feed_is_refused(content: bytes) -> None:
    with pytest.raises(NotAFeedError):
        entries(content)


def test_external_and_nested_entities_are_not_expanded() -> None:
    laughs = '<!ENTITY a "ha">' + "".join(
        f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    )
    document = (
        f'<?xml version="1.0"?><!DOCTYPE rss [{laughs}<!ENTITY passwd SYSTEM "file:///etc/passwd">]>'
        "<rss version='2.0'><channel><item><description>x &i; &passwd; y</description></item></channel></rss>"
    )
    (entry,) = entries(document.encode())
    assert "root:" not in str(entry.fields)
    assert len(str(entry.fields)) < 500


@pytest.mark.parametrize(
    "content",
    [
        b"<?xml " + b"encoding='" * 50_000 + b"\n<rss version='2.0'/>",
        b"<rss version='2.0'><channel><item><author>" + b"a" * 200_000 + b"</author></item></channel></rss>",
    ],
)
def test_a_feed_that_holds_the_parser_is_given_up(reader: FeedReader, content: bytes) -> None:
    with pytest.raises(NotAFeedError, match="takes more than 1 s"):
        reader.read(content)
    assert reader.read(RSS.format("<item><description>next</description></item>").encode())[0].fields["text"] == "next"


_PIECES = [
    *("<item>", "</item>", "<title>", "</title>", "<description>", "</description>", "<link>", "<pubDate>", "<guid>"),
    *(
        "<entry>",
        "</entry>",
        "<content/>",
        "</content>",
        "<gml:pos>1</gml:pos>",
        "<!--",
        "-->",
        "<![CDATA[",
        "]]>",
        "<?x?>",
    ),
    *("<", ">", "&", "&amp;", "&bogus;", "&#xD800;", "&#0;", "\x00", "text", "99999", "é"),
]


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(_PIECES), max_size=25))
def test_arbitrary_feeds_give_entries_or_are_refused(words: list[str]) -> None:
    try:
        found = entries(RSS.format("".join(words)).encode())
    except NotAFeedError:
        return
    for entry in found:
        assert entry.fault or str(entry.fields["text"]).encode().strip()
