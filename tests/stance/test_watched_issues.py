"""Where a text speaks of an issue: wordings, numbers, overlaps, changes of the list, any dirty text, in linear time."""

import string
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import WatchedIssue
from services.lists.entry import read_change
from services.lists.forms import ListFullError
from services.stance.plurals import numbers
from services.stance.watched import KIND, IssueList
from services.text.clean import clean


def issue(id: str, *forms: str) -> WatchedIssue:
    return WatchedIssue(id=id, name=forms[0], phrases=forms[1:])


def found(text: str, *forms: str) -> list[str]:
    return [text[place.start : place.end] for place in IssueList([issue("a", *forms)]).find(text)]


@pytest.mark.parametrize(
    ("form", "text", "words"),
    [
        ("sanctuary cities", "Sanctuary City; a sanctuary city’s mayor", ["Sanctuary City", "sanctuary city"]),
        ("sanctuary cities", "sanctuary. Cities; sanctuary\n\ncities; sanctuary – cities; sanctuary - cities", []),
        ("a carbon tax", "the carbon tax, carbon taxes, a carbon-tax plan", ["carbon tax", "carbon taxes", "carbon-tax"]),
        ("carbon-tax", "CARBON TAX, carbon‑tax, carbontax, carbon taxing", ["CARBON TAX", "carbon‑tax"]),
        ("women's rights", "women’s rights, women rights, women\u2019s right", ["women’s rights", "women rights", "women’s right"]),
        ("teachers' union", "the teachers’ unions and the teachers union", ["teachers’ unions", "teachers union"]),
        ("US", "US and us. U.S. and Us", ["US", "U.S."]),
        ("the NATO", "NATO, Nato and nato", ["NATO", "Nato"]),
        ("U.S. troops", "US troops, a U.S. troop, U.S.troops", ["US troops", "U.S. troop", "U.S.troops"]),
        ("$15 minimum wage", "a $15 minimum wage, a 15 minimum wage", ["$15 minimum wage"]),
        ("LGBTQ+ rights", "LGBTQ+ rights and LGBTQ rights", ["LGBTQ+ rights"]),
        ("the", "the a", ["the"]),
        ("politics", "politics, politic", ["politics"]),
        ("İzmir’in", "in İzmir’in", ["İzmir’in"]),
        ("原子力発電", "原子力発電 said", ["原子力発電"]),
    ],
)  # fmt: skip
def test_a_wording_is_found_as_its_rule_says(form: str, text: str, words: list[str]) -> None:
    assert found(text, form) == words


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("city", "cities"),
        ("day", "days"),
        ("tax", "taxes"),
        ("movie", "movies"),
        ("law", "laws"),
        ("church", "churches"),
        ("class", "classes"),
        ("virus", "viruses"),
        ("crisis", "crises"),
        ("wolf", "wolves"),
        ("wife", "wives"),
        ("hero", "heroes"),
        ("woman", "women"),
        ("child", "children"),
    ],
)
def test_the_other_number(one: str, other: str) -> None:
    assert found(f"a new {one}, new {other}", f"new {one}") == [f"new {one}", f"new {other}"]
    assert (numbers(one)[0], other in numbers(one)) == (one, True)
    assert one == "crisis" or one in numbers(other), "crises may be the plural of a crise"


def test_of_phrases_that_overlap_the_longest() -> None:
    issues = IssueList([issue("a", "carbon tax"), issue("b", "tax credit for families"), issue("c", "tax")])
    assert [place.id for place in issues.find("a carbon tax credit for families, a carbon tax, a tax")] == [
        "b",
        "a",
        "c",
    ]
    assert issues.find("a carbon tax")[0].name == "carbon tax"


def test_a_wording_of_two_is_the_first_ones() -> None:
    issues = IssueList([issue("b", "carbon tax"), issue("a", "a carbon taxes", "the tax")])
    assert issues.clashes == [("a carbon taxes", "a", "b")]
    assert [place.id for place in issues.find("Carbon tax")] == ["a"]
    issues.put(issue("a", "else"))
    assert [place.id for place in issues.find("Carbon tax")] == ["b"]


def test_the_list_changes_and_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(IssueList, "kind", replace(KIND, most=3))
    issues = IssueList([issue("a", "carbon tax", "carbon taxes")])
    before = issues.digest
    with pytest.raises(ListFullError):
        issues.put(issue("b", "x", "y"))
    issues.put(issue("b", "x"))
    assert [place.id for place in issues.find("x, carbon tax")] == ["b", "a"]
    issues.delete("b")
    assert issues.digest == before
    issues.put(issue("a", "other"))
    assert issues.find("carbon taxes") == []
    issues.delete("a")
    assert [place.id for place in issues.find("carbon taxes, other")] == ["a"]


def test_a_message_that_says_nothing_is_named() -> None:
    for value, words in (
        (b"[]", "object"),
        (b'{"id": "a"}', "name: Field required"),
        (b'{"id": "b", "name": "x"}', "id: is"),
    ):
        with pytest.raises(ValueError, match=words):
            read_change(KIND, b"a", value)


_WORD = st.text(string.ascii_lowercase, min_size=3, max_size=8).map(lambda word: word + "q")
_PHRASES = st.lists(st.lists(_WORD, min_size=1, max_size=4).map(" ".join), min_size=1, max_size=5)
_MARKS = 'said|in|’s|,|.|“|”|"|—|(|)|  |&amp;|<b>|</b>|â€™|é|中文|🙂|$ 4 . 1|http://a.b/C|\n\n|\u00ad|\u200b|\x00|N. Y. P. D.'


@given(_PHRASES, st.lists(st.sampled_from(_MARKS.split("|")), min_size=6, max_size=6), st.sampled_from(["", "s"]))
def test_every_planted_phrase_is_found_where_it_was_received(phrases: list[str], dirt: list[str], end: str) -> None:
    issues = IssueList([issue(str(number), phrase) for number, phrase in enumerate(phrases)])
    raw = dirt[0]
    planted: list[tuple[int, int]] = []
    for phrase, between in zip(phrases, dirt[1:], strict=False):
        raw += " x "
        planted.append((len(raw), len(raw) + len(phrase + end)))
        raw += f"{phrase.title() if len(dirt[0]) > 1 else phrase}{end} x {between}"
    text = clean(raw)
    assert [text.span(place.start, place.end) for place in issues.find(text.text)] == planted


@given(st.lists(st.text(max_size=30), max_size=4), st.text(max_size=200))
def test_any_wordings_and_any_text(forms: list[str], text: str) -> None:
    issues = []
    for number, form in enumerate(forms):
        try:
            issues.append(issue(str(number), form))
        except ValueError:
            continue
    listed = IssueList(issues)
    reached = 0
    for place in listed.find(text + "".join(f" {form} " for form in forms)):
        assert reached <= place.start < place.end
        reached = place.end
    for one in issues:
        listed.delete(one.id)
        listed.put(one)
    assert listed.digest == IssueList(issues).digest


class Counting(IssueList):
    """Counts the look-ups of whole phrases."""

    steps = 0

    def forms_at(self, words: Sequence[str], at: int):  # type: ignore[no-untyped-def]
        """As it is, and counted."""
        self.steps += 1 + self._lengths.get(words[at], 0).bit_count()
        return super().forms_at(words, at)


def test_the_steps_grow_with_the_text_and_not_with_the_list() -> None:
    def steps(issues: int, times: int) -> int:
        listed = Counting([issue(str(number), f"carbon tax {number}", f"issue {number}") for number in range(issues)])
        listed.find("a carbon tax on issue 7 and on Tuesday. " * times)
        return listed.steps

    assert steps(10, 1000) == 10 * steps(10, 100)
    assert steps(2000, 100) == steps(10, 100)
    listed = Counting([issue(str(number), "carbon " * number + "x") for number in range(1, 28)])
    listed.find("carbon " * 5000)
    assert listed.steps == 28 * 5000
