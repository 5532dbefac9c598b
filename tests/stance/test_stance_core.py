"""The stage as a whole: what it hands on, what it never does."""

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import Entity, Event, Mention, Probabilities, Processing, Status, Work
from schemas.base import MAX_TEXT
from services.stance.asking import AskingMethod
from services.stance.core import StanceTagger
from services.stance.fields import to_clean
from services.stance.reader import Passage, Reader
from services.stance.settings import StanceSettings
from services.text.clean import clean
from tests.stance.cast import work_of

TAGGER = StanceTagger(StanceSettings(model="lexicon"))


def test_work_is_done_and_names_its_method() -> None:
    (work,) = TAGGER([work_of("Ana Brandt praised Carl Novak.")])
    assert work.done
    assert work.event.processing.models["stance"] == "lexicon-1"


def test_done_work_passes_unchanged() -> None:
    work = work_of("Ana Brandt praised Carl Novak.").model_copy(update={"done": True})
    assert TAGGER([work]) == [work]


def test_evidence_is_the_sentence_as_received() -> None:
    text = "Rain  fell .   Ana  Brandt  praised   Carl Novak  ’s plan . Snow fell ."
    work = work_of(text.replace("Ana  Brandt", "Ana Brandt"))
    (stance,) = TAGGER([work])[0].event.stances
    (span,) = stance.evidence
    assert work.event.text[span.start : span.end] == "Ana Brandt  praised   Carl Novak  ’s plan ."


def test_title_is_read_and_comes_first() -> None:
    work = work_of("Ana Brandt again denounced Carl Novak.", title="Brandt Slams Novak Over Harbor Plan")
    (stance,) = TAGGER([work])[0].event.stances
    assert [span.field for span in stance.evidence] == ["title", "text"]
    assert stance.stance == "against"


def test_sentences_of_the_stage_before_are_used() -> None:
    text = "Ana Brandt praised Carl Novak. Rain fell."
    (stance,) = TAGGER([work_of(text, sentences=((0, len(text)),))])[0].event.stances
    assert (stance.evidence[0].start, stance.evidence[0].end) == (0, len(text))


def test_same_works_in_any_batch() -> None:
    works = [work_of(f"Ana Brandt {verb} Carl Novak.") for verb in ("praised", "denounced", "met", "thanked")]
    assert TAGGER(works) == [TAGGER([work])[0] for work in works]


def test_evidence_is_bounded() -> None:
    tagger = StanceTagger(StanceSettings(model="lexicon", evidence=2))
    (stance,) = tagger([work_of("Ana Brandt praised Carl Novak. " * 5)])[0].event.stances
    assert [span.start for span in stance.evidence] == [0, 31]


def test_surest_stances_are_kept_in_order() -> None:
    text = "Ana Brandt praised Carl Novak. “Delmar remains reckless,” Sam Okafor said. Ruth Ellery denounced Westland."
    everything = TAGGER([work_of(text)])[0].event.stances
    assert len(everything) == 3
    limit = StanceTagger(StanceSettings(model="lexicon", stances=2))([work_of(text)])[0].event.stances
    worst = min(everything, key=lambda stance: stance.confidence)
    assert limit == tuple(stance for stance in everything if stance is not worst and stance != worst)


def test_unsure_stances_are_left_out() -> None:
    strict = StanceTagger(StanceSettings(model="lexicon", minimum_confidence=0.99))
    assert strict([work_of("Ana Brandt praised Carl Novak.")])[0].event.stances == ()


def test_author_can_be_left_unread() -> None:
    work = work_of("Carl Novak’s disgraceful speech went on.")
    assert [s.holder.kind for s in TAGGER([work])[0].event.stances] == ["author"]
    assert StanceTagger(StanceSettings(model="lexicon", author=False))([work])[0].event.stances == ()


class Yes(Reader):
    """A reader that finds favour everywhere, to see what is asked."""

    name = "yes-1"

    def __init__(self) -> None:
        self.asked: list[Passage] = []

    def __call__(self, passages: Sequence[Passage]) -> list[Probabilities | None]:
        self.asked += passages
        return [Probabilities(favor=1, against=0, neutral=0) for _ in passages]


def test_another_reader_can_take_the_place() -> None:
    reader = Yes()
    tagger = StanceTagger(StanceSettings(), AskingMethod(StanceSettings(), reader))
    text = "Ana Brandt said Delmar would open. Carl Novak met Ruth Ellery. Carl Novak’s disgraceful speech hurt Ruth Ellery."
    event = tagger([work_of(text)])[0].event
    assert event.processing.models["stance"] == "yes-1"
    assert {(s.holder.entity, s.target.entity) for s in event.stances} == {
        ("Brandt", "Delmar"), (None, "Novak"), (None, "Ellery"),
    }  # fmt: skip
    assert {text[span.start : span.end] for s in event.stances if s.holder.entity is None for span in s.evidence} == {
        "Carl Novak’s disgraceful speech hurt Ruth Ellery."
    }
    assert all(p.text[slice(*p.target)] in {"Delmar", "Ana Brandt", "Carl Novak", "Ruth Ellery"} for p in reader.asked)
    assert all(p.scope[0] <= p.target[0] and p.target[1] <= p.scope[1] for p in reader.asked)


@pytest.mark.parametrize("raw", ["a  plan ,  b", "a plan, b"])
def test_to_clean_finds_what_became_of_raw_spans(raw: str) -> None:
    cleaned = clean(raw)
    at = raw.index("plan")
    [span, outside] = to_clean(cleaned, [(at, at + 4), (len(raw), len(raw) + 5)])
    assert span is not None
    assert cleaned.text[slice(*span)] == "plan"
    assert outside is None
    assert to_clean(cleaned, [(0, len(raw) + 9)]) == [(0, len(cleaned.text))]
    assert to_clean(cleaned, []) == []


def test_to_clean_finds_nothing_where_all_of_it_is_gone() -> None:
    raw = "a\u200bb"
    assert to_clean(clean(raw), [(1, 2), (0, 1)]) == [None, (0, 1)]


def event_of(text: str, spans: list[tuple[int, int]]) -> Event:
    """A document with any spans at all as mentions of two people."""
    mentions = [tuple(Mention(field="text", start=a, end=b, text="x") for a, b in spans[i::2]) for i in range(2)]
    return Event(
        event_id="event",
        id="document",
        status=Status.ENRICHED,
        text=text,
        entities=tuple(
            Entity(id=f"e{i}", name="x", type="PERSON", salience=0.5, mentions=own)
            for i, own in enumerate(mentions)
            if own
        ),
        processing=Processing(pipeline="0", received_at=datetime(2024, 5, 1, tzinfo=UTC)),
    )


PIECES = st.sampled_from(
    [
        "said",
        "Novak",
        "denounced",
        "is a liar",
        "“",
        "”",
        '"',
        "'",
        ",",
        ".",
        "?",
        "the",
        "and",
        "by",
        "she",
        "who",
        "not",
        "\n\n",
        "support for",
        "the plan",
    ]
)


@settings(max_examples=200)
@given(
    st.one_of(st.text(max_size=120), st.lists(PIECES, max_size=40).map(" ".join)),
    st.lists(st.tuples(st.integers(0, 130), st.integers(0, 130)), max_size=8),
)
def test_any_document_is_tagged(text: str, spans: list[tuple[int, int]]) -> None:
    work = Work(event=event_of(text, spans), sentences=tuple(spans[:3]))
    (first,), (again,) = TAGGER([work]), TAGGER([work])
    assert first == again
    assert Work.model_validate_json(first.model_dump_json()) == first
    for stance in first.event.stances:
        assert all(0 <= span.start < span.end <= len(text) for span in stance.evidence)
        assert stance.holder.entity != stance.target.entity


@pytest.mark.parametrize("piece", ['"', "said "])
def test_longest_hostile_texts_come_to_an_end(piece: str) -> None:
    text = (piece * MAX_TEXT)[:MAX_TEXT]
    assert TAGGER([Work(event=event_of(text, []))])[0].event.stances == ()


@pytest.mark.parametrize(
    "piece",
    [
        "“",
        "'",
        "—",
        "(",
        ". ",
        "Novak, ",
        "Novak said ",
        "said Novak, ",
        "“Novak ",
        "who said ",
        "Novak and ",
        "Novak is a disgrace. ",
        "not ",
    ],
)
def test_hostile_texts_with_names_come_to_an_end(piece: str) -> None:
    text = (piece * 50_000)[:50_000]
    spans = [(i, i + 5) for i in range(len(text)) if text.startswith("Novak", i)]
    TAGGER([Work(event=event_of(text, spans))])


class Says(Reader):
    """A reader with an answer for each sentence that has one of these words."""

    name = "says-1"
    answers = {
        "lied": Probabilities(favor=0.1, against=0.7, neutral=0.2),
        "met": Probabilities(favor=0.01, against=0.01, neutral=0.98),
    }

    def __call__(self, passages: Sequence[Passage]) -> list[Probabilities | None]:
        return [next((a for word, a in self.answers.items() if word in p.text), None) for p in passages]


def test_what_is_plain_takes_back_no_side() -> None:
    text = (
        "“I met Carl Novak,” Ana Brandt said. “Carl Novak lied,” Ana Brandt said. “I met Carl Novak,” Ana Brandt said."
    )
    settings = StanceSettings(author=False)
    tagger = StanceTagger(settings, AskingMethod(settings, Says()))
    (stance,) = tagger([work_of(text)])[0].event.stances
    assert (stance.stance, stance.confidence, stance.mixed) == ("against", 0.7, False)
    assert [span.stance for span in stance.evidence] == ["neutral", "against", "neutral"]
