"""The knowledge base's file, and what it is built from."""

import bz2
import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from services.cli.parser import make_parser
from services.identity.build import build
from services.identity.kb import PLACES, Entry, KnowledgeBase, KnowledgeBaseError, forms_of
from services.identity.sources import read
from tests.identity.conftest import MakeBase

WIKIDATA = {
    "id": "Q101",
    "type": "item",
    "labels": {"en": {"language": "en", "value": "Kari Lund"}},
    "aliases": {"en": [{"language": "en", "value": "Kari M. Lund"}]},
    "descriptions": {"en": {"language": "en", "value": "Norwegian politician"}},
    "claims": {
        "P31": [{"mainsnak": {"datavalue": {"value": {"id": "Q5"}}}, "rank": "normal"}],
        "P102": [{"mainsnak": {"datavalue": {"value": {"id": "Q7"}}}, "rank": "normal"}],
        "P27": [{"mainsnak": {"snaktype": "novalue"}, "rank": "normal"}],
    },
    "sitelinks": {"enwiki": {"title": "Kari Lund (politician)"}, "nowiki": {"title": "Kari Lund"}},
}
LEGISLATORS = """
- id: {bioguide: L000001, govtrack: 400001, wikidata: Q201, wikipedia: Ann Hale}
  name: {first: Ann, middle: Marie, last: Hale, nickname: Annie, official_full: Ann M. Hale}
  bio: {gender: F}
  terms:
  - {type: sen, state: OH, party: Democrat, start: '2013-01-03', end: '2019-01-03'}
"""
PARTIES = (
    "country,partyfacts_id,wikidata_id,name,name_short,name_native\nNOR,77,Q7,Progress Party,FrP,Fremskrittspartiet\n"
)
COUNTRIES = (
    "ISO3166-1-Alpha-3,CLDR display name,official_name_en,Geoname ID,wikidata_id\n"
    "NOR,Norway,Norway,3144096,https://www.wikidata.org/wiki/Q20\n"
)
OWN = "name,type,wikidata,crm,aliases,weight,context\nAcme Rocket Works,ORG,Q301,17,Acme|Rocket Works,6,rockets space\n"


def candidates(base: KnowledgeBase, name: str, kind: str) -> list[Entry]:
    return [entry for form in forms_of(name, kind) for entry in base.candidates(form)]


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    data = text.encode()
    path.write_bytes(
        gzip.compress(data) if name.endswith(".gz") else bz2.compress(data) if name.endswith(".bz2") else data
    )
    return path


@pytest.fixture
def inputs(tmp_path: Path) -> list[Path]:
    dump = "[\n" + json.dumps(WIKIDATA) + ",\n" + json.dumps({**WIKIDATA, "id": "Q102", "claims": {}}) + "\n]\n"
    return [
        write(tmp_path, "wikidata.json.bz2", dump),
        write(tmp_path, "legislators.yaml.gz", LEGISLATORS),
        write(tmp_path, "parties.csv", PARTIES),
        write(tmp_path, "country-codes.csv.gz", COUNTRIES),
        write(tmp_path, "own.csv", OWN),
    ]


def test_a_base_has_what_its_inputs_say(tmp_path: Path, inputs: list[Path]) -> None:
    built = build(tmp_path / "all.kb", inputs, None)
    base = KnowledgeBase(tmp_path / "all.kb")
    assert len(base) == built.entries == 5
    [person] = candidates(base, "Kari Lund", "person")[:1]
    assert person.ids == {"wikidata": "Q101", "wikipedia": "Kari Lund (politician)"}
    assert "politician" in person.context
    assert "wikidata:Q7" in person.related
    [senator] = candidates(base, "Annie Hale", "person")[:1]
    assert senator.ids["bioguide"] == "L000001"
    assert {"ohio", "senator", "democrat"} <= set(senator.context)
    assert candidates(base, "FrP", "body")[0].within == ("iso3:NOR",)
    assert candidates(base, "Norway", "place")[0].ids == {"wikidata": "Q20", "geonames": "3144096", "iso3": "NOR"}
    assert candidates(base, "Rocket Works", "body")[0].ids == {"wikidata": "Q301", "crm": "17"}
    assert not candidates(base, "Kari Lund", "place")


def test_the_same_inputs_give_the_same_bytes(tmp_path: Path, inputs: list[Path]) -> None:
    first = build(tmp_path / "one.kb", inputs, None)
    second = build(tmp_path / "two.kb", inputs, None)
    assert (tmp_path / "one.kb").read_bytes() == (tmp_path / "two.kb").read_bytes()
    assert first.digest == second.digest == KnowledgeBase(tmp_path / "one.kb").digest
    assert build(tmp_path / "three.kb", inputs[:-1], None).digest != first.digest


def test_entries_that_share_an_id_become_one(tmp_path: Path, inputs: list[Path]) -> None:
    build(tmp_path / "with.kb", inputs[3:4], PLACES)
    base = KnowledgeBase(tmp_path / "with.kb")
    [norway] = candidates(base, "Norway", "place")[:1]
    assert norway.ids["wikidata"] == "Q20"
    assert norway.ids["geonames"] == "3144096"
    assert len(base) == len(KnowledgeBase(PLACES))


def test_what_few_pages_are_about_may_be_left_out(tmp_path: Path, inputs: list[Path]) -> None:
    assert [entry.name for entry in read(inputs[0], 2)] == ["Kari Lund"]
    assert not list(read(inputs[0], 3))


def test_the_base_that_comes_with_the_project_knows_places() -> None:
    base = KnowledgeBase(PLACES)
    assert PLACES.stat().st_size < 4_000_000
    assert candidates(base, "Oslo", "place")[0].ids == {"geonames": "3143244"}
    assert candidates(base, "Britain", "place")[0].ids["iso3"] == "GBR"
    assert len([entry for entry in candidates(base, "Springfield", "place") if len(entry.within) == 2]) > 5
    assert not base.candidates("place:nowhere at all")


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("a.json", "{]\n", "line 1: is no JSON"),
        ("a.json", "[1]\n", "line 1: is no item"),
        ("a.csv", "a,b\n1,2\n", "line 1: the columns must be"),
        ("a.csv", "name,type,wikidata\nAcme,COMPANY,Q1\n", "line 2: type: is none of"),
        ("a.csv", "name,type,wikidata\nAcme,ORG,\n", "line 2: name and at least one id"),
        ("a.csv", "name,type,wikidata,weight\nAcme,ORG,Q1,many\n", "line 2: weight:"),
        ("a.yaml", "- id: {}\n", "person 1 has not"),
        ("a.yaml", "{", "is no YAML"),
        ("a.yaml", "a: b", "is not a list of people"),
        ("a.txt", "", "is none of .json"),
    ],
)
def test_a_file_that_cannot_be_read_is_named_with_its_line(tmp_path: Path, name: str, text: str, says: str) -> None:
    path = write(tmp_path, name, text)
    with pytest.raises(KnowledgeBaseError) as raised:
        list(read(path))
    assert str(raised.value).startswith(f"{path}: ")
    assert says in str(raised.value)


@pytest.mark.parametrize("damage", [lambda data: b"", lambda data: b"no base" + data, lambda data: data[:-10]])
def test_a_damaged_base_is_refused(tmp_path: Path, make_base: MakeBase, damage: Callable[[bytes], bytes]) -> None:
    make_base([Entry("Acme", "body", 5.0, {"wikidata": "Q1"})])
    path = tmp_path / "test.kb"
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(KnowledgeBaseError, match=r"test\.kb"):
        KnowledgeBase(path)
    with pytest.raises(KnowledgeBaseError, match=r"missing\.kb"):
        KnowledgeBase(tmp_path / "missing.kb")


def test_the_commands_build_and_look_up(tmp_path: Path, inputs: list[Path]) -> None:
    run = CliRunner()
    out = tmp_path / "news.kb"
    built = run.invoke(make_parser(), ["kb", "build", "--out", str(out), "--least-sitelinks", "0", *map(str, inputs)])
    assert built.exit_code == 0, built.output
    found = run.invoke(make_parser(), ["kb", "find", "Kari Lund", "--file", str(out)])
    assert "wikidata:Q101" in found.output
    assert run.invoke(make_parser(), ["kb", "find", "Nobody Atall", "--file", str(out)]).exit_code == 1
    wrong = run.invoke(make_parser(), ["kb", "build", "--out", str(out), str(tmp_path / "none.csv")])
    assert wrong.exit_code == 2
