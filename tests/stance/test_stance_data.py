"""How well sources and stances are found in the shared development data, which is read from beside the project."""

import json
import tarfile
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from services.stance.page import make_page
from services.stance.quotations import find_attributions
from services.stance.reader import LexiconReader, Passage

DATA = Path(__file__).parents[3] / "shared" / "data"
Spans = list[tuple[int, int]]


def polnear(archive: Path) -> Iterator[tuple[str, list[tuple[Spans, Spans]]]]:
    """Text, and (source, content) of its attributions that have both; of a text with several annotators the first."""
    with tarfile.open(archive) as tar:
        files = {name: tar.extractfile(name) for name in sorted(tar.getnames()) if name.endswith((".txt", ".ann"))}
        contents = {Path(name): file.read().decode() for name, file in files.items() if file is not None}
    seen = set()
    for path, annotation in contents.items():
        stem = path.stem.rpartition("_")[0]
        if path.suffix != ".ann" or stem in seen:
            continue
        seen.add(stem)
        yield contents[path.parent.parent / "text" / f"{stem}.txt"], attributions(annotation)


def attributions(annotation: str) -> list[tuple[Spans, Spans]]:
    spans: dict[str, Spans] = {}
    found = []
    for line in annotation.split("\n"):
        name, _, rest = line.partition("\t")
        if name.startswith("T"):
            offsets = rest.split("\t")[0].partition(" ")[2]
            spans[name] = [(int(a), int(b)) for a, b in (pair.split() for pair in offsets.split(";"))]
        elif name.startswith("E"):
            roles: dict[str, Spans] = {"Source": [], "Content": []}
            for part in rest.split():
                role, _, key = part.partition(":")
                roles.setdefault(role.rstrip("0123456789"), []).extend(spans.get(key, []))
            if roles["Source"] and roles["Content"]:
                found.append((roles["Source"], roles["Content"]))
    return found


def overlap(one: Spans, other: Spans) -> bool:
    return any(a < d and c < b for a, b in one for c, d in other)


def matched(found: Sequence[Spans], gold: Sequence[Spans]) -> int:
    """How many can be paired one to one so that each pair overlaps, taken in order."""
    free = list(gold)
    count = 0
    for spans in found:
        match = next((other for other in free if overlap(spans, other)), None)
        if match is not None:
            free.remove(match)
            count += 1
    return count


def f1(right: int, found: int, gold: int) -> float:
    return 200 * right / (found + gold)


def test_sources_and_contents_of_polnear() -> None:
    archive = DATA / "polnear" / "dev.tar.gz"
    if not archive.exists():
        pytest.skip("the PolNeAR development data is not beside the project")
    counts: Counter[str] = Counter()
    for text, gold in polnear(archive):
        page = make_page(text)
        found = [
            a for a in find_attributions(page) if a.source is not None and not a.nested and a.manner != "continued"
        ]
        sources = [[page.span(*a.source)] for a in found if a.source is not None]
        contents = [[page.span(*span) for span in a.contents] for a in found]
        counts["found"] += len(found)
        counts["gold"] += len(gold)
        counts["sources"] += matched(sources, [source for source, _ in gold])
        counts["contents"] += matched(contents, [content for _, content in gold])
    assert f1(counts["sources"], counts["found"], counts["gold"]) > 70
    assert f1(counts["contents"], counts["found"], counts["gold"]) > 74


@pytest.mark.parametrize(("name", "floor"), [("dev_rw", 49.6), ("dev_mt", 44.7)])
def test_tone_toward_the_targets_of_newsmtsc(name: str, floor: float) -> None:
    """Above the word list that was published with the data set, by more than chance would give."""
    path = DATA / "newsmtsc" / f"{name}.jsonl"
    if not path.exists():
        pytest.skip("the NewsMTSC development data is not beside the project")
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    spans: dict[str, set[tuple[int, int]]] = {}
    for row in rows:
        spans.setdefault(row["sentence"], set()).add((row["from"], row["to"]))
    passages = [
        Passage(
            row["sentence"],
            (row["from"], row["to"]),
            (0, len(row["sentence"])),
            "text",
            tuple(sorted(spans[row["sentence"]] - {(row["from"], row["to"])})),
        )
        for row in rows
    ]
    labels = [
        0
        if answer is None or answer.neutral >= max(answer.favor, answer.against)
        else 1
        if answer.favor > answer.against
        else -1
        for answer in LexiconReader()(passages)
    ]
    pairs = list(zip([row["polarity"] for row in rows], labels, strict=True))
    scores = [
        f1(sum(a == b == side for a, b in pairs), labels.count(side), sum(a == side for a, _ in pairs))
        for side in (-1, 0, 1)
    ]
    assert sum(scores) / 3 > floor + 5
