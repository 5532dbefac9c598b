"""What stances come out of a document: our own sentences, one behaviour each."""

import pytest

from schemas import Event
from services.stance.core import StanceTagger
from services.stance.settings import StanceSettings
from tests.stance.cast import work_of

TAGGER = StanceTagger(StanceSettings(model="lexicon", minimum_confidence=0.5))


def stances(text: str, title: str = "") -> set[tuple[str, str, str]]:
    """(holder, target, stance) of a document; a speaker's holder is its name, the author's is "author"."""
    return read(TAGGER([work_of(text, title)])[0].event)


def read(event: Event) -> set[tuple[str, str, str]]:
    return {
        (stance.holder.entity or stance.holder.name or "author", stance.target.entity or "", stance.stance)
        for stance in event.stances
    }


ACTS = [
    ("Ana Brandt denounced Carl Novak on Monday.", {("Brandt", "Novak", "against")}),
    ("Ana Brandt sharply criticized Mr. Novak’s plan for the harbor.", {("Brandt", "Novak", "against")}),
    ("Carl Novak praised the Harbor Union.", {("Novak", "Union", "favor")}),
    ("The Harbor Union has endorsed Ana Brandt.", {("Union", "Brandt", "favor")}),
    (
        "The Greens and the Liberals condemned Westland.",
        {("Greens", "Westland", "against"), ("Liberals", "Westland", "against")},
    ),
    ("Ana Brandt thanked Ruth Ellery and Sam Okafor.", {("Brandt", "Ellery", "favor"), ("Brandt", "Okafor", "favor")}),
    ("Carl Novak was denounced by Ana Brandt.", {("Brandt", "Novak", "against")}),
    ("Carl Novak lashed out at Delmar Corp. over the spill.", {("Novak", "Delmar", "against")}),
    ("Ana Brandt voted against the Clean Water Act.", {("Brandt", "Water Act", "against")}),
    ("The Senate backed the Clean Water Act.", {("Senate", "Water Act", "favor")}),
    ("Carl Novak accused Ana Brandt of lying.", {("Novak", "Brandt", "against")}),
    ("Ruth Ellery stood by Sam Okafor.", {("Ellery", "Okafor", "favor")}),
    ("Ana Brandt is critical of Delmar.", {("Brandt", "Delmar", "against")}),
    ("Carl Novak, a supporter of Ruth Ellery, spoke first.", {("Novak", "Ellery", "favor")}),
    ("Westland voiced support for Eastmark.", {("Westland", "Eastmark", "favor")}),
    ("Ana Brandt’s criticism of Delmar was expected.", {("Brandt", "Delmar", "against")}),
    ("The attack on Delmar by Ana Brandt came late.", {("Brandt", "Delmar", "against")}),
    ("Fishermen’s groups denounced Delmar.", {("Fishermen’s groups", "Delmar", "against")}),
    ("City Hall officials criticized Sam Okafor.", {("City Hall officials", "Okafor", "against")}),
    ("Ruth Ellery celebrated the Northport Marathon.", {("Ellery", "Marathon", "favor")}),
]
NEGATIONS = [
    ("Ana Brandt refused to support Carl Novak.", {("Brandt", "Novak", "against")}),
    ("Ana Brandt did not endorse Carl Novak.", {("Brandt", "Novak", "against")}),
    ("Ana Brandt did not criticize Carl Novak.", set()),
    ("Ana Brandt declined to condemn Carl Novak.", set()),
    ("Ana Brandt could support Carl Novak.", set()),
    ("Will Ana Brandt support Carl Novak?", set()),
    ("If Ana Brandt attacks Carl Novak, the talks end.", set()),
    ("“We must stop the attacks on the Harbor Union,” Ana Brandt said.", {("Brandt", "Union", "favor")}),
    ("“I do not blame Carl Novak,” Ana Brandt said.", {("Brandt", "Novak", "favor")}),
    ("“Carl Novak is not a liar,” Ana Brandt said.", {("Brandt", "Novak", "favor")}),
    ("“Carl Novak is not honest,” Ana Brandt said.", {("Brandt", "Novak", "against")}),
    ("Carl Novak withdrew his support for Delmar.", {("Novak", "Delmar", "against")}),
    ("Ana Brandt took no position on the Clean Water Act.", {("Brandt", "Water Act", "neutral")}),
    ("Ana Brandt neither endorsed nor opposed Carl Novak.", {("Brandt", "Novak", "neutral")}),
    ("Ana Brandt declined to take a position on the Clean Water Act.", {("Brandt", "Water Act", "neutral")}),
    (
        "“I love Carl Novak,” said Ana Brandt. “Carl Novak is a fraud,” she said later.",
        {("Brandt", "Novak", "neutral")},
    ),
    ("Carl Novak remained neutral on the Clean Water Act.", {("Novak", "Water Act", "neutral")}),
]
QUOTATIONS = [
    ("“Carl Novak is a disgrace,” said Ana Brandt, the mayor of Northport.", {("Brandt", "Novak", "against")}),
    ("“Carl Novak is a disgrace,” Ana Brandt, the mayor of Northport, said.", {("Brandt", "Novak", "against")}),
    ("Ana Brandt, the mayor, called Carl Novak’s plan “draconian.”", {("Brandt", "Novak", "against")}),
    ("Ana Brandt called Carl Novak a hero.", {("Brandt", "Novak", "favor")}),
    ("“It is outrageous that Delmar poisons our harbor,” Sam Okafor said.", {("Okafor", "Delmar", "against")}),
    ('"I support Ruth Ellery," said Sam Okafor.', {("Okafor", "Ellery", "favor")}),
    (
        '"We oppose the Clean Water Act," a Harbor Union spokesman said.',
        {("Harbor Union spokesman", "Water Act", "against")},
    ),
    ("According to Ana Brandt, Delmar is dishonest.", {("Brandt", "Delmar", "against")}),
    ("Ana Brandt said in a statement that Delmar was reckless.", {("Brandt", "Delmar", "against")}),
    ("Ana Brandt said that Sam Okafor had denounced Delmar.", {("Okafor", "Delmar", "against")}),
    (
        "“Delmar lied to us,” Ana Brandt said. “Delmar betrayed this town.”",
        {("Brandt", "Delmar", "against")},
    ),
    (
        "“Carl Novak is a brilliant leader,” said Sam Okafor. But Ruth Ellery said, “Carl Novak is a fraud.”",
        {("Okafor", "Novak", "favor"), ("Ellery", "Novak", "against")},
    ),
    ("“Delmar is corrupt,” she said.", set()),
    ("“Delmar is corrupt,” reads the sign at the gate.", set()),
    ("The report said Delmar was negligent.", set()),
    ("The mayor, Ana Brandt, said Delmar was dishonest.", {("Brandt", "Delmar", "against")}),
    ("Ana Brandt spoke for an hour. “Delmar is a disgrace,” she said.", {("Brandt", "Delmar", "against")}),
    (
        "Carl Novak met Ana Brandt. She said Delmar was dishonest.",
        {("Brandt", "Delmar", "against")},
    ),
    (
        "Ana Brandt praised Ruth Ellery. He said Delmar was dishonest.",
        {("Brandt", "Ellery", "favor")},
    ),
    ("Sam Okafor, who called Delmar dishonest, left early.", {("Okafor", "Delmar", "against")}),
    (
        "Ana Brandt denounced Carl Novak. The mayor also called the speech “shameful.”",
        {("Brandt", "Novak", "against"), ("mayor", "Novak", "against")},
    ),
    ("Critics said Carl Novak was incompetent.", {("Critics", "Novak", "against")}),
    ("Ana Brandt said Carl Novak, once her friend, was “a liar and a fraud.”", {("Brandt", "Novak", "against")}),
    (
        'Ana Brandt said the " latest scandal " from Delmar " changes nothing " here .',
        {("Brandt", "Delmar", "against")},
    ),
    (
        "“Sam Okafor is brave,” said Ruth Ellery, adding that Delmar was a disgrace.",
        {("Ellery", "Okafor", "favor"), ("Ellery", "Delmar", "against")},
    ),
]
NOT_A_STANCE = [
    ("Ana Brandt met Carl Novak in Westland on Monday.", set()),
    ("Ana Brandt said Carl Novak would arrive on Monday.", set()),
    ("The Senate will vote on the Clean Water Act next week.", set()),
    ("Ana Brandt criticized herself. Ana Brandt praised Ana Brandt.", set()),
    ("Carl Novak defended Mr. Novak’s record.", set()),
    ("The plan that Ana Brandt calls “a disgrace to Westland” passed.", set()),
    ("The so-called “draconian” rules came from Carl Novak.", set()),
    ("Westland lost the match against Eastmark.", set()),
    ("Carl Novak failed to win the race in Eastmark.", set()),
    ("The Novak administration praised Carl Novak.", {("Novak administration", "Novak", "favor")}),
    ("Storms hit Westland, a crisis for its farmers.", set()),
    ("“Where is he?” Ana Brandt asked about Carl Novak.", set()),
]
AUTHOR = [
    ("Carl Novak’s disgraceful speech went on for an hour.", {("author", "Novak", "against")}),
    ("Carl Novak is a magnificent speaker.", {("author", "Novak", "favor")}),
    ("“Carl Novak’s disgraceful speech” is what people remember, Ana Brandt said.", {("Brandt", "Novak", "against")}),
    ("Carl Novak gave what some call a disgraceful speech.", set()),
]


@pytest.mark.parametrize(("text", "expected"), [*ACTS, *NEGATIONS, *QUOTATIONS, *NOT_A_STANCE, *AUTHOR])
def test_stances(text: str, expected: set[tuple[str, str, str]]) -> None:
    assert stances(text) == expected
