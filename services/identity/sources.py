"""Entries from the files that users have: Wikidata's dump, tables, lists of politicians, parties and countries.

It decides what is read of each format. A file's name and its first line tell the format; ``.gz`` and ``.bz2`` are unpacked.
"""

import bz2
import csv
import gzip
import io
import json
import math
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

from yaml import CSafeLoader, YAMLError

from services.entities.vocabulary import FUNCTION_WORDS, STATES
from services.identity.kb import Entry, KnowledgeBaseError
from services.identity.names import normalise

KINDS = ("person", "body", "place")
_TYPES = {
    "person": "person",
    "org": "body",
    "gpe": "place",
    "loc": "place",
    "fac": "place",
    "body": "body",
    "place": "place",
}
"""What the column ``type`` of a table may say."""
_COLUMNS = {"name", "type", "aliases", "weight", "context", "within", "related"}
_WEIGHT = 5.0
"""Of what a source says no more of than its name: that of a town of 100,000."""
_COUNTRY, _PARTY, _LEGISLATOR, _PRESIDENT, _VICE = 9.0, 4.5, 5.5, 8.0, 6.5
_LONGEST_LINE = 64 * 1024 * 1024
"""Characters of a line. The longest item of Wikidata has some four million."""
_POSTAL = {
    "AL": "ala", "AK": "alaska", "AZ": "ariz", "AR": "ark", "CA": "calif", "CO": "colo", "CT": "conn", "DE": "del", "FL": "fla",
    "GA": "ga", "HI": "hawaii", "ID": "idaho", "IL": "ill", "IN": "ind", "IA": "iowa", "KS": "kan", "KY": "ky", "LA": "la",
    "ME": "maine", "MD": "md", "MA": "mass", "MI": "mich", "MN": "minn", "MS": "miss", "MO": "mo", "MT": "mont", "NE": "neb",
    "NV": "nev", "NH": "nh", "NJ": "nj", "NM": "nm", "NY": "ny", "NC": "nc", "ND": "nd", "OH": "ohio", "OK": "okla", "OR": "ore",
    "PA": "pa", "RI": "ri", "SC": "sc", "SD": "sd", "TN": "tenn", "TX": "tex", "UT": "utah", "VT": "vt", "VA": "va", "WA": "wash",
    "WV": "wva", "WI": "wis", "WY": "wyo",
}  # fmt: skip
"""The postal codes of the states of the US, to the abbreviations of news style."""
_PERSON = "Q5"
_PLACE_CLAIMS = ("P1566", "P625")
_BODY_CLAIMS = ("P159", "P452", "P1454", "P1142", "P488", "P414", "P1320", "P749")
"""Headquarters, industry, legal form, ideology, chair, exchange, register, parent: what only bodies have."""
_WITHIN_CLAIMS = ("P131", "P17")
_RELATED_CLAIMS = (
    "P102",
    "P108",
    "P39",
    "P27",
    "P463",
    "P26",
    "P22",
    "P25",
    "P40",
    "P3373",
    "P159",
    "P17",
    "P169",
    "P488",
)
"""Party, employer, office, country, member of, family, headquarters, heads."""


def read(path: Path, least_sitelinks: int = 0) -> Iterator[Entry]:
    """The entries of a file, in its order. Of Wikidata only items with so many pages in Wikipedias and their like.

    Raises:
        KnowledgeBaseError: the file is missing, or in no format that is read; the message says where.
    """
    name = path.name.lower().removesuffix(".gz").removesuffix(".bz2")
    with _named(path), _open(path) as file:
        if name.endswith((".yaml", ".yml")):
            yield from _legislators(file)
        elif name.endswith(".csv"):
            yield from _table(file)
        elif name.endswith((".json", ".jsonl", ".ndjson")):
            yield from _wikidata(file, least_sitelinks)
        else:
            raise KnowledgeBaseError(
                f"{path}: is none of .json (Wikidata), .csv and .yaml (congress-legislators), each also with .gz or .bz2"
            )


@contextmanager
def _named(path: Path) -> Iterator[None]:
    try:
        yield
    except KnowledgeBaseError:
        raise
    except UnicodeDecodeError:
        raise KnowledgeBaseError(f"{path}: is not UTF-8 text; convert it to UTF-8") from None
    except OSError as error:
        raise KnowledgeBaseError(f"{path}: {error.strerror or error}") from None
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}: " if mark else ""
        raise KnowledgeBaseError(f"{path}: {where}is no YAML; see whether the file is whole") from None
    except (ValueError, TypeError, KeyError, AttributeError, EOFError, csv.Error, zlib.error) as error:
        raise KnowledgeBaseError(f"{path}: {' '.join(str(error).split())[:200]}") from None


@contextmanager
def _open(path: Path) -> Iterator[io.TextIOWrapper]:
    with path.open("rb") as raw:
        unpacked = (
            gzip.GzipFile(fileobj=raw) if path.suffix == ".gz" else bz2.BZ2File(raw) if path.suffix == ".bz2" else raw
        )
        yield io.TextIOWrapper(cast(io.BufferedReader, unpacked), encoding="utf-8-sig", newline="")


def _words(*texts: str) -> tuple[str, ...]:
    """The words of ``texts`` that say something, folded, each once."""
    words = " ".join(map(normalise, texts)).split()
    return tuple(dict.fromkeys(word for word in words if len(word) > 2 and word not in FUNCTION_WORDS))[:24]


def _wikidata(file: io.TextIOWrapper, least_sitelinks: int) -> Iterator[Entry]:
    number = 0
    while line := file.readline(_LONGEST_LINE):
        number += 1
        line = line.strip().rstrip(",")
        if line in ("", "[", "]"):
            continue
        try:
            item = json.loads(line)
        except ValueError:
            raise ValueError(f"line {number}: is no JSON; Wikidata's dump has one item a line") from None
        if not isinstance(item, Mapping) or "id" not in item:
            raise ValueError(f"line {number}: is no item of Wikidata")
        entry = _item(item, least_sitelinks)
        if entry:
            yield entry


def _item(item: Mapping[str, Any], least_sitelinks: int) -> Entry | None:
    label = _value(item.get("labels"))
    sitelinks = item.get("sitelinks") or {}
    claims = item.get("claims") or {}
    kind = _kind(claims)
    if not label or kind is None or len(sitelinks) < least_sitelinks:
        return None
    ids = {"wikidata": str(item["id"])}
    geonames = _values(claims, "P1566")
    if geonames:
        ids["geonames"] = str(geonames[0])
    title = (sitelinks.get("enwiki") or {}).get("title")
    if title:
        ids["wikipedia"] = str(title)
    aliases = [str(one["value"]) for one in (item.get("aliases") or {}).get("en", ())]
    if title and "(" not in title and "," not in title:
        aliases.append(title)
    return Entry(
        label,
        kind,
        round(min(10.0, 2 + 3 * math.log10(1 + len(sitelinks))), 2),
        ids,
        _of_wikidata(claims, _WITHIN_CLAIMS) if kind != "person" else (),
        _words(_value(item.get("descriptions")) or ""),
        _of_wikidata(claims, _RELATED_CLAIMS),
        tuple(aliases),
    )


def _kind(claims: Mapping[str, Any]) -> str | None:
    if _PERSON in _values(claims, "P31"):
        return "person"
    if any(claim in claims for claim in _BODY_CLAIMS) and "P1566" not in claims:
        return "body"
    return "place" if any(claim in claims for claim in _PLACE_CLAIMS) else None


def _value(texts: Any) -> str | None:
    found = (texts or {}).get("en") or (texts or {}).get("mul")
    return str(found["value"]) if found else None


def _values(claims: Mapping[str, Any], claim: str) -> list[str]:
    """The values of a claim that are items or strings, those that are deprecated left out."""
    found = []
    for one in claims.get(claim, ()):
        value = ((one.get("mainsnak") or {}).get("datavalue") or {}).get("value")
        value = value.get("id") if isinstance(value, Mapping) else value
        if value is not None and one.get("rank") != "deprecated":
            found.append(str(value))
    return found


def _of_wikidata(claims: Mapping[str, Any], names: Sequence[str]) -> tuple[str, ...]:
    values = [value for name in names for value in _values(claims, name)[:8] if value.startswith("Q")]
    return tuple(f"wikidata:{value}" for value in dict.fromkeys(values))[:24]


def _legislators(file: io.TextIOWrapper) -> Iterator[Entry]:
    people = CSafeLoader(file).get_single_data()
    if not isinstance(people, list):
        raise ValueError("is not a list of people as congress-legislators has it")
    for number, person in enumerate(people, 1):
        try:
            yield _legislator(person)
        except (KeyError, TypeError, AttributeError, IndexError):
            raise ValueError(f"person {number} has not the id, name and terms of congress-legislators") from None


def _legislator(person: Mapping[str, Any]) -> Entry:
    name, ids, terms = person["name"], person["id"], person["terms"]
    given, last, suffix = name["first"], name["last"], name.get("suffix", "")
    firsts = dict.fromkeys(filter(None, (name.get("nickname"), given, f"{given} {name.get('middle', '')}".strip())))
    aliases = [f"{first} {last}" for first in firsts]
    aliases += [f"{alias} {suffix}" for alias in aliases if suffix]
    usual = name.get("official_full") or ids.get("wikipedia", "").partition(" (")[0] or f"{given} {last}"
    offices = {term["type"] for term in terms}
    weight = _PRESIDENT if "prez" in offices else _VICE if "viceprez" in offices else _LEGISLATOR
    said = {
        "sen": "senator sen",
        "rep": "representative rep congressman congresswoman",
        "prez": "president",
        "viceprez": "vice president",
    }
    states = [STATES.get(code := _POSTAL.get(term.get("state", ""), ""), code) for term in terms[-4:]]
    parties = [term.get("party", "") for term in terms[-2:]]
    links = {
        scheme: str(ids[scheme]) for scheme in ("wikidata", "bioguide", "govtrack", "wikipedia") if ids.get(scheme)
    }
    if "wikidata" in links or "bioguide" in links:
        links.pop("govtrack", None)
    return Entry(
        usual, "person", weight, links,
        context=_words(*(said.get(office, "") for office in sorted(offices)), *states, *parties, "congress"),
        aliases=tuple(aliases),
    )  # fmt: skip


def _table(file: io.TextIOWrapper) -> Iterator[Entry]:
    rows = csv.DictReader(file, restval="")
    columns = set(rows.fieldnames or ())
    read: Callable[[Mapping[str, str]], Entry | None]
    if "partyfacts_id" in columns:
        read = _party
    elif "ISO3166-1-Alpha-3" in columns:
        read = _country
    elif {"name", "type"} <= columns and columns - _COLUMNS:
        read = _row
    else:
        raise ValueError(
            "line 1: the columns must be name, type, one for each scheme of ids (such as wikidata), and where known aliases, "
            "weight, context, within, related; or those of Party Facts or country-codes"
        )
    for row in rows:
        try:
            entry = read(row)
        except ValueError as error:
            raise ValueError(f"line {rows.line_num}: {error}") from None
        if entry:
            yield entry


def _split(cell: str) -> tuple[str, ...]:
    return tuple(part for part in map(str.strip, cell.split("|")) if part)


def _row(row: Mapping[str, str]) -> Entry:
    kind = _TYPES.get(row["type"].strip().lower())
    if kind is None:
        raise ValueError(f"type: is none of PERSON, ORG, GPE, LOC, FAC (got {row['type'][:50]!r})")
    ids = {
        scheme: value.strip() for scheme, value in row.items() if scheme and scheme not in _COLUMNS and value.strip()
    }
    if not row["name"].strip() or not ids:
        raise ValueError("name and at least one id must not be empty")
    try:
        weight = float(row.get("weight", "").strip() or _WEIGHT)
    except ValueError:
        weight = -1
    if not 0 <= weight <= 10:
        raise ValueError("weight: is no number from 0 to 10")
    return Entry(
        row["name"].strip(), kind, weight, ids, _split(row.get("within", "")), _words(row.get("context", "")),
        _split(row.get("related", "")), _split(row.get("aliases", "")),
    )  # fmt: skip


def _party(row: Mapping[str, str]) -> Entry | None:
    names = [row.get(column, "").strip() for column in ("name", "name_short", "name_native")]
    if not names[0]:
        return None
    ids = {"wikidata": row.get("wikidata_id", "").strip(), "partyfacts": row["partyfacts_id"].strip()}
    return Entry(
        names[0], "body", _PARTY, {scheme: value for scheme, value in ids.items() if value},
        within=(f"iso3:{row['country'].strip()}",),
        aliases=tuple(filter(None, names[1:])),
    )  # fmt: skip


def _country(row: Mapping[str, str]) -> Entry | None:
    names = dict.fromkeys(
        row.get(column, "").strip()
        for column in ("CLDR display name", "UNTERM English Short", "official_name_en", "UNTERM English Formal")
    )
    found = [name for name in names if name]
    wikidata = row.get("wikidata_id", "").strip().rpartition("/")[2]
    ids = {
        "wikidata": wikidata,
        "geonames": row.get("Geoname ID", "").strip(),
        "iso3": row["ISO3166-1-Alpha-3"].strip(),
    }
    ids = {scheme: value for scheme, value in ids.items() if value}
    return Entry(found[0], "place", _COUNTRY, ids, aliases=tuple(found[1:])) if found and ids else None
