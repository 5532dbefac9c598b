"""How a page is cut into windows, and what is known of the pairs in them."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.stance.encoder import FOLDERS, OWN
from services.stance.holders import Source
from services.stance.loading import VOCABULARY
from services.stance.page import Mark, make_page
from services.stance.quotations import find_attributions
from services.stance.reading.windows import HOLDER, MOST_PIECES, PAIR, TARGET, Sheet, Span, Window, windows
from services.text.wordpiece import WordPieces

PIECES = WordPieces.load(FOLDERS[OWN] / VOCABULARY)
NAMES = {"e1": "Ana Brandt", "e2": "Carl Novak", "e3": "Northport Transit Authority", "e4": "Harlan Water Authority"}
FILLER = "The council met on Monday and the members of the council spoke about the weather of the week. "


def sheet_of(text: str, listed: tuple[tuple[str, str], ...] = ()) -> Sheet:
    marks = []
    for word, entity, kind in (
        ("Brandt", "e1", "PERSON"),
        ("Novak", "e2", "PERSON"),
        ("Northport Transit Authority", "e3", "ORG"),
        ("Harlan Water Authority", "e4", "ORG"),
    ):
        at = text.find(word)
        while at >= 0:
            marks.append(Mark(at, at + len(word), entity, kind))
            at = text.find(word, at + 1)
    page = make_page(text, (), sorted(marks))
    places = []
    for phrase, identity in listed:
        start = text.find(phrase)
        tokens = [at for at in range(len(page.starts)) if start <= page.starts[at] < start + len(phrase)]
        places.append(((tokens[0], tokens[-1] + 1), identity))
    return Sheet("text", page, find_attributions(page), places)


def cut(text: str, listed: tuple[tuple[str, str], ...] = ()) -> list[Window]:
    return windows(sheet_of(text, listed), PIECES, {"e1": 0.6, "e2": 0.4}, NAMES)


def words(window: Window, span: Span) -> list[int]:
    return window.pieces[slice(*span.pieces)]


def parties(window: Window, indexes: list[int]) -> list[Source]:
    return [window.spans[at].party for at in indexes]


def test_names_and_noun_phrases_are_targets_and_people_are_holders() -> None:
    (window,) = cut("Brandt denounced the harbor toll on Monday, and protesters cheered.")
    assert parties(window, window.targets)[:2] == [Source(entity="e1"), Source(name="harbor toll")]
    assert parties(window, window.holders) == [Source(entity="e1"), Source(name="protesters")]


def test_a_span_has_the_pieces_of_its_words() -> None:
    (window,) = cut("Brandt denounced the harbor toll.")
    toll = next(span for span in window.spans if span.party.name == "harbor toll")
    assert words(window, toll) == [piece for word in ("the", "harbor", "toll") for piece in PIECES.pieces(word)]


def test_a_pronoun_is_whom_it_means_or_nothing() -> None:
    (window,) = cut("Brandt spoke first. She said it was a bad toll.")
    assert parties(window, window.holders).count(Source(entity="e1")) == 2
    assert all(span.party != Source(name="it") for span in window.spans)


def test_who_goes_on_speaking_is_written_in_front() -> None:
    speech = "“The toll is a fraud. " + "It will close the shops of the harbor, and it will empty the streets. " * 30
    found = cut(f"Brandt said: {speech}”")
    assert len(found) > 2
    first = found[-1].spans[found[-1].holders[0]]
    assert first.party == Source(entity="e1")
    assert words(found[-1], first) == [piece for word in ("Ana", "Brandt") for piece in PIECES.pieces(word)]
    assert first.pieces[0] == 1


def test_each_sentence_is_the_own_of_one_window_and_context_is_no_target() -> None:
    sheet = sheet_of(FILLER * 40)
    found = windows(sheet, PIECES, {}, NAMES)
    assert [window.words[0] for window in found[1:]] == [window.words[1] for window in found[:-1]]
    assert (found[0].words[0], found[-1].words[1]) == (0, len(sheet.page.starts))
    for window in found:
        assert all(window.spans[at].tokens[0] >= window.words[0] for at in window.targets)
    assert any(window.spans[0].tokens[0] < window.words[0] for window in found[1:])


def test_whose_words_a_target_stands_in_is_known() -> None:
    (window,) = cut("Brandt said that the harbor toll was a fraud, but Novak praised the ferry.")
    speaker = parties(window, window.holders).index(Source(entity="e1"))
    other = parties(window, window.holders).index(Source(entity="e2"))
    toll = parties(window, window.targets).index(Source(name="harbor toll"))
    assert window.pair[speaker, toll, 2] == 2
    assert window.pair[other, toll, 2] in (3, 4)
    assert window.pair[-1, toll, 2] == 7


def test_a_listed_phrase_is_a_target_where_it_ends_a_phrase_and_by_itself() -> None:
    (window,) = cut("Brandt denounced the new harbor toll.", (("harbor toll", "toll"),))
    assert [window.spans[at].listed for at in window.targets] == ["", "toll"]


@given(st.text(alphabet=string.ascii_letters + " .,:;“”\"'()\n-€é", max_size=600))
def test_whatever_is_in_a_text_every_window_fits(text: str) -> None:
    for window in cut(text):
        assert len(window.pieces) <= MOST_PIECES
        assert window.pair.shape == (len(window.holders) + 1, len(window.targets), len(PAIR))
        for span in window.spans:
            assert 0 < span.pieces[0] < span.pieces[1] < len(window.pieces)
        for known, sizes in (
            (window.pair.reshape(-1, len(PAIR)), PAIR),
            (window.holding, HOLDER[:3]),
            (window.targeted, TARGET),
        ):
            assert not len(known) or (known.max(axis=0) < sizes).all()
    assert str(cut(text)) == str(cut(text))


def test_a_person_with_a_title_is_the_person() -> None:
    (window,) = cut("The protesters blamed Mayor Brandt and praised Councilman Novak of Northport.")
    assert parties(window, window.targets) == [
        Source(name="protesters"),
        Source(entity="e1"),
        Source(entity="e2"),
    ]


def test_an_apposition_is_whom_it_describes() -> None:
    for described in ("a Northport senator", "chairman of the harbor", "spokesman for a fund"):
        (window,) = cut(f"Brandt, {described}, denounced the toll.")
        assert set(parties(window, window.holders)) == {Source(entity="e1")}
    (window,) = cut("After the speech of Brandt, officials of the port denounced the toll.")
    assert Source(name="officials of the port") in parties(window, window.holders)


def test_a_body_is_also_called_by_the_last_word_of_its_name() -> None:
    (window,) = cut(
        "Brandt praised the Northport Transit Authority. Novak denounced the authority, and the port authority."
    )
    assert parties(window, window.targets)[1:] == [
        Source(entity="e3"),
        Source(entity="e2"),
        Source(entity="e3"),
        Source(name="port authority"),
    ]
    two = "The Northport Transit Authority sued the Harlan Water Authority. Novak denounced the authority."
    (window,) = cut(two)
    assert parties(window, window.targets)[-1] == Source(name="authority")


def test_a_body_is_whom_an_apposition_describes() -> None:
    (window,) = cut("The Northport Transit Authority, a group in Harlan, denounced the toll.")
    assert set(parties(window, window.holders)) == {Source(entity="e3")}


def test_a_place_by_its_words_is_no_holder() -> None:
    (window,) = cut("Novak denounced the toll at the Northport Transit Authority, and a crowd of protesters cheered.")
    assert Source(entity="e3") in parties(window, window.targets)
    assert Source(entity="e3") not in parties(window, window.holders)


def test_a_name_with_more_behind_it_stands_for_itself() -> None:
    (window,) = cut("The Northport Transit Authority in Harlan denounced the toll.")
    assert set(parties(window, window.holders)) == {Source(entity="e3")}


@pytest.mark.parametrize("dash", ["—", "–", "--"])
def test_the_place_of_a_dateline_is_no_target(dash: str) -> None:
    (window,) = cut(f"NORTHPORT, Ohio (AP) {dash} Brandt praised the ferry {dash} and the harbor.")
    assert [party.name for party in parties(window, window.targets) if party.name] == ["ferry", "harbor"]
    (window,) = cut(f"Northport {dash} that is what Brandt praised.")
    assert Source(name="Northport") in parties(window, window.targets)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (
            "Brandt wants to ban the new harbor tolls altogether, and would allow her own ferry.",
            ["new harbor tolls", "ferry"],
        ),
        ("Brandt, who opposed the law from the start, kept its rate at 6 percent.", ["law", "rate"]),
        ("Novak put the blame on the ferry.", ["ferry"]),
        ("Novak backs calls for a public inquiry.", ["public inquiry"]),
        ("Brandt would push socialist policy.", ["socialist policy"]),
        ("Brandt wrote the ordinance and called it a fair deal.", ["ordinance"]),
        ("Novak condemned the agreement as a betrayal.", ["agreement"]),
        ("Novak signed the strict rules last.", ["strict rules"]),
        ("Novak said that the rules go too far.", ["rules"]),
        ("Novak would pull 2,000 ferry guards out.", ["ferry guards"]),
    ],
)
def test_a_wording_names_what_a_side_is_toward(text: str, names: list[str]) -> None:
    (window,) = cut(text)
    assert [party.name for party in parties(window, window.targets) if party.name] == names
