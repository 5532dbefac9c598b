"""Having articles judged: what a judge is shown, and what comes of the judge's rows.

``python -m evaluation.judging ask FIRST COUNT`` prints AllSides articles with the sides that the system gives, to be read by the
guidelines in ``docs/stance/guidelines.md``. ``python -m evaluation.judging add FILE …`` checks what a judge wrote and adds it to
``evaluation/judged``, where no text of an article stands: names and quotes are places in it, and the text is known by its
SHA-256.

A judge writes a line of JSON a row: ``a`` the article; ``h`` and ``t`` the names of holder and target that count as right;
``hk`` and ``tk`` their kinds; ``s`` the sides, or ``["none"]`` for a pair that tempts; ``b`` the basis; ``w`` the weight; ``q``
the quote, verbatim. Or a verdict on what the system gave: ``p`` its number, ``g`` what is right. Or ``empty``: the article has
no row.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from evaluation.analyst import AUTHOR, FOLDER, JUDGED, Given, JudgedArticle, sides, text_digest
from evaluation.bench.works import make_work
from evaluation.data import ARTICLES, lines, objects, rows
from services.entities.core import EntityTagger
from services.entities.settings import EntitySettings
from services.runtime.settings import load
from services.stance.core import StanceTagger
from services.stance.settings import StanceSettings

MOST_SHOWN = 14
"""Sides of an article that a judge is asked about: the surest."""
_QUOTE = 200
"""Characters of its evidence that are shown."""

Kind = Literal["person", "org", "gpe", "norp", "common", "author", "policy", "law", "event", "concept", "object", "fac"]
Words = Annotated[str, Field(min_length=1)]


class _Row(BaseModel):
    """What a judge wrote of one pair."""

    model_config = ConfigDict(extra="forbid")

    a: str
    h: Annotated[list[Words], Field(min_length=1)]
    t: Annotated[list[Words], Field(min_length=1)]
    hk: Kind
    tk: Kind
    s: Annotated[list[Literal["favor", "against", "neutral", "none"]], Field(min_length=1)]
    b: Literal["speech", "act", "article"]
    w: Literal[1, 2] = 1
    q: Words


class _Verdict(BaseModel):
    """What a judge says of a side that the system gave."""

    model_config = ConfigDict(extra="forbid")

    a: str
    p: Annotated[int, Field(ge=1)]
    g: Literal["favor", "against", "neutral", "trivial", "none"]


class _Empty(BaseModel):
    model_config = ConfigDict(extra="forbid")

    a: str
    empty: Literal[True]


class Proposals:
    """What the system gives, of any article."""

    def __init__(self) -> None:
        self._entities, self._stances = EntityTagger(load(EntitySettings)), StanceTagger(load(StanceSettings))

    def __call__(self, article: JudgedArticle) -> list[Given]:
        """The sides of an article, the surest ``MOST_SHOWN`` of them, in the order of the text."""
        given = list(sides(self._stances(self._entities([make_work(article.id, article)]))[0].event))
        sure = sorted(range(len(given)), key=lambda at: -given[at].confidence)[:MOST_SHOWN]
        return [given[at] for at in sorted(sure)]


def ask(first: int, count: int) -> Iterator[str]:
    """What a judge is shown of ``count`` articles from number ``first`` on that nobody has judged."""
    known = {one.id for one in rows(FOLDER / "articles.jsonl.gz", JudgedArticle)} | set(_judged())
    propose = Proposals()
    for article in _articles():
        if article.id in known or int(article.id.rpartition("-")[2]) < first:
            continue
        if count == 0:
            return
        count -= 1
        yield f"##### {article.id}\nTITLE: {article.title}\n\n{article.text.strip()}\n"
        for number, one in enumerate(propose(article), 1):
            yield f"P{number}: {one.holder[0]} -> {one.target[0]}: {one.stance} [{one.words[:_QUOTE]}]"
        yield ""


def place(text: str, title: str, words: str) -> str | None:
    """Where ``words`` first stand, as ``text:start:end`` or ``title:start:end`` (code points); None where they do not."""
    for field, whole in (("text", text), ("title", title)):
        for own, wanted in ((whole, words), (whole.lower(), words.lower())):
            at = own.find(wanted)
            if at >= 0 and len(own) == len(whole):
                return f"{field}:{at}:{at + len(words)}"
    return None


def add(paths: Sequence[Path], judge: int, proposals: dict[str, list[tuple[str, str]]] | None = None) -> list[str]:
    """Add what a judge wrote to the judged articles; returns what is wrong, line by line, and leaves those lines out.

    ``proposals``: the holder and target of each numbered proposal, by article; by default what the system gives now.
    """
    articles = {one.id: one for one in _articles()}
    faults: list[str] = []
    gold: list[dict[str, object]] = []
    pairs: list[dict[str, object]] = []
    seen: set[str] = set()
    propose = Proposals() if proposals is None else None
    for path in paths:
        for number, line in enumerate(lines(path), 1):
            if not line.strip():
                continue
            try:
                row = _parse(line)
                article = articles[row.a]
            except (ValidationError, ValueError, KeyError) as error:
                faults.append(f"{path.name}:{number}: {' '.join(str(error).split())[:200]}")
                continue
            seen.add(row.a)
            if isinstance(row, _Row):
                made = _standoff(row, article, judge)
                if isinstance(made, str):
                    faults.append(f"{path.name}:{number}: {made}")
                elif row.s == ["none"]:
                    made = {name: made[name] for name in ("article", "holder", "target", "judge")} | {"gold": "none"}
                    pairs.append(made)
                else:
                    gold.append(made)
            elif isinstance(row, _Verdict):
                given = (
                    [(one.holder[0], one.target[0]) for one in propose(article)]
                    if propose
                    else (proposals or {})[row.a]
                )
                if row.p > len(given):
                    faults.append(f"{path.name}:{number}: {row.a} has {len(given)} proposals, not {row.p}")
                    continue
                holder, target = (_places(article, [name]) for name in given[row.p - 1])
                if holder and target:
                    pairs.append({"article": row.a, "holder": holder, "target": target, "judge": judge, "gold": row.g})
    new = [
        {"id": name, "url": url, "sha256": text_digest(articles[name].text)}
        for name, url in _urls(seen - set(_judged()))
    ]
    for name, own in (("articles", new), ("gold", gold), ("judged", pairs)):
        with (JUDGED / f"{name}.jsonl").open("a", encoding="utf-8") as file:
            file.writelines(json.dumps(one, separators=(",", ":")) + "\n" for one in own)
    return faults


def _parse(line: str) -> "_Row | _Verdict | _Empty":
    value = json.loads(line)
    kind = _Verdict if "p" in value else _Empty if "empty" in value else _Row
    return kind.model_validate(value)


def _standoff(row: _Row, article: JudgedArticle, judge: int) -> dict[str, object] | str:
    """The row without words, or what is wrong with it."""
    holder: list[str] = [AUTHOR] if row.hk == AUTHOR else _places(article, row.h)
    target = _places(article, row.t)
    quote = place(article.text, article.title, row.q)
    if not holder or not target or quote is None:
        missing = "quote" if quote is None else "target" if holder else "holder"
        return f"{row.a}: the {missing} is not in the article: {row.q if quote is None else row.t if holder else row.h}"
    field, start, end = quote.split(":")
    return {
        "article": row.a, "holder": holder, "holder_kind": row.hk, "target": target, "target_kind": row.tk,
        "stance": row.s, "basis": row.b, "weight": row.w, "field": field, "start": int(start), "end": int(end),
        "judge": judge,
    }  # fmt: skip


def _places(article: JudgedArticle, names: Sequence[str]) -> list[str]:
    if names == [AUTHOR]:
        return [AUTHOR]
    found = [place(article.text, article.title, name) for name in names]
    return list(dict.fromkeys(one for one in found if one is not None))


def _articles() -> Iterator[JudgedArticle]:
    for number, value in enumerate(objects(ARTICLES)):
        yield JudgedArticle(id=f"allsides-{number}", title=value["title"], text=value["text"])


def _urls(wanted: set[str]) -> Iterator[tuple[str, str]]:
    for number, value in enumerate(objects(ARTICLES)):
        if f"allsides-{number}" in wanted:
            yield f"allsides-{number}", value["url"]


def _judged() -> Iterator[str]:
    path = JUDGED / "articles.jsonl"
    return (value["id"] for value in objects(path)) if path.exists() else iter(())


def main(arguments: Sequence[str]) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="python -m evaluation.judging", description="Have articles judged by reading."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    asking = commands.add_parser("ask", help="print articles and what the system proposes")
    asking.add_argument("first", type=int, help="number of the first article")
    asking.add_argument("count", type=int, help="how many articles")
    adding = commands.add_parser("add", help="check a judge's rows and add them to evaluation/judged")
    adding.add_argument("files", type=Path, nargs="+")
    adding.add_argument("--judge", type=int, required=True, help="the judge's number")
    call = parser.parse_args(arguments)
    if call.command == "ask":
        sys.stdout.writelines(f"{line}\n" for line in ask(call.first, call.count))
        return 0
    faults = add(call.files, call.judge)
    sys.stderr.writelines(f"{fault}\n" for fault in faults)
    return 1 if faults else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
