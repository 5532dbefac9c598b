"""Having articles judged: what a judge is shown, and what comes of the judge's rows.

``python -m evaluation.judging ask FIRST COUNT`` prints AllSides articles with the sides that the system gives, to be read by the
guidelines in ``docs/stance/guidelines.md``. ``python -m evaluation.judging add FILE …`` checks what a judge wrote and adds it to
``evaluation/judged``, where no text of an article stands: names and quotes are places in it, and the text is known by its
SHA-256. With ``--again`` the rows go to ``evaluation/judged/again``: those of articles that a second judge read without seeing the
first one's rows. ``python -m evaluation.judging agree`` says how far both agree.

A judge writes a line of JSON a row: ``a`` the article; ``h`` and ``t`` the names of holder and target that count as right;
``hk`` and ``tk`` their kinds; ``s`` the sides, or ``["none"]`` for a pair that tempts; ``b`` the basis; ``w`` the weight; ``q``
the quote, verbatim. Or a verdict on what the system gave: ``p`` its number, ``g`` what is right. Or ``empty``: the article has
no row.
"""

import argparse
import contextlib
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from evaluation.analyst import AUTHOR, FOLDER, JUDGED, Given, JudgedArticle, alike, read_own, sides, text_digest
from evaluation.bench.works import make_work
from evaluation.data import ARTICLES, lines, objects, rows
from services.entities.core import EntityTagger
from services.entities.settings import EntitySettings
from services.runtime.settings import load
from services.stance.core import StanceTagger
from services.stance.settings import StanceSettings

AGAIN = JUDGED / "again"
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


def add(
    paths: Sequence[Path],
    judge: int,
    folder: Path = JUDGED,
    propose: Callable[[JudgedArticle], Sequence[Given]] | None = None,
) -> list[str]:
    """Add what a judge wrote to the judged articles; returns what is wrong, line by line, and leaves those lines out.

    ``propose`` gives what the judge was shown of an article; by default what the system gives now.
    """
    articles = {one.id: one for one in _articles()}
    shown = propose or Proposals()
    faults: list[str] = []
    made: dict[str, list[dict[str, object]]] = {"gold": [], "judged": []}
    seen: set[str] = set()
    for path in paths:
        for number, line in enumerate(lines(path), 1):
            if line.strip():
                try:
                    row = _parse(line)
                    kind, one = _standoff(row, articles[row.a], judge, shown)
                except (ValueError, LookupError) as error:
                    faults.append(f"{path.name}:{number}: {' '.join(str(error).split())[:200]}")
                    continue
                seen.add(row.a)
                if one:
                    made[kind].append(one)
    new = seen - set(_judged(folder))
    made["articles"] = [
        {"id": name, "url": url, "sha256": text_digest(articles[name].text)} for name, url in _urls(new)
    ]
    folder.mkdir(exist_ok=True)
    for name, own in made.items():
        with (folder / f"{name}-{judge}.jsonl").open("a", encoding="utf-8") as file:
            file.writelines(json.dumps(one, separators=(",", ":")) + "\n" for one in own)
    return faults


def agree() -> dict[str, float]:
    """How far the second judge of some articles agrees with the first.

    ``f1`` is of rows with the same holder and target, ``f1_central`` of those with weight 2, found among all of the other's;
    ``sides`` is the share of common rows of which a side is the same.
    """
    first, second = read_own(every=True), read_own(every=True, folder=AGAIN)
    found: Counter[str] = Counter()
    for article in second.articles:
        for one, other, name in ((first, second, "first"), (second, first, "second")):
            for row in one.gold[article.id]:
                same = [
                    two
                    for two in other.gold[article.id]
                    if alike(row.holder, two.holder) and alike(row.target, two.target)
                ]
                central = "_central" if row.weight > 1 else ""
                for kind in {"", central}:
                    found[f"{name}{kind}"] += 1
                    found[f"{name}{kind}_found"] += bool(same)
                found["common"] += bool(same)
                found["sides"] += any(row.stance & two.stance for two in same)
    return {
        "articles": len(second.articles),
        "rows_first": found["first"],
        "rows_second": found["second"],
        **{
            f"f1{kind}": (found[f"first{kind}_found"] + found[f"second{kind}_found"])
            / (found[f"first{kind}"] + found[f"second{kind}"])
            for kind in ("", "_central")
        },
        "sides": found["sides"] / found["common"],
    }


def _parse(line: str) -> "_Row | _Verdict | _Empty":
    value = json.loads(line)
    kind = _Verdict if "p" in value else _Empty if "empty" in value else _Row
    return kind.model_validate(value)


def _standoff(
    row: "_Row | _Verdict | _Empty",
    article: JudgedArticle,
    judge: int,
    shown: Callable[[JudgedArticle], Sequence[Given]],
) -> tuple[str, dict[str, object]]:
    """The file that a row belongs to, and the row without words; nothing where it says that there is none.

    Raises:
        LookupError: what it names is not in the article.
    """
    if isinstance(row, _Empty):
        return "gold", {}
    if isinstance(row, _Verdict):
        given = shown(article)
        if row.p > len(given):
            raise LookupError(f"{row.a} has {len(given)} proposals, not {row.p}")
        one = given[row.p - 1]
        holder, target = (_places(article, names) for names in (one.holder, one.target))
        return "judged", {"article": row.a, "holder": holder, "target": target, "judge": judge, "gold": row.g}
    pair: dict[str, object] = {
        "article": row.a,
        "holder": _places(article, [AUTHOR] if row.hk == AUTHOR else row.h),
        "target": _places(article, row.t),
        "judge": judge,
    }
    if row.s == ["none"]:
        return "judged", pair | {"gold": "none"}
    field, start, end = _place(article, row.q).split(":")
    return "gold", pair | {
        "holder_kind": row.hk, "target_kind": row.tk, "stance": row.s, "basis": row.b, "weight": row.w,
        "field": field, "start": int(start), "end": int(end),
    }  # fmt: skip


def _places(article: JudgedArticle, names: Sequence[str]) -> list[str]:
    """Where these names stand; those that do not are left out, unless none does."""
    if list(names) == [AUTHOR]:
        return [AUTHOR]
    found: dict[str, None] = {}
    for name in names:
        with contextlib.suppress(LookupError):
            found[_place(article, name)] = None
    if not found:
        raise LookupError(f"{article.id}: not in the article: {names[0]}")
    return list(found)


def _place(article: JudgedArticle, words: str) -> str:
    """Where ``words`` first stand, as ``text:start:end`` or ``title:start:end`` (code points)."""
    for field, whole in (("text", article.text), ("title", article.title)):
        for own, wanted in ((whole, words), (whole.lower(), words.lower())):
            at = own.find(wanted)
            if at >= 0 and len(own) == len(whole):
                return f"{field}:{at}:{at + len(words)}"
    raise LookupError(f"{article.id}: not in the article: {words}")


def _articles() -> Iterator[JudgedArticle]:
    for number, value in enumerate(objects(ARTICLES)):
        yield JudgedArticle(id=f"allsides-{number}", title=value["title"], text=value["text"])


def _urls(wanted: set[str]) -> Iterator[tuple[str, str]]:
    for number, value in enumerate(objects(ARTICLES)):
        if f"allsides-{number}" in wanted:
            yield f"allsides-{number}", value["url"]


def _judged(folder: Path = JUDGED) -> Iterator[str]:
    return (value["id"] for path in sorted(folder.glob("articles-*.jsonl")) for value in objects(path))


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
    adding.add_argument("--again", action="store_true", help="these articles were judged before, by another judge")
    commands.add_parser("agree", help="how far two judges of the same articles agree, as JSON")
    call = parser.parse_args(arguments)
    if call.command == "ask":
        sys.stdout.writelines(f"{line}\n" for line in ask(call.first, call.count))
        return 0
    if call.command == "agree":
        sys.stdout.write(json.dumps({name: round(value, 4) for name, value in agree().items()}) + "\n")
        return 0
    faults = add(call.files, call.judge, AGAIN if call.again else JUDGED)
    sys.stderr.writelines(f"{fault}\n" for fault in faults)
    return 1 if faults else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
