"""What is new must be read, and what is not must not be: made pairs of real articles, each judged alone.

Three kinds of pairs, made by code from AllSides' articles, the same on every machine:

* ``new``: a later text that says what the first does not: another number, a denial, a turned verb, another name, sentences more,
  a live blog that grew. ``read`` is the share that goes on to the models.
* ``other``: texts that are alike and are two stories: press releases of one firm, notices, forecasts and reports from a template,
  newsletters, a statement that both quote, walls and stubs under unlike titles. ``joined`` is the share that is called a copy.
* ``same``: true copies: another dateline, by-line, typography, markup, style of numbers or end. ``silent`` is the share that ends.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any

from evaluation.data import ARTICLES, Article, DataError, reading, rows
from evaluation.edits import add_caption, add_credits, capitalise, sentences, tokenise
from evaluation.edits import gather as material_of
from evaluation.stream import Stream
from schemas import Event, Status

PAIRS = 30
"""Of each way."""
_LEAST, _MOST = 150, 900
"""Words of the articles: shorter ones are changed too much by one sentence, longer ones take long."""
_SEED = 7

Pair = tuple[Article, Article]
Way = Callable[[Sequence[Article], int, Random], Pair | None]

_NUMBERS = ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_NUMBER = re.compile(r"\b(?:" + "|".join(_NUMBERS) + r"|[2-9]\d?)\b(?!,\d|\.\d|\s*p\.m|\s*a\.m)")
_TURNS = {"praised": "condemned", "supported": "opposed", "approved": "rejected", "won": "lost", "rose": "fell",
          "accepted": "refused", "condemned": "praised", "opposed": "supported", "rejected": "approved",
          "confirmed": "denied", "denied": "confirmed",
          "increase": "cut", "more": "fewer", "guilty": "innocent", "allow": "forbid", "against": "for"}  # fmt: skip
_TURN = re.compile(r"\b(?:" + "|".join(_TURNS) + r")\b")
_AUXILIARY = re.compile(r"\b(will|would|could|should|can|has|have|had|is|are|was|were|did|does|may)(?= [a-z]{4})")
_NOT = re.compile(r"(?<=[a-z]) not(?= [a-z])")
_NAME = re.compile(r"(?<=[a-z,] )[A-Z][a-z]{3,}(?= [a-z])")
_CREDIT = re.compile(r"^.*(?:REUTERS|Reuters/|AFP|AP Photo|Getty|opyright|contributed to|Photo).*$", re.MULTILINE)
"""Lines that say who took a picture or helped: who they were is no news."""
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_TOWNS = (
    "Kelso",
    "Larne",
    "Dunmore",
    "Hartwell",
    "Ostrava",
    "Millbrook",
    "Ferndale",
    "Exampleton",
    "Varna",
    "Alderley",
    "Brandon",
    "Tarvin",
)
_PEOPLE = (
    "Anna Berg",
    "Karl Lund",
    "Ruth Adler",
    "Peter Lang",
    "Clara Voss",
    "Hugo Lane",
    "Lena Ortiz",
    "Tom Pell",
    "Ines Moreau",
    "Paul Dorn",
)
_FIRMS = ("Northfield Robotics", "Alder Freight", "Borwick Mining", "Sandmere Foods", "Castell Energy", "Hallam Paper")
_SKIES = ("sunny", "cloudy", "wet", "foggy", "windy", "hot", "cold", "stormy")
_LIMIT = (
    "You have reached your limit of free articles. Subscribe now for unlimited access on all your devices, with "
    "award-winning reporting every day. Already a subscriber? Log in to continue reading this article. By continuing you "
    "agree to our terms of service and privacy policy. We and our partners use cookies to give you the best experience on "
    "our site and to show you ads."
)
_SCRIPT = (
    "Please enable JavaScript and disable any ad blocker to view this page. If you believe that this is a mistake, contact "
    "support and quote the number below. Your browser will be checked before you can access the site."
)
_MEMBERS = (
    "This content is available to members only. Sign in or create an account to read on. "
    "Membership starts at one pound a week."
)
_CONSENT = (
    "Before you continue, we and our 842 partners store and access information on your device, such as cookies, to "
    "personalise ads and content, to measure ads and content, and to develop services. You can accept, refuse or manage your "
    "preferences at any time in the privacy policy. Some partners process your data on the basis of legitimate interest, to "
    "which you can object. "
)
_WALLS = (_LIMIT, "Click here to read the full story on our website.", _SCRIPT, _MEMBERS, 2 * _CONSENT)


def evaluate(path: Path | None) -> dict[str, Any]:
    """The figures on the articles of ``path`` (AllSides' format), and where it is left out on AllSides.

    Raises:
        DataError: the file is missing or not in the format, or has too few articles.
    """
    source = path or ARTICLES
    with reading(source):
        fit = [one for one in rows(source, Article) if _LEAST <= len(one.text.split()) <= _MOST and one.title]
    if len(fit) < 2 * PAIRS:
        raise DataError(
            f"{source}: {len(fit)} articles have a title and {_LEAST} to {_MOST} words, {2 * PAIRS} are needed"
        )
    chosen = Random(_SEED).sample(fit, min(len(fit), 400))  # noqa: S311 - no secrets
    kinds: dict[str, dict[str, dict[str, Any]]] = {"new": {}, "other": {}, "same": {}}
    misses: dict[str, list[str]] = {}
    for kind, ways in WAYS.items():
        for name, way in ways.items():
            kinds[kind][name], missed = _try(kind, way, chosen, name)
            misses |= {name: missed} if missed else {}
    return {
        "data": str(source),
        "pairs": sum(one["pairs"] for ways in kinds.values() for one in ways.values()),
        "read": _share(kinds["new"], "read"),
        "joined": _share(kinds["other"], "joined"),
        "silent": _share(kinds["same"], "silent"),
        **kinds,
        "misses": misses,
    }


def _try(kind: str, way: Way, articles: Sequence[Article], name: str) -> tuple[dict[str, Any], list[str]]:
    """The figures of one way, and the titles of the pairs that came out wrong."""
    random, stream = Random(name), Stream()  # noqa: S311 - no secrets
    found: list[dict[str, bool]] = []
    missed: list[str] = []
    for at in range(len(articles)):
        if len(found) == PAIRS:
            break
        pair = way(articles, at, random)
        if pair is None or pair[0] == pair[1]:
            continue
        first, second = f"{name} {at} a", f"{name} {at} b"
        stream.event(first, pair[0].text, title=pair[0].title)
        event = stream.event(second, pair[1].text, title=pair[1].title)
        for one in (first, second):
            stream.withdraw(one)
        found.append(_outcome(event))
        if not _is_right(kind, found[-1]):
            missed.append(pair[1].title)
    return {
        "pairs": len(found),
        **{key: sum(one[key] for one in found) / max(1, len(found)) for key in ("read", "joined", "silent")},
    }, missed


def _outcome(event: Event) -> dict[str, bool]:
    duplicate = event.duplicate
    return {
        "read": event.status is Status.ENRICHED,
        "joined": duplicate is not None and duplicate.verdict != "unique",
        "silent": event.status is Status.DUPLICATE,
    }


def _is_right(kind: str, outcome: Mapping[str, bool]) -> bool:
    return {"new": outcome["read"], "other": not outcome["joined"], "same": outcome["silent"]}[kind]


def _share(ways: Mapping[str, Mapping[str, Any]], figure: str) -> float:
    count = sum(one["pairs"] for one in ways.values())
    return float(sum(one[figure] * one["pairs"] for one in ways.values()) / count)


# what is new


def _substituted(pattern: re.Pattern[str], other: Callable[[re.Match[str], Random], str]) -> Way:
    """One place of ``pattern`` put in another way."""

    def way(articles: Sequence[Article], at: int, random: Random) -> Pair | None:
        article = articles[at]
        lines = [match.span() for match in _CREDIT.finditer(article.text)]
        found = [
            match
            for match in pattern.finditer(article.text)
            if not any(start <= match.start() < end for start, end in lines)
        ]
        if not found:
            return None
        match = random.choice(found)
        made = other(match, random)
        text = article.text[: match.start()] + made + article.text[match.end() :]
        return article, Article(title=article.title, text=text)

    return way


def _another(values: Sequence[str]) -> Callable[[re.Match[str], Random], str]:
    return lambda match, random: random.choice([value for value in values if value != match[0]])


def _corrected(articles: Sequence[Article], at: int, random: Random) -> Pair:
    article = articles[at]
    name, other = random.sample(_PEOPLE, 2)
    note = f"Correction: An earlier version of this story said that {name} had praised {other}. {name} did not."
    text = f"{note}\n\n{article.text}" if random.random() < 0.5 else f"{article.text}\n\n{note}"
    return article, Article(title=article.title, text=text)


def _grown(articles: Sequence[Article], at: int, random: Random) -> Pair:
    """Two sentences of another story more, somewhere."""
    article, more = articles[at], _told(articles[at - 1])[1:3]
    pieces = sentences(article.text)
    place = random.randrange(1, len(pieces))
    text = "".join([*pieces[:place], " ".join(more), " ", *pieces[place:]])
    return article, Article(title=article.title, text=text)


def _live(articles: Sequence[Article], at: int, random: Random) -> Pair:
    """A live blog with a third more entries on top."""
    entries = [f"{hour:02}:15 — {_told(articles[(at + hour) % len(articles)])[0]}" for hour in range(24, 0, -1)]
    return _titled("Live: the day", "\n\n".join(entries[6:])), _titled("Live: the day", "\n\n".join(entries))


# two stories


def _releases(articles: Sequence[Article], at: int, random: Random) -> Pair:
    firm = _FIRMS[at % len(_FIRMS)]
    about = (
        f"About {firm}\n\n{firm} designs and builds machines for warehouses, hospitals and farms. Founded in 1998, the "
        f"company employs "
        "4,200 people in eleven countries. Its products are sold under the names Picker, Carrier and "
        "Reaper.\n\nForward-Looking "
        "Statements\n\nThis press release contains forward-looking statements within the meaning of the securities "
        "laws. These statements "
        "are based on current expectations and involve risks and uncertainties that could cause actual results to "
        "differ materially from "
        "those expressed or implied. The company undertakes no obligation to update any forward-looking statement, "
        "except as required by "
        f"law. Readers are cautioned not to place undue reliance on these statements.\n\nMedia contact: Press Office, {firm}."
    )

    def release(article: Article) -> Article:
        told = " ".join(_told(article)[:3])
        head = f"{random.choice(_TOWNS).upper()}, {random.choice(_MONTHS)} {random.randrange(1, 29)} — {firm} today said: {told}"
        return _titled(f"{firm}: {article.title}", f"{head}\n\n{about}")

    return release(articles[at]), release(articles[at - 1])


def _forecasts(articles: Sequence[Article], at: int, random: Random) -> Pair:
    def forecast(town: str, day: str, sky: str) -> Article:
        low = random.randrange(2, 14)
        text = (
            f"{town} will be {sky} on {day} with a high of {low + 9} degrees and a low of {low}. Winds will blow from the "
            f"{random.choice(('west', 'north', 'east', 'south'))} at 10 to 15 kilometres an hour. The chance of rain is "
            f"20 per cent in the "
            "morning and 30 per cent in the afternoon. Residents are advised to carry water and to check on elderly "
            "neighbours. For the full "
            "forecast and for warnings in your area, visit the page of the Regional Weather Office."
        )
        return _titled(f"{town} weather for {day}", text)

    towns, days, skies = random.sample(_TOWNS, 2), random.sample(_DAYS, 2), random.sample(_SKIES, 2)
    if at % 3 == 0:
        towns[1] = towns[0]  # the same town on another day
    return forecast(towns[0], days[0], skies[0]), forecast(towns[1], days[1], skies[1])


def _notices(articles: Sequence[Article], at: int, random: Random) -> Pair:
    def notice(name: str, town: str) -> Article:
        age, day, month = random.randrange(60, 99), random.randrange(1, 29), random.choice(_MONTHS)
        text = (
            f"It is with great sadness that the family of {name} announces the passing of a beloved parent and friend, "
            f"peacefully at home in "
            f"{town} on {month} {day}, at the age of {age}. A service will be held at St. {name.split()[0]}'s Church in "
            f"{town} on "
            f"{random.choice(_DAYS)} at {random.randrange(9, 12)} o'clock, and all who knew and loved {name.split()[1]} "
            f"are welcome. "
            "The family thanks the doctors and nurses for their kindness and their care. In place of flowers, "
            "donations to the hospice would be "
            "appreciated. Messages of sympathy may be left in the book of condolence at the chapel of rest."
        )
        return _titled(f"{name}, {age}, of {town}", text)

    people, towns = random.sample(_PEOPLE, 2), random.sample(_TOWNS, 2)
    return notice(people[0], towns[0]), notice(people[1], towns[1])


def _reports(articles: Sequence[Article], at: int, random: Random) -> Pair:
    """Results as a machine writes them."""

    def report(firm: str) -> Article:
        profit, share = random.randrange(11, 990), random.randrange(11, 99)
        text = (
            f"{firm} on {random.choice(_DAYS)} reported net income of ${profit}.{share % 10} million in its latest "
            f"quarter. The company said "
            f"that it had a profit of {share} cents per share. Earnings, adjusted for one-time gains and costs, came to "
            f"{share + 7} cents per "
            "share. The results did not meet the expectations of analysts on average, who are polled each quarter "
            "before the figures are "
            f"out. The company posted revenue of ${profit * 7} million in the period. In the final minutes of trading "
            f"its shares stood "
            "higher than in the same period of the year before, when the market as a whole had been lower. This is "
            "shown by the data that "
            "the exchange publishes at the end of every trading day for each of the companies that are listed there."
        )
        return _titled(f"{firm}: quarterly earnings snapshot", text)

    firms = random.sample(_FIRMS, 2)
    return report(firms[0]), report(firms[1])


def _rubrics(articles: Sequence[Article], at: int, random: Random) -> Pair:
    """Under one title day after day."""

    def drawing(day: str) -> str:
        numbers = sorted(random.sample(range(1, 50), 5))
        return (
            f"The winning numbers in {day}'s drawing of Mega Draw were {', '.join(map(str, numbers))}. The estimated "
            f"jackpot was ${random.randrange(2, 90)} million. The drawing is held three times a week at the lottery's "
            "studio in the capital under the eyes of an auditor. Tickets cost two dollars and are sold until one hour "
            "before the drawing at more than 3,000 stores. Players pick five numbers from 1 to 49. The odds of winning "
            "are one in two million. Prizes of less than $600 can be claimed at any store, and larger ones at an office "
            "of the lottery within 180 days. Proceeds go to schools and parks."
        )

    def case(name: str) -> str:
        return (
            f"{name}, {random.randrange(19, 80)}, of {random.choice(_TOWNS)}, was fined ${random.randrange(2, 90)}0 on "
            f"{random.choice(_DAYS)}. The report lists what was decided at the county court this week. All names, ages "
            "and addresses are as they were given in court. The reporter cannot take a name from the list unless the "
            "court has so ordered. The most that can be given for each offence is set by law, and the surcharge goes to "
            "a fund for victims of crime. Those who were convicted may appeal within 21 days. Cases that were adjourned "
            "are listed in the week in which they end."
        )

    def market(day: str) -> str:
        points, level = random.randrange(3, 90), random.randrange(3000, 5000)
        return (
            f"The Standard index {random.choice(('rose', 'fell'))} {points} points to {level} on {day}. Stocks on the "
            "main exchange are weighted by the value of each company in the market. Figures are delayed by at least 20 "
            "minutes, and are rounded. The exchange is open from 9:30 a.m. to 4 p.m. on all business days. What was "
            "earned in the past is no guarantee of what will be. This report was made by a machine from the data of the "
            "exchange, and is not meant as advice. Readers should ask an adviser before they buy or sell any security."
        )

    days, people = random.sample(_DAYS, 2), random.sample(_PEOPLE, 2)
    title, make, of = (
        ("Lottery results", drawing, days),
        ("Court report", case, people),
        ("Markets at close", market, days),
    )[at % 3]
    return _titled(title, make(of[0])), _titled(title, make(of[1]))


def _newsletters(articles: Sequence[Article], at: int, random: Random) -> Pair:
    def issue(day: str, start: int) -> Article:
        items = [_told(articles[(start + number) % len(articles)])[0] for number in range(4)]
        text = (
            f"Good morning, and welcome to the morning briefing for {day}. Here is what you need to know before your "
            f"day begins, chosen by our "
            "editors from all over the paper and sent before breakfast on every working day of the week.\n\n"
            + "\n\n".join(items)
            + "\n\nThat is all for today. If a friend has sent you this letter, you can have it each morning for nothing: "
            "all that we need is your address, and you can leave whenever you wish with one click at the foot of any "
            "issue. Tell us what "
            "you think of it, what we "
            "have missed, and what you would like to read more of. We read everything that comes in, and answer as "
            "much of it as we can. "
            "Thank you for reading, have a good day, and until tomorrow at the same time."
        )
        return _titled(f"Morning briefing: {day}", text)

    days = random.sample(_DAYS, 2)
    return issue(days[0], at), issue(days[1], at + 17)


def _statements(articles: Sequence[Article], at: int, random: Random) -> Pair:
    """One long quotation in two short stories of others."""
    words = " ".join(" ".join(_told(articles[at - 2])).replace('"', "").replace("“", "").replace("”", "").split()[:60])

    def story(article: Article) -> Article:
        told = [one for one in _told(article) if not re.search(r"[\"“”]", one)]
        head, tail = (told + told + [article.title, article.title])[:2]
        return _titled(article.title, f"{head}\n\n“{words},” the ministry said in a statement.\n\n{tail}")

    return story(articles[at]), story(articles[at - 1])


def _walls(articles: Sequence[Article], at: int, random: Random) -> Pair:
    wall = _WALLS[at % len(_WALLS)]
    return _titled(articles[at].title, wall), _titled(articles[at - 1].title, wall)


# true copies


def _edited(edit: Callable[[Article], str]) -> Way:
    return lambda articles, at, random: (articles[at], _titled(articles[at].title, edit(articles[at])))


def _styled(article: Article) -> str:
    """Another house's style: figures for number words, months and quotation marks its own way."""
    text = article.text
    for number, word in enumerate(_NUMBERS, 2):
        text = re.sub(rf"\b{word}\b", f"{number}", text)
    for month in ("January", "February", "August", "October", "December"):
        text = re.sub(rf"\b{month}(?= \d)", f"{month[:3]}.", text)
    return (
        text.replace("“", '"').replace("”", '"').replace("’", "'").replace("—", " -- ").replace("percent", "per cent")
    )


def _furnished(article: Article) -> str:
    below = (
        "Ann Roe contributed to this report.",
        "Sign up for our newsletter to get the day's news in your inbox.",
        "Read more: Mayor of Kelso resigns after the vote",
        "This article was originally published by The Kelso Courier.",
        "Follow The Kelso Courier on Facebook and X.",
    )
    return "\n\n".join(["By Ann Roe, Staff Writer", article.text, *below])


def _cut(article: Article) -> str:
    pieces = sentences(article.text)
    return "".join(pieces[: max(1, round(len(pieces) * 0.92))]).strip()


def _marked_up(article: Article) -> str:
    paragraphs = "".join(f"<p>{part}</p>\n" for part in article.text.split("\n\n"))
    return f"<div class='body'>{paragraphs}<script>var ad = 1;</script></div>"


_NOBODY = material_of([])

WAYS: Mapping[str, Mapping[str, Way]] = {
    "new": {
        "count": _substituted(_NUMBER, _another(("seventeen", "29", "forty"))),
        "denial": _substituted(_AUXILIARY, lambda match, _: f"{match[0]} not"),
        "not_taken_out": _substituted(_NOT, lambda match, _: ""),
        "turned": _substituted(_TURN, lambda match, _: _TURNS[match[0]]),
        "name": _substituted(_NAME, _another(("Vogel", "Hartwell", "Moreau"))),
        "correction": _corrected,
        "grown": _grown,
        "live": _live,
    },
    "other": {
        "releases": _releases,
        "forecasts": _forecasts,
        "notices": _notices,
        "reports": _reports,
        "rubrics": _rubrics,
        "newsletters": _newsletters,
        "statements": _statements,
        "walls": _walls,
    },
    "same": {
        "dateline": _edited(lambda article: f"KELSO, March 5 (Reuters) — {article.text}"),
        "style": _edited(_styled),
        "furniture": _edited(_furnished),
        "cut": _edited(_cut),
        "markup": _edited(_marked_up),
        "capitals": _edited(lambda article: capitalise(article, _NOBODY, Random(1)).text),  # noqa: S311 - no secrets
        "tokenised": _edited(lambda article: tokenise(article, _NOBODY, Random(1)).text),  # noqa: S311 - no secrets
        "caption": _edited(lambda article: add_caption(article, _NOBODY, Random(1)).text),  # noqa: S311 - no secrets
        "credits": _edited(lambda article: add_credits(article, _NOBODY, Random(1)).text),  # noqa: S311 - no secrets
        "headline": lambda articles, at, random: (articles[at], _titled(articles[at - 1].title, articles[at].text)),
    },
}


def _titled(title: str, text: str) -> Article:
    return Article(title=title, text=text)


def _told(article: Article) -> list[str]:
    """Sentences of some length, with what ends them."""
    return list(_long(article)) or [article.text[:200]]


def _long(article: Article) -> Iterator[str]:
    for piece in sentences(article.text):
        if 10 <= len(piece.split()) <= 45:
            yield piece.strip()
