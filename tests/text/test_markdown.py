"""Markdown in a text: what goes, and what only looks like it."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.text.clean import clean
from services.text.markdown import names_an_outlet

CASES = Path(__file__).parent / "cases"


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("[Ann Lee](https://x.example/Ann_Lee) left.", "Ann Lee left."),
        ('the [Mill](https://x.example/m "its page") and the [Dam](</a b>)', "the Mill and the Dam"),
        ("the [Mill](/wiki/Mill_(Alder)) is old", "the Mill is old"),
        ("the [old [sic] Mill](/m) is [here](#top)", "the old [sic] Mill is here"),
        ("![The Mill](m.jpg)The mill.", "The mill."),
        ("[![Ann](a.png)](https://x.example) Ann", "Ann"),
        ("[Ann Lee][1], [Holm][] and [Roe].\n\n[1]: http://x.example\n[holm]: <h> 'H'\n[Roe]: /r", "Ann Lee, Holm and Roe."),
        ("It closed.[^1]\n\n[^1]: The note.", "It closed.\n\nThe note."),
        ("**Ann Lee** met __Mr. Holm__, *Roe* and _NATO_.", "Ann Lee met Mr. Holm, Roe and NATO."),
        ("***Both*** and **one *in* the other**", "Both and one in the other"),
        ("“**So**,” (_said_ **Ann**'s *aunt*)—*loud*", "“So,” (said Ann's aunt)—loud"),
        ("**[Ann Lee](/a)** and [**Holm**](/h)", "Ann Lee and Holm"),
        ("It is ~~gone~~ `here`.", "It is gone here."),
        ("Ann\\_Lee paid 5\\* and \\#1 \\[sic\\]", "Ann_Lee paid 5* and #1 [sic]"),
        ("# Title\nThe text.\n## Next ##\nMore.", "Title\n\nThe text.\n\nNext\n\nMore."),
        ("Title\n=====\n\nThe text.\n\n* * *\n\nMore.\n\n---\n\nEnd.", "Title\n\nThe text.\n\nMore.\n\nEnd."),
        ("She said:\n> It is over\n> for good.\n\nSo it was.", "She said:\n\nIt is over for good.\n\nSo it was."),
        ("| Who | What |\n| --- | :-: |\n| Ann | left |", "Who\n\nWhat\n\nAnn\n\nleft"),
        ("```text\nplain\n```", "plain"),
    ],
)  # fmt: skip
def test_markup_goes(raw: str, expected: str) -> None:
    assert clean(raw).text == expected


@pytest.mark.parametrize(
    "text",
    [
        "5 * 3 * 2 and 2*3*4",
        "f*** off, s**t and M*A*S*H",
        "snake_case_name and @ann_lee_ and #so_it_goes",
        "[sic], [Mr. Roe] and [he](said so)",
        "#1 in the list",
        "It rose 5%* this year.",
        "x | y | z",
        "https://x.example/_a_/b*c*d?e=_f_",
        "Name: ________ Date: ____",
        "the years 1990-2000 -- and more",
        "~5 people and ~~ so on",
        "* and _ and **",
        "C:\\temp\\news",
    ],
)
def test_what_only_looks_like_markup_stays(text: str) -> None:
    assert clean(text).text == text


def test_offsets_lead_into_the_marked_up_text() -> None:
    raw = "Mayor **[Lena Ortiz](https://x.example/ortiz)** criticized [NATO](/n)."
    cleaned = clean(raw)
    for name in ("Lena Ortiz", "criticized", "NATO"):
        at = cleaned.text.index(name)
        first, last = cleaned.span(at, at + len(name))
        assert raw[first:last] == name


WORDS = st.lists(st.sampled_from(["Ann", "Lee", "said", "so", "NATO", "it"]), min_size=1, max_size=6).map(" ".join)


@given(
    st.lists(
        st.tuples(
            WORDS,
            st.sampled_from(
                ["{}", "**{}**", "*{}*", "_{}_", "__{}__", "[{}](/x_y)", "[{}](http://a.b/c_d 't')", "~~{}~~"]
            ),
        ),
        max_size=9,
    )
)
def test_marked_up_and_plain_are_one(parts: list[tuple[str, str]]) -> None:
    marked = " ".join(["so", *(form.format(words) for words, form in parts)])
    assert clean(marked).text == " ".join(["so", *(words for words, _ in parts)])


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (
            "- [Mayor attacks water company](https://n.example/a) Daily Example\n- [Ortiz slams Dunmore](/b) - Kelso Post\n",
            "- Mayor attacks water company\n\nDaily Example\n\n- Ortiz slams Dunmore\n\n- Kelso Post",
        ),
        (
            '<ol><li><a href="a">Mayor attacks water company</a>&nbsp;&nbsp;<font color="#6f6f6f">Daily Example</font></li></ol>',
            "Mayor attacks water company\n\nDaily Example",
        ),
        ("<p><a href='a'><b>Storm</b> hits the coast</a> <i>Kelso Post</i></p>", "Storm hits the coast\n\nKelso Post"),
        ("<p><a href='a'>Lena Ortiz</a> Praised</p>", "Lena Ortiz Praised"),
        ("<li><a href='a'>The mayor of Dunmore</a> criticized NATO.</li>", "The mayor of Dunmore criticized NATO."),
        ("In <a href='a'>an open letter today</a> Lena Ortiz</p>", "In an open letter today Lena Ortiz"),
        ("[The mayor of Dunmore](/a) praised NATO.", "The mayor of Dunmore praised NATO."),
    ],
)  # fmt: skip
def test_a_headline_and_its_outlet_are_no_sentence(raw: str, expected: str) -> None:
    assert clean(raw).text == expected


def test_an_outlet_is_named_in_capitals() -> None:
    assert names_an_outlet("Mayor attacks company", " - The Kelso Post")
    assert not names_an_outlet("Mayor attacks company", " on Monday")


@pytest.mark.parametrize("path", sorted(CASES.glob("23*.json")), ids=lambda path: path.stem)
def test_the_cases(path: Path) -> None:
    text = clean(json.loads(path.read_text())["text"]).text
    assert not set("[]*_#") & set(text)
    assert "http" not in text
