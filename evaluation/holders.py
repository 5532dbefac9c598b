"""Who says what: sources and contents of attributions, on PolNeAR (Newell, Margolin, Ruths, LREC 2018).

Gold are the attributions that have both a source and a content; of a text with several annotators the first by name. Nested and
doubtful attributions and quotations that go on without a cue are not counted as found. A source or content is right where it
overlaps one of gold, paired one to one; ``exact`` asks for the same offsets, all stretches of it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evaluation.data import DATA, DataError, members, reading
from evaluation.scores import Score, Spans, pair
from services.stance.likelihood import Weights
from services.stance.page import make_page
from services.stance.quotations import find_attributions

DEFAULT = DATA / "polnear" / "dev.tar.gz"


@dataclass(frozen=True)
class Attributions:
    """The sources, cues and contents of a text's attributions, in parallel; offsets in its code points."""

    sources: list[Spans]
    cues: list[Spans]
    contents: list[Spans]


def evaluate(path: Path | None) -> dict[str, Any]:
    """The figures of the archive ``path``.

    Raises:
        DataError: it is missing or not in the format.
    """
    archive = path or DEFAULT
    with reading(archive):
        documents = list(read(archive))
    if not documents:
        raise DataError(f"{archive}: no annotated text in it")
    figures: dict[str, float] = {}
    for name, score in measure(documents).items():
        what, _, exact = name.partition("_")
        figures |= {f"{what}_{figure}{exact and '_exact'}": value for figure, value in score.figures().items()}
    gold = sum(len(one.sources) for _, one in documents)
    return {"data": str(archive), "documents": len(documents), "attributions": gold, **figures}


def measure(documents: Iterable[tuple[str, Attributions]], learnt: Weights | None = None) -> dict[str, Score]:
    """The scores ``source``, ``source_exact``, ``content`` and ``content_exact`` over texts and their gold; ``learnt`` are other
    weights than the shipped ones."""
    scores = {name: Score() for name in ("source", "source_exact", "content", "content_exact")}
    for text, gold in documents:
        found = find(text, learnt)
        for exact in (False, True):
            end = "_exact" if exact else ""
            scores[f"source{end}"] += pair(found.sources, gold.sources, exact)
            scores[f"content{end}"] += pair(found.contents, gold.contents, exact)
    return scores


def find(text: str, learnt: Weights | None = None) -> Attributions:
    """What the stance stage finds in ``text``."""
    page = make_page(text)
    found = Attributions([], [], [])
    for one in find_attributions(page, learnt):
        if one.source is not None and not (one.nested or one.doubtful) and one.manner != "continued":
            found.sources.append([page.span(*one.source)])
            found.cues.append([page.span(*one.cue)] if one.cue[0] < one.cue[1] else [])
            found.contents.append([page.span(*content) for content in one.contents])
    return found


def read(archive: Path) -> Iterator[tuple[str, Attributions]]:
    """The texts of an archive with their gold: ``text/<name>.txt`` beside ``<folder>/<name>_<annotator>.ann`` (brat)."""
    files = members(archive)
    seen = set()
    for path, annotation in files.items():
        stem = path.stem.rpartition("_")[0]
        if path.suffix == ".ann" and stem not in seen:
            seen.add(stem)
            yield files[path.parent.parent / "text" / f"{stem}.txt"], _attributions(annotation)


def _attributions(annotation: str) -> Attributions:
    spans: dict[str, Spans] = {}
    found = Attributions([], [], [])
    for line in annotation.split("\n"):
        name, _, rest = line.partition("\t")
        if name.startswith("T"):
            offsets = rest.split("\t")[0].partition(" ")[2]
            spans[name] = [(int(a), int(b)) for a, b in (one.split() for one in offsets.split(";") if one.strip())]
        elif name.startswith("E"):
            roles: dict[str, Spans] = {"Source": [], "Cue": [], "Content": []}
            for part in rest.split():
                role, _, key = part.partition(":")
                roles.setdefault(role.rstrip("0123456789"), []).extend(spans.get(key, []))
            if roles["Source"] and roles["Content"]:
                found.sources.append(roles["Source"])
                found.cues.append(roles["Cue"])
                found.contents.append(roles["Content"])
    return found
