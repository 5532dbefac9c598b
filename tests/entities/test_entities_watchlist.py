"""Where a text names what is watched: the case rule, hyphens, possessives, changes of the list, any dirty text."""

import string
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from schemas import WatchedEntity
from services.entities.watchlist import KIND, WatchList
from services.lists.entry import read_change
from services.lists.forms import ListFullError
from services.text.clean import clean


def entry(id: str, *forms: str) -> WatchedEntity:
    return WatchedEntity(id=id, name=forms[0], type="ORG", aliases=forms[1:])


def found(text: str, *forms: str) -> list[str]:
    return [text[match.start : match.end] for match in WatchList([entry("a", *forms)]).find(text) if match.firm]


@pytest.mark.parametrize(
    ("form", "text", "words"),
    [
        ("Apple", "Apple ate an apple. APPLE PIE", ["Apple"]),
        ("US", "US, U.S. and us", ["US", "U.S."]),
        ("adidas", "Adidas sells; adidas buys. ADIDAS", ["Adidas", "adidas"]),
        ("Best Buy", "Best Buy is the best buy, BEST BUY", ["Best Buy", "BEST BUY"]),
        ("Bank of Utopia", "BANK OF UTOPIA, Bank Of Utopia, bank of Utopia", ["BANK OF UTOPIA", "Bank Of Utopia"]),
        ("N.Y.P.D.", "The NYPD and the N.Y.P.D. met. The N.Y.P.D", ["NYPD", "N.Y.P.D.", "N.Y.P.D"]),
        ("Acme Inc", "Acme Inc., Acme Inc and Acme, Inc.", ["Acme Inc.", "Acme Inc"]),
        ("Malcolm X", "I saw Malcolm X. He sang.", ["Malcolm X"]),
        ("McDonald's", "McDonald’s sued Ann McDonald. MacMcDonald's", ["McDonald’s"]),
        ("Moody's Service", "MOODY'S SERVICE and Moody’s Service’s", ["MOODY'S SERVICE", "Moody’s Service"]),
        ("Acme", "Acme's Acmes, Acme’s; ACME", ["Acme", "Acme"]),
        ("Yahoo!", "Yahoo! and Yahoo", ["Yahoo!"]),
        ("@acme", "@acme and acme", ["@acme"]),
        ("AT&T", "AT&T, AT & T", ["AT&T"]),
        ("Smith & Sons", "Smith & Sons, Smith and Sons", ["Smith & Sons"]),
        ("al-Qaeda", "Al-Qaeda, al-Qaeda, al‑Qaeda, al Qaeda", ["Al-Qaeda", "al-Qaeda", "al‑Qaeda"]),
        ("Acme", "Acme-led, pro-Acme, mid-Acme-owned", ["Acme", "Acme", "Acme"]),
        ("Royce", "Rolls-Royce, Royce-Hall, Royce–Hall", ["Royce"]),
        ("Jane Roe", "Jane  Roe\n\nJane\n\nRoe", []),
        ("Müller", "Müller, Muller, MÜLLER", ["Müller"]),
        ("東京電力", "東京電力 said", ["東京電力"]),
        ("O’Brien", "O'Brien met Brien", ["O'Brien"]),
    ],
)
def test_a_form_is_found_as_its_rule_says(form: str, text: str, words: list[str]) -> None:
    assert found(text, form) == words


def test_of_forms_that_begin_together_the_longest() -> None:
    assert found("Acme Rocket Works and Acme Rocket", "Acme", "Acme Rocket Works", "Rocket") == [
        "Acme Rocket Works",
        "Acme",
        "Rocket",
    ]


def test_hyphens_join_what_is_watched() -> None:
    watch = WatchList([entry("a", "Acme"), entry("b", "Umbra Works")])
    assert [(match.id, match.firm) for match in watch.find("The Acme-Umbra Works deal. The Acme-Zeta deal.")] == [
        ("a", True),
        ("b", True),
        ("a", False),
    ]


def test_a_form_of_two_is_the_first_ones_whatever_came_first() -> None:
    for ids in (("b", "a"), ("a", "b")):
        watch = WatchList()
        clashes = [clash for one in ids for clash in watch.put(entry(one, "Acme", one))]
        assert clashes == [("Acme", "a", "b")]
        assert [match.id for match in watch.find("Acme")] == ["a"]
        watch.delete("a")
        assert [match.id for match in watch.find("Acme")] == ["b"]
    assert WatchList([entry("b", "Acme"), entry("a", "Acme")]).clashes == [("Acme", "a", "b")]
    assert WatchList([entry("a", "US"), entry("b", "us")]).clashes == []


def test_what_is_put_and_deleted_leaves_nothing_and_the_base_comes_back() -> None:
    watch = WatchList([entry("a", "Acme", "Acme Corp.")])
    before = watch.digest
    watch.put(entry("a", "Umbra"))
    watch.put(entry("b", "Zeta", "Zeta Works"))
    assert [match.id for match in watch.find("Acme Umbra Zeta Works")] == ["a", "b"]
    assert (len(watch), watch.digest == before) == (2, False)
    watch.delete("b")
    watch.delete("a")
    watch.delete("never there")
    assert watch.digest == before
    assert [match.id for match in watch.find("Acme Umbra Zeta Works")] == ["a"]


def test_the_digest_is_that_of_the_entries() -> None:
    entries = [entry(str(number), f"Acme {number}") for number in range(9)]
    assert WatchList(entries).digest == WatchList(entries[::-1]).digest
    assert len({WatchList(entries[:number]).digest for number in range(9)}) == 9
    assert WatchList().digest == ""
    assert WatchList([entry("1", "Acme")]).digest != WatchList([entry("1", "Acme", "ACME")]).digest


def test_a_full_list_takes_no_more_and_stays_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(WatchList, "kind", replace(KIND, most=3))
    watch = WatchList([entry("a", "Acme", "ACME")])
    before = watch.digest
    for entries in (entry("b", "Umbra", "UMBRA"), entry("a", "A", "B", "C", "D")):
        with pytest.raises(ListFullError):
            watch.put(entries)
    assert watch.digest == before
    assert watch.put(entry("a", "A", "B", "C")) == []
    with pytest.raises(ListFullError):
        WatchList([entry("a", "A", "B", "C", "D")])


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        (None, b"{}", "no key"),
        (b"", None, "no key"),
        (b"a", b"", "JSON"),
        (b"a", b"\xff", "JSON"),
        (b"a", b"[]", "object"),
        (b"a", b'{"id": "a", "name": "Acme"}', "type: Field required"),
        (b"b", b'{"id": "a", "name": "Acme", "type": "ORG"}', "id: is not the same as the message's key"),
        (b"\xff", b'{"id": "\xef\xbf\xbd\xef\xbf\xbd", "name": "Acme", "type": "ORG"}', "id"),
    ],
)
def test_a_message_that_says_nothing_is_named(key: bytes | None, value: bytes | None, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        read_change(KIND, key, value)


_WORD = st.text(string.ascii_lowercase, min_size=2, max_size=9).map(lambda word: "Q" + word)
_NAMES = st.lists(st.lists(_WORD, min_size=1, max_size=4), min_size=1, max_size=5)
_MARKS = 'said|in|’s|,|.|“|”|"|—|(|)|  |&amp;|<b>|</b>|â€™|é|中文|🙂|$ 4 . 1|http://a.b/C|\n\n|\u00ad|\u200b|\x00|N. Y. P. D.'
_DIRT = st.sampled_from(_MARKS.split("|"))


@given(_NAMES, st.lists(_DIRT, min_size=6, max_size=6), st.sampled_from([" ", "   ", "\t", "&nbsp;", "\u00a0"]))
@example([["Qab"], ["Qab", "Qcd"]], ["&amp;"] * 6, " ")
def test_every_planted_name_is_found_where_it_was_received(
    names: Sequence[list[str]], dirt: list[str], gap: str
) -> None:
    watch = WatchList([entry(str(number), " ".join(words)) for number, words in enumerate(names)])
    raw = dirt[0]
    planted: list[tuple[int, int]] = []
    for words, between in zip(names, dirt[1:], strict=False):
        raw += " x "
        planted.append((len(raw), len(raw) + len(gap.join(words))))
        raw += f"{gap.join(words)} x {between}"
    text = clean(raw)
    matches = watch.find(text.text)
    assert [text.span(match.start, match.end) for match in matches] == planted
    for match, words in zip(matches, names, strict=True):
        assert text.text[match.start : match.end] == " ".join(words)


@given(st.lists(st.text(max_size=30), max_size=4), st.text(max_size=200))
def test_any_forms_and_any_text(forms: list[str], text: str) -> None:
    entries = []
    for number, form in enumerate(forms):
        try:
            entries.append(entry(str(number), form))
        except ValueError:
            continue
    watch = WatchList(entries)
    reached = 0
    for match in watch.find(text + "".join(f" {form} " for form in forms)):
        assert reached <= match.start < match.end
        reached = match.end
    for one in entries:
        watch.delete(one.id)
        watch.put(one)
    assert watch.digest == WatchList(entries).digest


@given(st.from_regex(r"[A-Za-z0-9]+( [A-Za-z0-9]+)*", fullmatch=True))
def test_plain_words_have_nothing_to_clean(form: str) -> None:
    assert clean(form).text == form
