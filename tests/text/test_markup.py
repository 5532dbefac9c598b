"""HTML in a text: what goes, and what only looks like it."""

import pytest

from services.text.clean import clean
from services.text.markup import entities, tags
from services.text.offsets import apply, untouched


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("<p>First.</p><p>Second.</p>", "First.\n\nSecond."),
        ("He said <b class=\"x\">no</b> to <a href='https://example.org/?a=1&amp;b=2'>it</a>.", "He said no to it."),
        ("One<br>two", "One two"),
        ("One.<br/><br />Two.", "One.\n\nTwo."),
        ("<DIV\nID=main\n>Loud</DIV>", "Loud"),
        ('<a title="5 > 4" href="/x">Sum</a>', "Sum"),
        ("<iframe src='/v' allowfullscreen></iframe>After", "After"),
        ("<o:p>Office</o:p>", "Office"),
        ("Before.<script>if (a < b) { x = '<p>' }</script>After.", "Before.\n\nAfter."),
        ("<style type='text/css'>p { color: red }</style>Plain", "Plain"),
        ("Seen <!-- <b>unseen</b> -->again", "Seen again"),
        ("Data <![CDATA[ x ]]>end", "Data end"),
        ("<!DOCTYPE html><html><body>Page</body></html>", "Page"),
        ("<?xml version='1.0'?><p>Feed</p>", "Feed"),
        ("&lt;p&gt;Escaped&lt;/p&gt;", "Escaped"),
        ("Tom &amp; Ann", "Tom & Ann"),
        ("It&#8217;s, it&#x2019;s, it&rsquo;s, it&#146;s", "It’s, it’s, it’s, it’s"),
        ("thrice &amp;amp;amp;#8217; escaped", "thrice ’ escaped"),
        ("R&amp;D", "R&D"),
        ("no&nbsp;break, cut&nbsp short", "no break, cut short"),
        ("5 &lt; 6 &gt; 4", "5 < 6 > 4"),
    ],
)
def test_markup_goes(raw: str, expected: str) -> None:
    assert clean(raw).text == expected


@pytest.mark.parametrize(
    "text",
    [
        "if a < b and c > d then",
        "x <b and c> d",
        "I <3 you, a<b, 3<4>2",
        "<http://example.org> and <ann@example.org>",
        "a tag without an end: <a href='/x'",
        "a script without an end <scripture>",
        "AT&T and R&D; Q&A",
        "https://example.org/?a=1&lt=2&copy=3&para=4",
        "&unknown; &notaword; &; & &#; &#x;",
        "vector<int> and List<String>",
    ],
)
def test_what_only_looks_like_markup_stays(text: str) -> None:
    assert clean(text).text == text


@pytest.mark.parametrize("text", ["Alder Mills <DD> wins its suit", "Holm and Co <S> and Ortiz Inc <PRE> merge"])
def test_a_ticker_stays(text: str) -> None:
    assert clean(text).text == text


def test_tags_in_capitals_go() -> None:
    assert clean("<P>The <B>mill</B><BR>was <FONT SIZE=2>sold<DL><DD>today</DL>").text == ("The mill was sold\n\ntoday")


def test_an_unclosed_comment_or_script_takes_nothing_with_it() -> None:
    assert clean("Before <!-- after").text == "Before <!-- after"
    assert clean("Before <script>after").text == "Before\n\nafter"


def test_a_comment_inside_a_script_ends_with_the_script() -> None:
    assert clean("a <script><!-- </script> b <!-- c --> d").text == "a\n\nb d"


def test_offsets_lead_back_to_the_entity() -> None:
    raw = "Tom &amp; Ann"
    cleaned = apply(untouched(raw), entities(raw))
    assert raw[slice(*cleaned.span(4, 5))] == "&amp;"
    assert raw[slice(*cleaned.span(6, 9))] == "Ann"


def test_a_text_without_markup_has_no_edits() -> None:
    assert tags("no tag") == []
    assert entities("no entity") == []
