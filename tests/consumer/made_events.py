"""Events to show, filter and write: one of each kind, and a strategy that makes any."""

from datetime import UTC, datetime
from typing import Any, get_args

from hypothesis import strategies as st

from schemas import (
    Duplicate,
    Entity,
    Event,
    Evidence,
    Holder,
    Issue,
    Mention,
    Probabilities,
    Processing,
    Reason,
    Rejection,
    Stance,
    Status,
    Target,
)
from schemas.event import Basis, EntityType, Verdict

RECEIVED = datetime(2026, 3, 11, 7, 30, tzinfo=UTC)
TEXT = "Mara Voss called the harbour tunnel a gift to the city. Councillor Ito opposed it."


def mention(text: str, words: str) -> Mention:
    start = text.index(words)
    return Mention(field="text", start=start, end=start + len(words), text=words)


def event(**changes: Any) -> Event:
    """An enriched event with two entities and three stances, changed as told."""
    voss = Entity(
        id="e1",
        name="Mara Voss",
        type="PERSON",
        watched="Q-7",
        salience=0.6,
        aliases=("Voss",),
        mentions=(mention(TEXT, "Mara Voss"),),
    )
    ito = Entity(
        id="e2",
        name="Ito",
        type="PERSON",
        salience=0.4,
        mentions=(mention(TEXT, "Ito"), mention(TEXT, "Councillor Ito")),
    )
    tunnel = Issue(
        id="i1", name="harbour tunnel", watched="tunnel-1", salience=1.0, mentions=(mention(TEXT, "harbour tunnel"),)
    )
    quote, rest = (0, TEXT.index(".") + 1), (TEXT.index("Councillor"), len(TEXT))
    fields: dict[str, Any] = {
        "event_id": "ev-1",
        "id": "herald-1",
        "status": Status.ENRICHED,
        "title": "Tunnel divides the council",
        "text": TEXT,
        "source": "herald.example",
        "published_at": datetime(2026, 3, 11, 6, 0, tzinfo=UTC),
        "language": "en",
        "metadata": {"desk": "city"},
        "duplicate": Duplicate(verdict="unique", cluster="herald-1", rule="minhash-5w-32/jaccard>=0.50"),
        "entities": (voss, ito),
        "issues": (tunnel,),
        "stances": (
            stance(Holder(kind="author"), Target(kind="entity", entity="e2"), "neutral", 0.7, quote),
            stance(Holder(kind="entity", entity="e1"), Target(kind="issue", issue="i1"), "favor", 0.9, quote),
            stance(
                Holder(kind="speaker", name="the councillor"), Target(kind="entity", entity="e1"), "against", 0.8, rest
            ),
        ),
        "processing": Processing(
            pipeline="0.1.0", received_at=RECEIVED, models={"stance": "rules"}, stage_seconds={"dedup": 0.001}
        ),
    }
    return Event.model_validate(fields | changes)


def stance(holder: Holder, target: Target, label: Any, confidence: float, *spans: tuple[int, int]) -> Stance:
    rest = (1 - confidence) / 2
    shares = dict.fromkeys(("favor", "against", "neutral"), rest) | {label: confidence}
    return Stance(
        holder=holder,
        target=target,
        stance=label,
        basis="article" if holder.kind == "author" else "speech",
        confidence=confidence,
        probabilities=Probabilities(**shares),
        evidence=tuple(
            Evidence(field="text", start=start, end=end, stance=label, confidence=confidence) for start, end in spans
        ),
    )


def near_copy() -> Event:
    return event(
        status=Status.DUPLICATE,
        duplicate=Duplicate(
            verdict="near",
            cluster="ap-1",
            of="ap-1",
            similarity=0.934,
            estimated=0.91,
            rule="minhash",
            seconds_after=3412,
        ),
        entities=(),
        issues=(),
        stances=(),
    )


def rejected() -> Event:
    return event(
        status=Status.REJECTED,
        title="",
        text="",
        duplicate=None,
        entities=(),
        issues=(),
        stances=(),
        rejection=Rejection(reason=Reason.TOO_LONG, field="text", message="text: has 500,001 characters"),
    )


_WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
_SHARE = st.floats(0, 1)
_MOMENT = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001
_TIME = st.none() | _MOMENT
_LABEL = st.sampled_from(["favor", "against", "neutral"])
_SPAN = st.builds(
    Evidence,
    field=st.sampled_from(["title", "text"]),
    start=st.integers(0, 99),
    end=st.integers(0, 99),
    stance=st.none() | _LABEL,
    confidence=st.none() | _SHARE,
    cue=st.none() | _WORDS,
)
_MENTION = st.builds(
    Mention, field=st.sampled_from(["title", "text"]), start=st.integers(0, 99), end=st.integers(0, 99), text=_WORDS
)
_ENTITY = st.builds(
    Entity,
    id=_WORDS,
    name=_WORDS,
    type=st.sampled_from(get_args(EntityType)),
    watched=st.none() | st.just("Q 7"),
    salience=_SHARE,
    aliases=st.lists(_WORDS, max_size=2).map(tuple),
    mentions=st.lists(_MENTION, min_size=1, max_size=3).map(tuple),
)
_ISSUE = st.builds(
    Issue,
    id=_WORDS,
    name=_WORDS.filter(bool),
    watched=st.none() | st.just("Q 7"),
    salience=_SHARE,
    mentions=st.lists(_MENTION, min_size=1, max_size=3).map(tuple),
)
_HOLDER = st.one_of(
    st.just(Holder(kind="author")),
    _WORDS.map(lambda words: Holder(kind="entity", entity=words)),
    _WORDS.map(lambda words: Holder(kind="speaker", name=words)),
)
_TARGET = _WORDS.map(lambda words: Target(kind="entity", entity=words)) | _WORDS.map(
    lambda words: Target(kind="issue", issue=words)
)
_STANCE = st.builds(
    Stance,
    holder=_HOLDER,
    target=_TARGET,
    stance=_LABEL,
    basis=st.sampled_from(get_args(Basis)),
    mixed=st.booleans(),
    confidence=_SHARE,
    probabilities=st.builds(Probabilities, favor=_SHARE, against=_SHARE, neutral=_SHARE),
    evidence=st.lists(_SPAN, min_size=1, max_size=3).map(tuple),
)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | _WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_WORDS, inner, max_size=3),
    max_leaves=8,
)

EVENTS = st.builds(
    Event,
    event_id=_WORDS,
    id=st.just("a b") | st.just("é"),
    revision=st.integers(1, 2**31 - 1),
    status=st.sampled_from(Status),
    title=_WORDS,
    text=_WORDS,
    source=_WORDS,
    url=_WORDS,
    published_at=_TIME,
    language=st.none() | _WORDS,
    metadata=st.dictionaries(_WORDS, _JSON, max_size=3),
    duplicate=st.none()
    | st.builds(
        Duplicate,
        verdict=st.sampled_from(get_args(Verdict)),
        cluster=_WORDS,
        of=st.none() | _WORDS,
        updates=st.none() | st.integers(1, 2**31),
        similarity=st.none() | _SHARE,
        containment=st.none() | _SHARE,
        estimated=st.none() | _SHARE,
        rule=_WORDS,
        seconds_after=st.none() | st.floats(-1e9, 1e9),
    ),
    entities=st.lists(_ENTITY, max_size=3).map(tuple),
    issues=st.lists(_ISSUE, max_size=3).map(tuple),
    stances=st.lists(_STANCE, max_size=3).map(tuple),
    rejection=st.none()
    | st.builds(Rejection, reason=st.sampled_from(Reason), field=st.none() | _WORDS, message=_WORDS),
    processing=st.builds(
        Processing,
        pipeline=_WORDS,
        models=st.dictionaries(_WORDS, _WORDS, max_size=3),
        received_at=_MOMENT,
        enriched_at=_TIME,
        stage_seconds=st.dictionaries(_WORDS, st.floats(0, 100), max_size=3),
    ),
)
"""Any event, also ones that no stage would make."""
