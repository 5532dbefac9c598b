"""The small parts: titles, words, headlines, pieces, salience, settings."""

import pytest
import spacy
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from spacy.training import Example

from services.entities.casing import settle_case
from services.entities.pieces import blank, find_end, step_back
from services.entities.reading import PipelineReader
from services.entities.settings import EntitySettings
from services.entities.titles import count_title_words, find_title, gender_of, is_honorific
from services.entities.words import find_capitals, find_small, find_words, fold, is_acronym, starts_sentence
from services.text.salience import Presence, share


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Mr. Lee", "Mr."),
        ("said Mr Lee", "Mr"),
        ("the Deputy Prime Minister Lee", "Deputy Prime Minister"),
        ("Secretary of State Lee", "Secretary of State"),
        ("District Attorney Lee", "District Attorney"),
        ("Reps. and Sen. Lee", "Sen."),
        ("the president Lee", ""),
        ("Democratic National Lee", ""),
        ("Democratic National Mr. Lee", "Mr."),
        ("the House. Lee", ""),
        ("the President. Lee", ""),
        ("President, Lee", ""),
        ("of Lee", ""),
        ("Lee", ""),
    ],
)
def test_the_title_before_a_name(text: str, title: str) -> None:
    assert find_title(text, text.index("Lee")) == title


@pytest.mark.parametrize(
    ("words", "count"),
    [
        ("Mr. Lee", 1),
        ("Attorney General Ann Lee", 2),
        ("Secretary of State Ann Lee", 3),
        ("Chief of Staff Gen. Ann Lee", 4),
        ("Martin Luther King", 0),
        ("King", 0),
        ("Judge", 0),
        ("Prime Lee", 0),
    ],
)
def test_the_title_in_a_name(words: str, count: int) -> None:
    assert count_title_words(words.split()) == count


def test_honorifics_and_what_they_tell() -> None:
    assert all(map(is_honorific, ("Mr.", "Mr", "Mrs.", "Dr", "Sen.", "Sir")))
    assert not any(map(is_honorific, ("Sen", "Rep", "mr.", "President", "Miller")))
    assert [gender_of(title) for title in ("Mr.", "Judge", "Congresswoman", "Sir", "Former King", "")] == [
        "m",
        "",
        "f",
        "m",
        "m",
        "",
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Eric T. Lee’s dog", ["Eric", "T.", "Lee", "dog"]),
        ("N.Y.P.D. and U.S. and U.S", ["N.Y.P.D.", "and", "U.S.", "and", "U.S"]),
        ("O’Brien’s AT&T, Al-Sabah; Acme.com", ["O’Brien", "AT&T", "Al-Sabah", "Acme.com"]),
        ("Mr. Lee left.Ann stayed. Inc.", ["Mr.", "Lee", "left", "Ann", "stayed", "Inc."]),
        ("the Lees' cat’s", ["the", "Lees", "cat"]),
        ("s 's S", ["s", "s", "S"]),
    ],
)
def test_what_one_word_is(text: str, words: list[str]) -> None:
    assert [word.text for word in find_words(text)] == words


@given(st.text(max_size=80), st.integers(0, 80), st.integers(0, 80))
def test_words_are_where_they_say(text: str, start: int, end: int) -> None:
    start, end = sorted((min(start, len(text)), min(end, len(text))))
    for words in (find_words(text, start, end), find_capitals(text)):
        assert all(text[word.start : word.end] == word.text for word in words)
    assert all(start <= word.start < word.end <= end for word in find_words(text, start, end))


def test_words_are_compared_without_case_and_stops() -> None:
    assert fold("N.Y.P.D.") == "nypd"
    assert fold("O’Brien") == "o'brien"
    assert is_acronym("ICE")
    assert is_acronym("N.Y.P.D.")
    assert is_acronym("AT&T")
    assert not any(map(is_acronym, ("Ice", "I", "WASHINGTON", "A-B")))


def test_where_a_capital_says_nothing() -> None:
    text = "One. Two “Three” said Four: Five\nSix"
    assert {word.text: starts_sentence(text, word.start) for word in find_words(text)} == {
        "One": True, "Two": True, "Three": False, "said": False, "Four": False, "Five": True, "Six": True,
    }  # fmt: skip


STORY = (
    "The mayor of Chicago will close the schools. Mayor Lightfoot said so on Friday, and the governor of Illinois agreed "
    "with Lightfoot. The parents of Chicago had hoped for more time to look for somebody to care for their children while "
    "they work, and many of them were angry when the news came. The I.R.S. was not asked."
)


@pytest.mark.parametrize(
    ("title", "settled"),
    [
        ("Lightfoot Closes Schools, Angry Parents Say", "Lightfoot closes schools, angry parents say"),
        ("LIGHTFOOT CLOSES CHICAGO SCHOOLS", "Lightfoot closes Chicago schools"),
        ("Lightfoot closes schools", "Lightfoot closes schools"),
        ("Why Angry IRS Parents Protest", "Why angry IRS parents protest"),
        ("Illinois: Schools Close Their Doors", "Illinois: Schools close their doors"),
        ("Short Title", "Short Title"),
        ("", ""),
    ],
)
def test_a_headline_takes_the_case_of_its_story(title: str, settled: str) -> None:
    assert settle_case(title, STORY, find_capitals(STORY), find_small(STORY)) == settled


def test_a_headline_without_a_story_keeps_its_names() -> None:
    title, text = "Okoro Visits Lagos With Angry Parents", "The parents are angry."
    assert settle_case(title, text, find_capitals(text), find_small(text)) == "Okoro Visits Lagos with angry parents"


@given(st.text(max_size=60), st.text(max_size=120))
def test_a_headline_keeps_its_length(title: str, text: str) -> None:
    assert len(settle_case(title, text, find_capitals(text), find_small(text))) == len(title)


def pieces(text: str, size: int) -> list[str]:
    """The pieces that a reader reads where no name is found."""
    found: list[str] = []
    start = 0
    while start < len(text):
        end, whole = find_end(text, start, size)
        assert start < end <= start + size
        end = end if whole else step_back(text, start, end, [])
        found.append(text[start:end])
        start = end
    return found


def test_pieces_end_where_a_reader_would_pause() -> None:
    text = "One thing. Three apples.\n\nFive times. Seven"
    assert pieces(text, 30) == ["One thing. Three apples.\n\n", "Five times. Seven"]
    assert pieces("It rained. He stayed. They left.", 24) == ["It rained. He stayed. ", "They left."]
    assert pieces("", 10) == []


@pytest.mark.parametrize(
    "name",
    ["Mr. Lee", "J. K. Lee", "St. Paul", "the U.S. Senate", "Lee Jr. Hall", "Yahoo! Inc.", "Gov. Lee", "Alfa Inc. Lee"],
)
def test_no_piece_ends_in_an_abbreviation(name: str) -> None:
    text = f"the road to {name} and the sea"
    assert find_end(text, 0, len(text) - 5) == (len(text) - 5, False)


def test_what_is_read_again_begins_before_a_name_at_the_cut() -> None:
    text = "word " * 1_000 + "Ministry of the Interior of " + "word " * 300
    start = text.index("Ministry")
    end = start + 1_010
    assert step_back(text, 0, end, [(start, start + 24)]) == start
    assert step_back(text, 0, end, []) == start + len("Ministry ")
    assert step_back("x" * 4_000, 0, 4_000, []) == 3_000
    assert step_back("x" * 4_000, 0, 4_000, [(2_900, 3_100)]) == 2_900
    assert step_back("x" * 4_000, 0, 4_000, [(0, 4_000)]) == 4_000


@given(st.text(alphabet="ab .\n!”", max_size=200), st.integers(1, 50))
def test_pieces_are_the_text(text: str, size: int) -> None:
    assert "".join(pieces(text, size)) == text
    assert all(0 < len(piece) <= size for piece in pieces(text, size))


@given(
    st.lists(st.sampled_from(["word ", "Ann ", "a", " ", "Lee. "]), max_size=300).map("".join),
    st.integers(4, 400),
    st.data(),
)
def test_a_step_back_cuts_no_name(text: str, size: int, data: st.DataObject) -> None:
    size = min(size, len(text))
    bounds = sorted(data.draw(st.sets(st.integers(0, size), max_size=20)))
    spans = list(zip(bounds[::2], bounds[1::2], strict=False))
    place = step_back(text, 0, size, spans)
    assert size == 0 or 0 < place <= size
    assert place == size or not any(first < place < last for first, last in spans)


def test_runs_without_names_are_blanked() -> None:
    link = "https://example.org/" + "a" * 200
    text = f"Ann {link} Lee ================== (((("
    assert blank(text) == f"Ann {' ' * len(link)} Lee {' ' * 18} (((("
    chinese = "新" * 300
    assert blank(chinese, "zh") == chinese
    assert blank(chinese) == " " * 300


def test_salience_by_frequency_position_and_headline() -> None:
    once, twice = Presence(1, 0, False), Presence(2, 0, False)
    late, headline, title_only = Presence(1, 5000, False), Presence(1, 5000, True), Presence(1, None, True)
    assert share([once]) == [1.0]
    assert share([once, twice]) == [0.4142, 0.5858]
    assert share([once, late]) == [0.7857, 0.2143]
    assert share([late, headline]) == [0.12, 0.88]
    assert share([title_only, headline]) == [0.5, 0.5]
    assert share([]) == []


@given(
    st.lists(
        st.builds(Presence, st.integers(1, 500), st.none() | st.integers(0, 500_000), st.booleans()),
        min_size=1,
        max_size=300,
    )
)
def test_saliences_sum_to_one(presences: list[Presence]) -> None:
    saliences = share(presences)
    assert abs(sum(saliences) - 1) < 1e-9
    assert all(0 <= salience <= 1 and round(salience, 4) == salience for salience in saliences)


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STANCEWIRE_ENTITIES_MODEL", "some_model")
    monkeypatch.setenv("STANCEWIRE_ENTITIES_PIECE_CHARACTERS", "5000")
    assert EntitySettings() == EntitySettings(model="some_model", piece_characters=5000)
    monkeypatch.setenv("STANCEWIRE_ENTITIES_PIECE_CHARACTERS", "5")
    with pytest.raises(ValidationError, match="piece_characters"):
        EntitySettings()


def test_a_model_that_is_not_there_is_named() -> None:
    with pytest.raises(ValueError, match=r"STANCEWIRE_ENTITIES_MODEL.*no_such_model"):
        PipelineReader("no_such_model", 1000)


def test_a_model_that_finds_no_entities_is_refused(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("model")
    spacy.blank("en").to_disk(folder)
    with pytest.raises(ValueError, match="ner"):
        PipelineReader(str(folder), 1000)


def test_a_model_in_a_folder_without_a_sentence_splitter_gets_one(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("model")
    nlp = spacy.blank("en")
    nlp.add_pipe("ner")
    nlp.initialize(lambda: [Example.from_dict(nlp.make_doc("Ann"), {"entities": [(0, 3, "PERSON")]})])
    nlp.to_disk(folder)
    reader = PipelineReader(str(folder), 1000)
    assert reader.read("It rains. It pours.\n\nThe end").sentences == ((0, 9), (10, 19), (21, 28))


def test_a_pipeline_that_is_loaded_anew_reads_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "Maria Lopez flew to Lisbon on Monday."
    reader = PipelineReader("stancewire", 20_000)
    before = reader.read(text)
    assert [text[span.start : span.end] for span in before.spans] == ["Maria Lopez", "Lisbon"]
    monkeypatch.setattr("services.entities.reading._READINGS", 2)
    assert [reader.read(text) for _ in range(5)] == [before] * 5
