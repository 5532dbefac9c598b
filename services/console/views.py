"""What the page shows of one document, of two side by side, and of who stands where: plain data for JSON. Pure.

Texts are cut into pieces here, by code points, as the event counts them: the page never computes an offset. Sizes are bounded, so
that the longest document costs no more than a long one.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise
from typing import Any, get_args
from urllib.parse import urlsplit

from schemas import Event, Stance
from schemas.event import Basis
from services.console.core import (
    Kept,
    Kind,
    Stand,
    State,
    Subject,
    card,
    fold,
    keys_of,
    line,
    seconds,
    stands,
    strongest,
)
from services.console.wanted import sources
from services.text.safe import safe, visible

_TEXT = 60_000
"""Code points of a text that are shown, some 10,000 words; what is cut off is counted."""
_ENTITIES = 300
_STANCES = 300
_SPANS = 4_000
"""Marked places in one text, and …"""
_AT_ONCE = 8
"""… evidence named at one place: with both, the pieces of the most entangled event stay under 1 MB."""
_COPIES = 20
_WORDS = 2_500
"""Words of each text that are compared: two texts of that many without a common order take 0.3 s."""
_STANDS = 400


@dataclass(frozen=True)
class _Mark:
    start: int
    end: int
    entity: str | None
    stance: int | None


def document(kept: Kept, cluster: Sequence[Kept]) -> dict[str, Any]:
    """The document page; ``cluster`` are the documents of its cluster."""
    event = Event.read(kept.raw)
    entities = sorted(event.entities, key=lambda entity: (-entity.salience, entity.id))[:_ENTITIES]
    stances = strongest(event.stances)[:_STANCES]
    shown = {one.id for one in event.issues} | {entity.id for entity in entities}
    names = {one.id: safe(one.name, 120) for one in event.subjects}
    refs = names | {issue.id: safe(issue.watched, 120) for issue in event.issues if issue.watched}
    return card(kept) | {
        "event_id": event.event_id,
        "url": link(event.url),
        "language": event.language,
        "enriched": seconds(event.processing.enriched_at) if event.processing.enriched_at else None,
        "title_pieces": pieces(event.title, _marks(event, "title", shown, stances)),
        "text_pieces": pieces(event.text[:_TEXT], _marks(event, "text", shown, stances)),
        "cut": max(0, len(event.text) - _TEXT),
        "issues": [
            {
                "id": issue.id,
                "name": names[issue.id],
                "type": "issue",
                "ref": safe(issue.watched or issue.name, 120),
                "watched": issue.watched,
                "salience": round(issue.salience, 4),
                "mentions": len(issue.mentions),
            }
            for issue in sorted(event.issues, key=lambda issue: (-issue.salience, issue.id))
        ],
        "entities": [
            {
                "id": entity.id,
                "name": names[entity.id],
                "type": entity.type,
                "watched": entity.watched,
                "salience": round(entity.salience, 4),
                "aliases": [safe(alias, 120) for alias in entity.aliases[:10]],
                "mentions": len(entity.mentions),
            }
            for entity in entities
        ],
        "more_entities": len(event.entities) - len(entities),
        "stances": [_stance(event, stance, names, refs) for stance in stances],
        "more_stances": len(event.stances) - len(stances),
        "copies": [_copy(kept, event, one) for one in cluster if one.id != kept.id][:_COPIES],
        "story": event.story.model_dump() if event.story else None,
        "duplicate": event.duplicate.model_dump() if event.duplicate else None,
        "rejection": event.rejection.model_dump(mode="json") if event.rejection else None,
        "notes": [safe(note, 300) for note in event.processing.notes],
        "pipeline": event.processing.pipeline,
        "models": dict(list(event.processing.models.items())[:20]),
        "stage_seconds": dict(list(event.processing.stage_seconds.items())[:20]),
    }


def link(url: str) -> str | None:
    """``url`` where it may be followed: http or https with a host, nothing that a browser would read otherwise."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    plain = url.isprintable() and " " not in url and "\\" not in url
    return url if plain and parts.scheme in ("http", "https") and parts.hostname else None


def _marks(event: Event, field: str, shown: set[str], stances: Sequence[Stance]) -> list[_Mark]:
    marks = [
        _Mark(mention.start, mention.end, one.id, None)
        for one in event.subjects
        if one.id in shown
        for mention in one.mentions
        if mention.field == field
    ]
    marks += [
        _Mark(span.start, span.end, None, number)
        for number, stance in enumerate(stances)
        for span in stance.evidence
        if span.field == field
    ]
    return marks[:_SPANS]


def pieces(text: str, marks: Iterable[_Mark]) -> list[dict[str, Any]]:
    """``text`` in pieces, each with the entity or issue (``e``) and the numbers of the stances (``s``) that it belongs to.

    Their texts (``t``) joined are ``text``, but that each unseen character that acts is shown as U+FFFD. Where names overlap,
    the one that begins last counts. Marks beyond the text are cut to it.
    """
    begin: dict[int, list[_Mark]] = {}
    cuts = {0, len(text)}
    for mark in marks:
        start, end = min(mark.start, len(text)), min(mark.end, len(text))
        if start < end:
            begin.setdefault(start, []).append(mark)
            cuts |= {start, end}
    places = sorted(cuts)
    found: list[dict[str, Any]] = []
    active: list[_Mark] = []
    for start, end in pairwise(places):
        active = [mark for mark in active if mark.end > start] + begin.get(start, [])
        piece: dict[str, Any] = {"t": visible(text[start:end])}
        entities = [mark.entity for mark in active if mark.entity is not None]
        numbers = sorted({mark.stance for mark in active if mark.stance is not None})[:_AT_ONCE]
        if entities:
            piece["e"] = entities[-1]
        if numbers:
            piece["s"] = numbers
        found.append(piece)
    return found


def _stance(event: Event, stance: Stance, names: dict[str, str], refs: dict[str, str]) -> dict[str, Any]:
    holder = stance.holder
    name = {
        "author": event.source or "the article",
        "entity": names.get(holder.entity or "", "?"),
        "speaker": holder.name or "?",
    }[holder.kind]
    return {
        "holder": safe(name, 120),
        "holder_entity": holder.entity,
        "author": holder.kind == "author",
        "known": holder.kind == "entity",
        "target": names.get(stance.target.issue or stance.target.entity or "", "?"),
        "ref": refs.get(stance.target.issue or stance.target.entity or "", "?"),
        "kind": stance.target.kind,
        "stance": stance.stance,
        "basis": stance.basis,
        "confidence": round(stance.confidence, 4),
        "probabilities": stance.probabilities.model_dump(),
        "mixed": stance.mixed,
        "evidence": len(stance.evidence),
    }


def _copy(kept: Kept, event: Event, other: Kept) -> dict[str, Any]:
    """A document of the same cluster, and the rule that tied the two, or the other to the cluster."""
    found = Event.read(other.raw).duplicate
    mine = event.duplicate
    if mine is not None and mine.of == other.id:
        found, of = mine, "this"
    else:
        of = "that"
    return card(other) | {
        "told_by": of,
        "relation": found.verdict if found else None,
        "relation_of": found.of if found else None,
        "similarity": found.similarity if found else None,
        "containment": found.containment if found else None,
        "rule": safe(found.rule, 120) if found else "",
        "seconds_after": found.seconds_after if found else None,
    }


def compare(first: Kept, second: Kept) -> dict[str, Any]:
    """Two texts word by word: runs that both have, and where they differ what each has, in order."""
    texts = [Event.read(one.raw).text for one in (first, second)]
    words = [re.findall(r"\S+\s*|^\s+", text[: _WORDS * 20])[:_WORDS] for text in texts]
    bare = [[word.rstrip() for word in side] for side in words]
    # autojunk: words that are more than a hundredth of a text do not begin a match, which bounds the time on hostile texts
    matcher = SequenceMatcher(None, bare[0], bare[1], autojunk=True)
    runs: list[dict[str, str]] = []
    for tag, start, end, other_start, other_end in matcher.get_opcodes():
        left = visible("".join(words[0][start:end]))
        right = visible("".join(words[1][other_start:other_end]))
        runs.append({"op": "same" if tag == "equal" else "differs", "a": left, "b": right})
    same = sum(block.size for block in matcher.get_matching_blocks())
    return {
        "a": card(first),
        "b": card(second),
        "runs": runs,
        "words": [len(side) for side in words],
        "same": same,
        "cut": any(sum(map(len, side)) < len(text) for side, text in zip(words, texts, strict=True)),
    }


def standing(state: State, kind: Kind, name: str, source: str = "", basis: str = "") -> dict[str, Any]:
    """The page of one entity or issue: who stands where on it, told by ``source`` and read from ``basis``, where they are given.

    Raises:
        ValueError: the basis is unknown; the message lists the known ones.
    """
    if basis and basis not in get_args(Basis):
        raise ValueError(f"unknown basis {basis[:50]!r}; choose one of {', '.join(get_args(Basis))}")
    is_from = sources(source)
    toward, own = stands(
        state, kind, name, lambda kept, side: (not basis or side.basis == basis) and is_from(kept.source)
    )
    keys = keys_of(state, kind, name)
    named = [
        [one for one in (kept.issues if kind == "issue" else kept.names) if keys & one.keys]
        for kept in state.named(keys)
    ]
    shown = Counter((one.name, one.type) for own_names in named for one in own_names)
    best = shown.most_common(1)[0][0] if shown else (safe(name, 120), kind)
    aliases = sorted({alias for own_names in named for one in own_names for alias in one.keys})
    return {
        "kind": kind,
        "name": best[0],
        "type": best[1],
        "also": [alias for alias in aliases if alias not in (fold(name), fold(best[0]))][:12],
        "documents": sum(map(bool, named)),
        "stands": [_stand(one) for one in toward[-_STANDS:]],
        "own": [_stand(one) for one in own[-_STANDS:]],
        "more": max(0, len(toward) - _STANDS),
    }


def _stand(one: Stand) -> dict[str, Any]:
    kept = one.said.kept
    return line(one.said.side) | {
        "id": kept.id,
        "title": kept.title or kept.lead,
        "source": kept.source,
        "at": kept.at,
        "copies": [{"id": copy.id, "source": copy.source} for copy in one.copies[:5]],
        "more_copies": max(0, len(one.copies) - 5),
    }


def listed(found: Iterable[Subject]) -> list[dict[str, Any]]:
    """Subjects to choose from."""
    return [
        {
            "kind": one.kind,
            "name": one.name,
            "ref": one.ref,
            "type": one.type,
            "documents": one.documents,
            "favor": one.sides.get("favor", 0),
            "against": one.sides.get("against", 0),
            "neutral": one.sides.get("neutral", 0),
        }
        for one in found
    ]
