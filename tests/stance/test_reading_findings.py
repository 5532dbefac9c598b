"""From the probabilities of pairs to findings: what is one, which side it takes, and how sure it is."""

import numpy as np
import pytest
from numpy.typing import NDArray

from services.stance.holders import Source
from services.stance.reading.findings import AUTHOR, Known, findings
from services.stance.reading.names import alike, is_named, is_one
from services.stance.reading.windows import Span, Window

KNOWN = Known(
    {"e1": ("Ana Brandt", "Brandt"), "e2": ("Carl Novak", "Novak"), "e3": ("Novak administration",)},
    {"e1": 0.5, "e2": 0.3, "e3": 0.2},
    {"e1": "PERSON", "e2": "PERSON", "e3": "ORG"},
)
WEIGHTS = {"sure": 1.0}


def window(holders: list[Source], targets: list[Source], listed: str = "") -> Window:
    spans = [Span(one, (at, at + 1), (at + 1, at + 2), -1, "PERSON") for at, one in enumerate(holders)]
    spans += [Span(one, (10 + at, 11 + at), (11 + at, 12 + at), -1, "", listed) for at, one in enumerate(targets)]
    count = len(holders), len(targets)
    return Window(
        "text", (0, 50), [], spans, list(range(count[0])), list(range(count[0], sum(count))), [-1] * count[1],
        np.zeros((count[0] + 1, count[1], 3), np.uint8), np.zeros((count[0] + 1, 3), np.uint8),
        np.zeros((count[1], 5), np.uint8),
    )  # fmt: skip


def shares(read: Window, said: dict[tuple[int, int], tuple[float, float]]) -> NDArray[np.float32]:
    """Favor and against of some pairs, all others none."""
    found = np.zeros((len(read.holders) + 1, len(read.targets), 3), np.float32)
    found[..., 0] = 1
    for (i, j), (favor, against) in said.items():
        found[i, j] = 1 - favor - against, favor, against
    return found


BRANDT, NOVAK, TEAM = (Source(entity=f"e{number}") for number in (1, 2, 3))


def test_what_no_pair_says_is_no_finding() -> None:
    read = window([BRANDT], [NOVAK])
    assert findings([(read, shares(read, {(0, 0): (0.03, 0.02)}))], KNOWN, WEIGHTS) == []


def test_a_side_and_how_sure_it_is() -> None:
    read = window([BRANDT], [NOVAK])
    (one,) = findings([(read, shares(read, {(0, 0): (0.1, 0.8)}))], KNOWN, WEIGHTS)
    assert (one.holder, one.target, one.side, one.basis) == (BRANDT, NOVAK, "against", "act")
    assert one.confidence == pytest.approx(0.8)


def test_places_of_one_pair_are_one_finding_and_the_side_with_more_of_them_stands() -> None:
    read = window([BRANDT], [NOVAK, NOVAK, NOVAK])
    said = {(0, 0): (0.6, 0.1), (0, 1): (0.1, 0.7), (0, 2): (0.1, 0.7)}
    (one,) = findings([(read, shares(read, said))], KNOWN, WEIGHTS)
    assert (one.side, len(one.places)) == ("against", 2)
    assert one.other > 0.5


def test_the_author_is_nobody_else() -> None:
    read = window([BRANDT], [NOVAK])
    found = findings([(read, shares(read, {(1, 0): (0.7, 0.1), (0, 0): (0.6, 0.1)}))], KNOWN, WEIGHTS)
    assert [(one.holder, one.basis) for one in found] == [(AUTHOR, "article"), (BRANDT, "act")]


def test_wordings_of_one_issue_are_one_target() -> None:
    targets = [Source(name="Harlan's travel ban"), Source(name="travel ban"), Source(name="travel agents")]
    read = window([BRANDT], targets)
    found = findings([(read, shares(read, {(0, j): (0.1, 0.5 + j / 10) for j in range(3)}))], KNOWN, WEIGHTS)
    assert {one.target.name for one in found} == {"travel agents", "travel ban"}


def test_nobody_takes_a_side_toward_what_has_their_name() -> None:
    read = window([NOVAK], [TEAM, NOVAK])
    assert findings([(read, shares(read, {(0, 0): (0.9, 0), (0, 1): (0.9, 0)}))], KNOWN, WEIGHTS) == []


def test_of_findings_that_say_the_same_the_surest_is_kept() -> None:
    read = window([BRANDT], [NOVAK, TEAM])
    (one,) = findings([(read, shares(read, {(0, 0): (0.1, 0.6), (0, 1): (0.1, 0.8)}))], KNOWN, WEIGHTS)
    assert one.target == TEAM


def test_a_listed_issue_is_the_target_whatever_names_it() -> None:
    known = KNOWN._replace(names={**KNOWN.names, "#ban": ("travel ban",)})
    read = window([BRANDT], [Source(name="new travel ban")], listed="ban")
    (one,) = findings([(read, shares(read, {(0, 0): (0.1, 0.8)}))], known, WEIGHTS)
    assert one.target == Source(entity="#ban")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("the $9 toll", "toll", True),
        ("Harlan's travel ban", "the ban", True),
        ("travel ban", "travel agents", False),
        ("repeal of the health law", "the health law", False),
        ("tax cuts", "tax cut", True),
    ],
)
def test_when_two_wordings_are_of_one_issue(one: str, other: str, same: bool) -> None:
    assert is_one(one, other) == is_one(other, one) == same


def test_names_are_alike_by_half_of_their_words_and_named_by_all() -> None:
    assert alike(("Carl Novak",), ("Mr. Novak",))
    assert not alike(("Carl Novak",), ("Carl Brandt Jr of Westland",))
    assert is_named("Novak", KNOWN.names["e2"])
    assert not is_named("Novak supporters", KNOWN.names["e2"])
