"""Reading the development data beside the project, ``../shared/data``; it is never copied into it.

Decides that whatever is wrong with a file is one error that names it. What is in a file is its task's to say.
"""

import contextlib
import csv
import gzip
import io
import json
import tarfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from schemas import Document

DATA = Path(__file__).parents[2] / "shared" / "data"
SEEDS = Path(__file__).parents[1] / "seeds"
ARTICLES = DATA / "allsides" / "articles.jsonl.gz"

Row = TypeVar("Row", bound=BaseModel)


class DataError(ValueError):
    """Data is missing or not in the format that its task reads; the message is one line and names the path."""


class Article(BaseModel):
    """A news article, as benchmarks need it."""

    title: str
    text: str


@contextlib.contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turn what goes wrong inside, while ``path`` is read, into a DataError."""
    try:
        yield
    except DataError:
        raise
    except FileNotFoundError as error:
        raise DataError(f"{error.filename or path}: there is no such file") from None
    except (OSError, EOFError, ValueError, LookupError, csv.Error, zlib.error, tarfile.TarError) as error:
        why = " ".join(str(error).split())[:200]
        raise DataError(f"{path}: not in the format expected: {type(error).__name__}: {why}") from None


def lines(path: Path) -> Iterator[str]:
    """The lines of a UTF-8 file, without their ends; of a gzip file, where the name ends in ``.gz``."""
    return (line.rstrip("\r\n") for line in _whole_lines(path))


def _whole_lines(path: Path, newline: str | None = None) -> Iterator[str]:
    with path.open("rb") as raw:
        unpacked = gzip.GzipFile(fileobj=raw) if path.suffix == ".gz" else raw
        yield from io.TextIOWrapper(unpacked, encoding="utf-8", newline=newline)


def table(path: Path) -> Iterator[dict[str, str]]:
    """The rows of a CSV file with a header, tab-separated where the name has ``.tsv``. What a short row lacks is empty, and
    cells beyond the header are left out."""
    delimiter = "\t" if ".tsv" in path.suffixes else ","
    for row in csv.DictReader(_whole_lines(path, ""), delimiter=delimiter, restval="", restkey=""):
        row.pop("", None)
        yield row


def objects(path: Path) -> Iterator[Any]:
    """The values of a file of JSON lines; blank lines are passed over."""
    return (json.loads(line) for line in lines(path) if line.strip())


def rows(path: Path, model: type[Row]) -> Iterator[Row]:
    """The values of a file of JSON lines as ``model``; blank lines are passed over.

    Raises:
        DataError: the file is missing, or not in the format; the line and the field are named.
    """
    with reading(path):
        for number, line in enumerate(lines(path), 1):
            if line.strip():
                try:
                    yield model.model_validate_json(line)
                except ValidationError as error:
                    wrong = error.errors()[0]
                    place = ".".join(map(str, (f"line {number}", *wrong["loc"])))
                    raise DataError(f"{path}: {place}: {wrong['msg'][:200]}") from None


def members(archive: Path) -> dict[Path, str]:
    """The text files of a tar archive, by path in name order: UTF-8, line ends as they are."""
    texts: dict[str, str] = {}
    with tarfile.open(archive) as tar:
        for member in tar:  # In their order: to go back in a compressed archive is to read it anew.
            file = tar.extractfile(member) if member.name.endswith((".txt", ".tsv", ".ann", ".conll")) else None
            if file is not None:
                texts[member.name] = file.read().decode()
    return {Path(name): texts[name] for name in sorted(texts)}


def articles(count: int) -> list[Article]:
    """The first ``count`` AllSides articles, fewer where there are no more.

    Raises:
        DataError: they are not there.
    """
    with reading(ARTICLES):
        found = objects(ARTICLES)
        return [Article.model_validate(value) for _, value in zip(range(count), found, strict=False)]


def seeds() -> list[Article]:
    """The stories of ``seeds/`` that are documents; what is there to be rejected is left out."""
    found = []
    for path in sorted(SEEDS.glob("*.json")):
        with contextlib.suppress(ValidationError):
            document = Document.model_validate_json(path.read_bytes())
            found.append(Article(title=document.title, text=document.text))
    return found
