"""Tiny files in the formats of the data sets, with texts made up here."""

import gzip
import io
import itertools
import json
import tarfile
from collections.abc import Mapping
from pathlib import Path

STORY = (
    "The council of Port Alder met on Tuesday to talk about the new ferry line, which would carry four hundred people a day "
    "across the bay and cost the town some nine million dollars over the next six years, its engineers wrote in a report."
)


def write_archive(path: Path, files: Mapping[str, str]) -> Path:
    """A gzipped tar archive of text files."""
    with tarfile.open(path, "w:gz") as tar:
        for name, text in files.items():
            data = text.encode()
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return path


def write_lines(path: Path, *values: object) -> Path:
    """JSON lines, gzipped where the name says so."""
    data = "".join(json.dumps(value) + "\n" for value in values).encode()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


def make_newswire(folder: Path) -> Path:
    """Worldwide newswire's layout: one text, with a person, a place, a date, and a chunk that begins with a stray I-."""
    text = "http://example.org/1\r\n\r\nMaria Lopez  flew to Lisbon on Monday. She likes the Danes.\r\n"
    labels = (
        "http://example.org/1\tO\n\nMaria\tB-Person\nLopez\tI-Person\nflew\tO\nto\tO\nLisbon\tI-Location\n"
        "on\tO\nMonday\tB-Date\n.\tO\n\nShe\tO\nlikes\tO\nthe\tB-NORP\nDanes\tI-NORP\n.\tO\n"
    )
    return write_archive(folder / "made.tar.gz", {"made/text/one_1.txt": text, "made/annotated/one_1.txt.tsv": labels})


def make_columns(folder: Path) -> Path:
    """CoNLL-2003's columns."""
    path = folder / "made.conll"
    path.write_text(
        "-DOCSTART- -X- O O\n\nMaria NNP B-NP B-PER\nLopez NNP I-NP I-PER\nleft VBD B-VP O\nLisbon NNP B-NP I-LOC\n. . O O\n\n"
        "Nobody NN B-NP O\nasked VBD B-VP O\n. . O O\n"
    )
    return path


def make_polnear(folder: Path) -> Path:
    """PolNeAR's layout: one text with two annotators, of whom the second found nothing."""
    text = "“The bridge is safe,” said Maria Lopez. The mayor said that the road would open in May.\n"
    first = (
        f"T1\tSource {text.index('Maria')} {text.index('Maria') + 11}\tMaria Lopez\n"
        f"T2\tCue 22 26\tsaid\nT3\tContent 0 21\t“The bridge is safe,”\nE1\tCue:T2 Source:T1 Content:T3\n"
    )
    return write_archive(
        folder / "made.tar.gz",
        {"made/text/one.txt": text, "made/ann/one_ann1.ann": first, "made/ann/one_ann2.ann": ""},
    )


def make_newsmtsc(folder: Path) -> Path:
    """NewsMTSC's rows: one sentence with two polarities, and a plain one."""
    mixed = "Critics praised Anna Berg but condemned Karl Holm."
    plain = "Karl Holm lives in the north."
    rows = [(mixed, "Anna Berg", 1), (mixed, "Karl Holm", -1), (plain, "Karl Holm", 0)]
    return write_lines(
        folder / "made.jsonl",
        *(
            {"sentence": s, "mention": m, "from": s.index(m), "to": s.index(m) + len(m), "polarity": p}
            for s, m, p in rows
        ),
    )


def make_wire(folder: Path) -> Path:
    """A folder like Reuters': an item, its copy with a damaged date, and another item."""
    other = " ".join(f"word{number}" for number in range(60))
    articles = [
        ("10", "1-MAR-1987 10:00:00.00", STORY),
        ("9", "1-MAR-1987 11:00:00.10F", STORY),
        ("8", "2-MAR-1987", other),
    ]
    write_lines(folder / "articles.jsonl.gz", *({"id": i, "date": d, "text": t} for i, d, t in articles))
    write_lines(folder / "neardup_pairs.jsonl.gz", {"a": ["9", "x"], "b": ["10", "x"], "jaccard5": 1.0})
    return folder


def make_articles(folder: Path, count: int = 8, sentences: int = 30) -> Path:
    """AllSides' layout: articles of made-up words, in paragraphs of three sentences of twelve words."""
    words = (f"w{number}" for number in itertools.count())

    def write_paragraph() -> str:
        return " ".join(" ".join(itertools.islice(words, 12)).capitalize() + "." for _ in range(3))

    values = [
        {"title": f"Story {number}", "text": "\n\n".join(write_paragraph() for _ in range(sentences // 3))}
        for number in range(count)
    ]
    return write_lines(folder / "articles.jsonl.gz", *values)


def make_gum(folder: Path) -> Path:
    """GUM's layout: a headline and two sentences with a person (twice, once by surname and once as a pronoun), a town within
    a phrase, and a time. Everything but the pronoun and the time is named."""
    rows = (
        "1-1 Lopez person[1] new[1] sssss[1] Maria_Lopez[1] coref 2-1[3_1]",
        "1-2 visits _ _ _ _ _ _",
        "1-3 Lisbon place[2] new[2] snnnn[2] Lisbon[2] coref 2-6[4_2]",
        "",
        "2-1 Maria person[3] giv[3] sssss[3] Maria_Lopez[3] ana 3-1[6_3]",
        "2-2 Lopez person[3] giv[3] sssss[3] Maria_Lopez[3] _ _",
        "2-3 of person[3] giv[3] sssss[3] Maria_Lopez[3] _ _",
        "2-4 Oslo person[3]|place[5] giv[3]|new[5] sssss[3]|nnnnn[5] Maria_Lopez[3]|Oslo[5] _ _",
        "2-5 saw _ _ _ _ _ _",
        "2-6 Lisbon place[4] giv[4] snnnn[4] Lisbon[4] _ _",
        "2-7 . _ _ _ _ _ _",
        "",
        "3-1 She person[6] giv[6] s____[6] Maria_Lopez[6] _ _",
        "3-2 left _ _ _ _ _ _",
        "3-3 on _ _ _ _ _ _",
        "3-4 Monday time[7] new[7] nnnnn[7] _ _ _",
        "3-5 . _ _ _ _ _ _",
    )
    lines = ["#FORMAT=WebAnno TSV 3.2", "#Text=Lopez visits Lisbon"]
    for row in rows:
        cells = row.split()
        lines.append("\t".join([cells[0], "0-1", *cells[1:6], "cf1", *cells[6:]]) if cells else "")
    files = {"gum/tsv/made.tsv": "\n".join(lines) + "\n", "gum/README.txt": "Made up.\n"}
    return write_archive(folder / "made.tar.gz", files)
