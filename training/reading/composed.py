"""Texts composed for the ways in which news says who thinks what: how somebody is quoted, what is only denied or feared, and so on.

Judged articles have few of each way; here each is a pattern with names, targets and words put in by chance, so that what is
learnt is the way and not the words. Names and bodies are invented. A pattern says which words are the stance (``<…>``) and, in
that order, who takes which side toward what; everything else in the text is no side, but for what its writer may think.
"""

import random
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from evaluation.analyst import Gold, Names, Side

FAVOR: Side = "favor"
AGAINST: Side = "against"
NEITHER: Side = "neutral"
_OTHER: dict[Side, Side] = {FAVOR: AGAINST, AGAINST: FAVOR}


class Composed(NamedTuple):
    """A text and its rows of gold."""

    text: str
    gold: list[Gold]


class Pattern(NamedTuple):
    """``text`` with slots; ``rows`` are holder, target and side of each ``<…>``, in order: "a", "b", "-a" the other of a, or a side
    by its name."""

    text: str
    rows: str


def _parts(text: str) -> tuple[str, ...]:
    return tuple(text.split("|"))


_GIVEN = _parts(
    "Karin|Neville|Lena|Tom|Ruth|Dan|Maria|Peter|Helen|Ulrich|Sylvie|Colin|Anna|Otto|Eva|Mark|Amy|Alan|Dana|Paul|Kelly|"
    "Grace|Victor|Nadia|Oscar|Priya|Samuel|Teresa|Yusuf|Wendy|Hugo|Irene|Jamal|Keiko|Leon|Mona|Nils|Olga|Pablo|Rosa|Stefan|"
    "Tamara|Umar|Vera|Walter"
)
_LAST = _parts(
    "Vogel|Hart|Ortiz|Pell|Amadi|Holt|Perez|Moss|Dorsey|Brandt|Moreau|Dorn|Weber|Keller|Lund|Olsen|Stone|Ortega|Petty|"
    "Marsh|Reed|Teller|Abara|Lindqvist|Coleman|Nakamura|Okafor|Silva|Whitaker|Yardley|Zimmer|Quinn|Rasmussen|Sandoval|"
    "Tanner|Underhill|Vance|Winslow|Abbott|Bakker|Castellano|Delgado|Ekström|Fontaine|Greer|Haddad|Ivers|Jansen|Kowalski|"
    "Lambert|Mbeki|Norris"
)
_WOMEN = frozenset(
    _parts(
        "Karin|Lena|Ruth|Maria|Helen|Sylvie|Anna|Eva|Amy|Dana|Kelly|Grace|Nadia|Priya|Teresa|Wendy|Irene|Keiko|Mona|Olga|Rosa|"
        "Tamara|Vera"
    )
)
_TITLES = _parts("Senator|Rep.|Gov.|Governor|Mayor|Councilwoman|Councilman|Minister|Chancellor|Professor")
_ROLES = (
    "senator", "congresswoman", "governor", "mayor", "minister",
    "professor", "farmer", "teacher", "lawyer", "nurse", "activist", "union leader",
)  # fmt: skip
_NAMED = (
    ("NATO", 0), ("the European Union", 0), ("the Water Board", 0), ("Acme Rockets", 0),
    ("Nordbank", 0), ("the Transport Union", 0), ("the Senate", 0), ("Castor Oil", 0),
    ("the Harbor Authority", 0), ("Israel", 0), ("Russia", 0), ("China", 0), ("Denmark", 0),
    ("the White House", 0), ("the Supreme Court", 0), ("the Republicans", 1), ("the Democrats", 1),
    ("the Pentagon", 0), ("the Green Party", 0), ("Congress", 0), ("the Police Federation", 0),
)  # fmt: skip
_ISSUES = (
    *(
        (name, 0)
        for name in _parts(
            "the toll|the harbor tunnel|the merger|the treaty|the tax|the pipeline|the strike|the wall|the curfew|the ceasefire|"
            "the new law|the travel ban|the trade deal|the health care bill|the phone ban|the minimum wage|the invasion|"
            "the shutdown|the verdict|the budget|the airport plan|the nuclear deal|the carbon tax|the immigration bill|"
            "the school closing|the rescue plan|the gun bill|the mandate|the boycott|the drone program|the bailout|"
            "the climate agreement|the border wall|the ruling"
        )
    ),
    *(
        (name, 1)
        for name in _parts(
            "the sanctions|the tax cuts|the tariffs|the airstrikes|charter schools|sanctuary cities|the new rules|electric buses|"
            "the spending cuts|the vaccines|the protests|private prisons"
        )
    ),
)
_VERBS: dict[Side, tuple[str, ...]] = {
    FAVOR: _parts(
        "praise praised praising|defend defended defending|endorse endorsed endorsing|support supported supporting|"
        "back backed backing|welcome welcomed welcoming|applaud applauded applauding|hail hailed hailing|"
        "commend commended commending|champion championed championing|embrace embraced embracing"
    ),
    AGAINST: _parts(
        "criticize criticized criticizing|condemn condemned condemning|denounce denounced denouncing|oppose opposed opposing|"
        "attack attacked attacking|reject rejected rejecting|blast blasted blasting|ridicule ridiculed ridiculing|"
        "mock mocked mocking|assail assailed assailing|slam slammed slamming|deplore deplored deploring"
    ),
}
_PHRASES: dict[Side, tuple[str, ...]] = {
    FAVOR: _parts(
        "a blessing|a triumph|a miracle|a lifeline|the best thing that ever happened to this town|a great success|"
        "a model for the world|a gift to the poor|a step forward|a victory for working families|the right thing to do|"
        "a source of pride|a force for good|the greatest achievement in history|good for everyone|fair and necessary"
    ),
    AGAINST: _parts(
        "a disgrace|a betrayal|a disaster|a scandal|a waste of money|a fraud|theft|a gift to billionaires|"
        "a threat to our freedom|a failure|a criminal enterprise|an insult to veterans|"
        "the worst thing that ever happened to this town|a danger to our children|obsolete|corrupt|cruel and pointless|a joke|"
        "a step backward|a burden on the poor"
    ),
}
_CLAUSES: dict[Side, tuple[str, ...]] = {
    FAVOR: _parts(
        "{t} {is} {np}|{t} {is} {np}|{t} {has} kept us safe|{t} will save lives|{t} {has} earned our trust|"
        "{t} must be protected|{t} {has} made this country stronger|the country needs {t}|"
        "nothing has helped families more than {t}|{t} {is} working"
    ),
    AGAINST: _parts(
        "{t} {is} {np}|{t} {is} {np}|{t} {has} lied to us|{t} will ruin us|{t} must be stopped|{t} {has} betrayed the people|"
        "nobody should trust {t}|{t} {has} cost thousands of jobs|the country cannot afford {t}|{t} {has} hurt families|"
        "{t} {has} failed"
    ),
    NEITHER: _parts(
        "{t} will be discussed on Friday|there is a report about {t}|{t} came up at the meeting|people have asked about {t}|"
        "a decision on {t} is due in May|lawyers are looking at {t}"
    ),
}
_OWN: dict[Side, tuple[str, ...]] = {
    FAVOR: _parts(
        "I support {t}|I am proud of {t}|we stand with {t}|I welcome {t}|thank God for {t}|we will defend {t} with all we have|"
        "I love {t}"
    ),
    AGAINST: _parts(
        "I will fight {t}|I am ashamed of {t}|we reject {t}|I hate {t}|we will not accept {t}|I do not trust {t}|"
        "we have had enough of {t}"
    ),
    NEITHER: _parts("I have read about {t}|I cannot comment on {t}|we will talk about {t} next week"),
}
_QUESTION = ("What a day.", "It was a long night.", "That is how it is.", "There is no doubt about it.", "Believe me.")

PATTERNS = tuple(
    Pattern(*one)
    for one in (
        # attribution with and without a verb of speech
        ("{h} <called {t} {np:a}> on Monday.", "h t a"),
        ("{h} said <{c:a}>.", "h t a"),
        ('"<{Q:a}>," {h} said.', "h t a"),
        ('"<{Q:a}>," said {h}, {role}.', "h t a"),
        ('"{Q:0}," {h} said.', ""),
        ("{h} said {c:0}.", ""),
        ('In the view of {h}, "<{q:a}>."', "h t a"),
        ('In the words of {h}, "<{q:a}>."', "h t a"),
        ('According to {h}, {t} {is} "<{np:a}>."', "h t a"),
        ("According to {h}, <{c:a}>.", "h t a"),
        ("To hear {h} tell it, <{c:a}>.", "h t a"),
        ('{h}\'s verdict: "<{Q:a}>."', "h t a"),
        ('{h} put it this way: "<{Q:a}>."', "h t a"),
        ('As {h} put it: "<{Q:a}>."', "h t a"),
        ("As {h} sees it, <{c:a}>.", "h t a"),
        ("For {h}, <{t} {is} {np:a}>.", "h t a"),
        ('For {h}, it is simple: "<{Q:a}>."', "h t a"),
        ('{h} on {t}: "<{np:a}>."', "h t a"),
        ('{h}, {role}, was blunt. "<{Q:a}>."', "h t a"),
        ("{h} <{v2:a} {t}>.", "h t a"),
        ("{ht} <{v2:a} {t}> in a speech on Friday.", "h t a"),
        ("{h} <{v2:a} {t}>, and {h2} <{v2:b} it>.", "h t a;h2 t b"),
        ("{h} <{v2:a} {t}> while {h2} <{v2:b} {t}>.", "h t a;h2 t b"),
        ("{h} <{v2:a} {t}>. {h2}, by contrast, said <{c:-a}>.", "h t a;h2 t -a"),
        ('{h} <called {t} {np:a}>. In the view of {h2}, "<{q:b}>."', "h t a;h2 t b"),
        ("{h} <{v2:a} {t}> in the morning debate. To hear {h2} tell it, <{c:b}>.", "h t a;h2 t b"),
        ('{h} <{v2:a} {t}>. {h2}\'s answer: "<{Q:b}>."', "h t a;h2 t b"),
        ("{h} said <{c:a}>. For {h2}, <{t} {is} {np:b}>.", "h t a;h2 t b"),
        ("{h} and {h2} met on Monday. {h2.last} <{v2:a} {t}>.", "h2 t a"),
        ("{h} spoke after {h2}, who <{v2:a} {t}>.", "h2 t a"),
        ("{h}, who <{v2:a} {t}>, spoke after {h2}.", "h t a"),
        ("<{v3:a} {t}>, {h} said that {h2} would speak next.", "h t a"),
        ("{h} asked {h2} about {t}.", ""),
        ("{h} interviewed {h2}, who said <{c:a}>.", "h2 t a"),
        ('"<{Q:a}>," {h2} told {h}, a reporter.', "h2 t a"),
        # dash, heading, label
        ('"<{Q:a}>." - {ht}\n\n"<{Q:b}>." - {h2}, {role}', "h t a;h2 t b"),
        ('"<{Q:a}>. {filler}" — {h}, {role}\n\n"<{Q:b}>." — {ht2}', "h t a;h2 t b"),
        ('"<{Q:a}>."\n— {h}, {role}\n\n"<{Q:b}>."\n— {h2}, {role}', "h t a;h2 t b"),
        ('From {ht}:\n\n"<{Q:a}>."\n\nFrom {ht2}:\n\n"<{Q:b}>."', "h t a;h2 t b"),
        ('{ht}: "<{Q:a}>."\n\n{ht2}: "<{Q:b}>."', "h t a;h2 t b"),
        (
            "{h.caps} (D), OHIO: <{Q:a}>.\n\n{h2.caps} (R), TEXAS: <{Q:b}>. {filler}\n\nMODERATOR: Thank you both.",
            "h t a;h2 t b",
        ),
        ("SEN. {h.caps} (R), MAINE: <{Q:a}>. {filler}\n\nREP. {h2.caps} (D), IOWA: {filler} <{Q:b}>.", "h t a;h2 t b"),
        ("ANCHOR: Good evening. Tonight, {t}.\n\n{h.caps} (voice-over): {filler}\n\n{h2.caps}: <{Q:a}>.", "h2 t a"),
        (
            "{h.capslast}: {filler} <{Q:a}>.\n\n{h2.capslast}: <{Q:b}>.\n\nMr. {h.last} and Ms. {h2.last} spoke for an hour.",
            "h t a;h2 t b",
        ),
        ("Q: What do you think of {t}?\n\n{h.capslast}: <{Q:a}>.", "h t a"),
        # passive
        ("{T} {was} <{v2:a} by {h}>.", "h t a"),
        ("{T} {was} <{v2:a} by {h}> and <{v2:b} by {h2}>.", "h t a;h2 t b"),
        ("{T} {was} <{v2:a} by {h}> on Monday and <{v2:b} by {ht2}>.", "h t a;h2 t b"),
        ("{T} {was} <{v2:a} by {ht}>, <{v2:b} by {ht2}> and <{v2:-a} by {h3}>.", "h t a;h2 t b;h3 t -a"),
        ("{T}, <{v2:a} by {h}> and <{v2:b} by {h2}>, will be on the agenda in May.", "h t a;h2 t b"),
        ("{T}, which {h} <{v2:a}>, {was} <{v2:b} by {h2}>.", "h t a;h2 t b"),
        ("{h} has been <{v2:a} by {h2}>.", "h2 h a"),
        # relays
        ("{h} said {h2} had told her that <{c:a}>.", "h2 t a"),
        ("{h} said that {h2} told colleagues that <{c:a}>.", "h2 t a"),
        ("{h} quoted {h2} as saying that <{c:a}>.", "h2 t a"),
        ('{h} quoted {h2} as saying: "<{Q:a}>."', "h2 t a"),
        ("According to {h}, {h2} said privately that <{c:a}>.", "h2 t a"),
        ("According to {h}, {h2} <{v2:a} {t}> in private.", "h2 t a"),
        ('{h} recalled what {h2} had said: "<{Q:a}>."', "h2 t a"),
        ("{h} reported that {h2} had <{v2:a} {t}>.", "h2 t a"),
        ("{h} wrote in a book that {h2} <called {t} {np:a}>.", "h2 t a"),
        ('{h} read out a letter from {h2}: "<{Q:a}>."', "h2 t a"),
        # role first, name later
        ("The {roleword} said <{c:a}>. The {roleword}, {h} of Oregon, has spoken of it since May.", "h t a"),
        ('"<{Q:a}>," said one {roleword}. The {roleword}, {h}, lives in the north.', "h t a"),
        ("{h}, the {roleword}, arrived late. The {roleword} <{v2:a} {t}>.", "h t a"),
        ("{h} spoke for an hour. {h.pro} <{v2:a} {t}>.", "h t a"),
        ("{h} spoke for an hour. {h.pro} said <{c:a}>.", "h t a"),
        # contrast in one sentence
        ('"<{q1:a}>, but <{q2:-a}>," said {h}.', "h t a;h t2 -a"),
        ('"<I {vb:a} {t}>, but <I {vb:-a} {t2}>," {h} said.', "h t a;h t2 -a"),
        ("{h} <{v2:a} {t}> but <{v2:-a} {t2}>.", "h t a;h t2 -a"),
        ("{h} said <{c:a}>, though {h.pro.low} <{v2:-a} {t2}>.", "h t a;h t2 -a"),
        ("Unlike {h}, who <{v2:a} {t}>, {h2} <{v2:-a} it>.", "h t a;h2 t -a"),
        # quotations over paragraphs, other marks
        ('"<{Q:a}>," said {h}. "{filler}\n\n"{filler}\n\n"And <{q2:b}>," {h.pro.low} added.', "h t a;h t2 b"),
        ('{h} spoke for an hour. "{filler}\n\n"<{Q:a}>.\n\n"{filler}"', "h t a"),
        ("«<{Q:a}>», said {h}. «<{Q:b}>», said {h2}.", "h t a;h2 t b"),
        ("„<{Q:a}>“, said {h}. „<{Q:b}>“, {h2} said.", "h t a;h2 t b"),
        ("「<{Q:a}>」 said {h}. 「<{Q:b}>」 said {h2}.", "h t a;h2 t b"),
        # unreal, denied, wished, feared, future
        ("If the weather had been better, {h} would have {v2:a} {t}.", ""),
        ("Had {t2} kept the promise, {h} would have {v2:a} {t}.", ""),
        ("Had {t} told the truth, {h} would have {v2:a} it.", ""),
        ("{h} did not {vb:a} {t}.", ""),
        ("{h} has never {v2:a} {t}.", ""),
        ("{h} neither {v2:a} nor {v2:-a} {t}.", ""),
        ("{h} declined to {vb:a} {t}.", ""),
        ("{h} refused to {vb:a} {t}.", ""),
        ("{h} stopped short of {v3:a} {t}.", ""),
        ("{h} is expected to {vb:a} {t} on Friday.", ""),
        ("{h} was expected to {vb:a} {t}, people close to the talks said.", ""),
        ("{h} may {vb:a} {t} next week.", ""),
        ("Will {h} {vb:a} {t}?", ""),
        ("It is not known whether {h} would {vb:a} {t}.", ""),
        ("{h} denied that {h.pro.low} had {v2:a} {t}.", ""),
        ("{h} denied having {v2:a} {t}.", ""),
        ("{h2} feared that {h} would {vb:a} {t}.", ""),
        ("Reporters had expected {h} to {vb:a} {t}. {h.pro} did not.", ""),
        ("Reporters wrote that {h} {v2:a} {t}. That was wrong: {h.pro.low} <{v2:-a} {t}>.", "h t -a"),
        ("Many thought that {h} would {vb:a} {t}. {h.pro} did not; {h.pro.low} <{v2:-a} it>.", "h t -a"),
        ("{h} took no side on {t}.", ""),
        ("{h} was asked whether {h.pro.low} would {vb:a} {t}, and gave no answer.", ""),
        ("Nobody had asked {h} to {vb:a} {t}.", ""),
        ("{h2} <urged {h} to {vb:a} {t}>.", "h2 t a"),
        ("{h} will decide on {t} in May.", ""),
        ("{h} once {v2:a} {t}, but now <{v2s:-a} it>.", "h t -a"),
        ("{h} said <it was false that {c:a}>.", "h t -a"),
        ("{h} wondered whether {c:a}.", ""),
        # two persons, one toward the other
        ("{h} <{v2:a} {h2}> on Monday.", "h h2 a"),
        ("{h} and {h2} <{v2:a} {t}>.", "h t a"),
        ("{h} <accused {h2}> of {v3:a} {t}.", "h h2 against"),
        ('"<{h2.last} is {np:a}>," said {h} of {h2}.', "h h2 a"),
        ("{h} thanked {h2} for coming and then <{v2:a} {t}>.", "h t a"),
        ("{h}, a <critic of {h2}>, met with {t}.", "h h2 against"),
        ("{h}, a <supporter of {h2}>, met with {t}.", "h h2 favor"),
    )
)


def compose(count: int, seed: int) -> Iterator[Composed]:
    """``count`` texts of one to three patterns each, on the same targets by different people."""
    chance = random.Random(seed)  # noqa: S311 - texts, no secret
    for _ in range(count):
        yield _Text(chance).of([chance.choice(PATTERNS) for _ in range(chance.choice((1, 1, 2, 2, 3)))])


def of_pattern(pattern: Pattern, seed: int) -> Composed:
    """A text of one pattern."""
    return _Text(random.Random(seed)).of([pattern])  # noqa: S311 - a text, no secret


class _Text:
    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        pool = _NAMED if chance.random() < 0.4 else _ISSUES
        self._targets = chance.sample(pool, 2)
        if chance.random() < 0.3:
            self._targets[1] = chance.choice([one for one in _NAMED + _ISSUES if one[0] != self._targets[0][0]])
        self._last = chance.sample(_LAST, 12)
        self._given = chance.sample(_GIVEN, 12)
        self.text = ""
        self.gold: list[Gold] = []

    def of(self, patterns: Sequence[Pattern]) -> Composed:
        for at, pattern in enumerate(patterns):
            if self.text:
                self.text += (
                    self._chance.choice((" ", "\n\n")) if "\n" not in pattern.text + patterns[at - 1].text else "\n\n"
                )
            self._add(pattern, at)
        return Composed(self.text, self.gold)

    def _add(self, pattern: Pattern, number: int) -> None:
        first = self._chance.choice((FAVOR, AGAINST))
        sides: dict[str, Side] = {
            "a": first,
            "-a": _OTHER[first],
            "b": self._chance.choice((FAVOR, AGAINST)),
            FAVOR: FAVOR,
            AGAINST: AGAINST,
        }
        role = self._chance.choice(_ROLES)
        self._people = {slot: 4 * number + at for at, slot in enumerate(("h", "h2", "h3"))}
        text = pattern.text
        while slot := re.search(r"\{(c|q|Q|q1|q2|np|vb|v2s|v2|v3)(?::(-?[ab0]))\}|\{(roleword|role|filler)\}", text):
            text = text[: slot.start()] + self._words(slot, sides, role) + text[slot.end() :]
        spans: list[int] = []
        rows = [row.split() for row in pattern.rows.split(";") if row]
        for part in re.split(r"(\{[^}]+\}|[<>])", text):
            if part == "<":
                spans.append(len(self.text))
            elif part == ">":
                if rows:
                    self._row(rows.pop(0), sides, spans[-1])
            elif part.startswith("{"):
                self._name(part[1:-1])
            else:
                self.text += part
        self.text = _capital(self.text)

    def _words(self, slot: re.Match[str], sides: dict[str, Side], role: str) -> str:
        kind, side = slot[1] or slot[3], sides.get(slot[2] or "", NEITHER)
        if kind == "roleword":
            return role
        if kind == "role":
            return self._chance.choice(("a", "the")) + " " + role
        if kind == "filler":
            return self._chance.choice(_QUESTION)
        if kind == "np":
            return self._chance.choice(_PHRASES[side])
        if kind[0] == "v":
            base, past, present = self._chance.choice(_VERBS[side]).split()
            return {"vb": base, "v2": past, "v3": present, "v2s": base + ("es" if base[-1] in "sh" else "s")}[kind]
        own = self._chance.random() < 0.4 and kind != "c"
        clause = self._chance.choice((_OWN if own else _CLAUSES)[side])
        if "{np}" in clause:
            clause = clause.replace("{np}", self._chance.choice(_PHRASES[side]))
        if kind == "q2":
            clause = clause.replace("{t}", "{t2}").replace("{is}", "{is2}").replace("{has}", "{has2}")
        if kind == "Q":
            return "{T}" + clause[3:] if clause.startswith("{t}") else clause[0].upper() + clause[1:]
        return clause

    def _row(self, row: list[str], sides: dict[str, Side], start: int) -> None:
        holder, target, side = row
        self.gold.append(
            Gold(
                article="",
                holder=self._person(holder),
                target=self._target(target),
                target_kind="",
                stance=frozenset((sides[side],)),
                start=start,
                end=len(self.text),
            )
        )

    def _person(self, slot: str) -> Names:
        at = self._people[slot]
        return f"{self._given[at]} {self._last[at]}", self._last[at]

    def _target(self, slot: str) -> Names:
        if slot[0] == "h":
            return self._person(slot)
        return (self._targets[slot == "t2"][0].removeprefix("the "),)

    def _name(self, slot: str) -> None:
        plural = self._targets["2" in slot][1]
        if slot in ("is", "is2", "has", "has2", "was"):
            self.text += {"is": ("is", "are"), "has": ("has", "have"), "was": ("was", "were")}[slot.rstrip("2")][plural]
            return
        if slot in ("t", "T", "t2"):
            name = self._targets[slot == "t2"][0]
            self.text += name[0].upper() + name[1:] if slot == "T" else name
            return
        who, _, form = slot.partition(".")
        title = who.startswith("ht")
        who = who.replace("ht", "h")
        at = self._people[who]
        if form.startswith("pro"):
            word = "She" if self._given[at] in _WOMEN else "He"
            self.text += word.lower() if form == "pro.low" else word
            return
        if title:
            self.text += self._chance.choice(_TITLES) + " "
        name = self._last[at] if form in ("last", "capslast") else f"{self._given[at]} {self._last[at]}"
        self.text += name.upper() if form.startswith("caps") else name


def _capital(text: str) -> str:
    """The text with a capital at the beginning of each sentence that began with a verb ("Praising …")."""
    return re.sub(r"(?:^|(?<=\n)|(?<=[.?!] ))([a-z])", lambda found: found[1].upper(), text)
