"""Copies that say something new, copies that do not, and texts that are alike and are two stories."""

from collections.abc import Callable

import pytest

from schemas import Duplicate, Event, Status, Work
from services.dedup.core import compare
from services.dedup.page import Page
from services.dedup.settings import DedupSettings
from services.dedup.subject import is_thin
from services.text.clean import clean
from tests.dedup.kept import KeptJudge

Make = Callable[..., Work]

FIRE = (
    "KELSO — A fire at a furniture factory on the edge of Kelso killed three people on Tuesday night, the fire brigade said. "
    "Eleven others were taken to hospital. The fire began shortly before nine in the evening in a store room and spread to the "
    "roof within minutes, according to Captain Ruth Adler, who led the operation. “We could see the flames from the station,” "
    "she said. Some ninety firefighters worked until dawn. The factory's owner, Alder Furniture, said that it was cooperating "
    "with investigators and that its thoughts were with the families. The cause was not yet known. The factory had been "
    "inspected in November, when two blocked exits were found, the town's building office said. Ms. Adler praised Alder "
    "Furniture for its help."
)
PORT = (
    "LARNE, March 9 (AP) - Dockers in Larne will vote on Friday on an offer by the port company, the union's secretary said. "
    "The company offers 4 percent more pay from June, and 200 pounds at once to each of the 1,400 dockers.\n\n"
    "Karin Vogel, who speaks for the company, said that it could not go any higher.\n\n"
    "“We have been to the limit of what the port can carry,” Ms. Vogel said. The dockers have not worked since February 27, "
    "and forty ships lie at anchor in the bay. The last strike, in 1998, went on for eleven weeks, and ended when a judge "
    "named by the government set the pay. The mayor, Paul Dorn, denied that he would ask for that again."
)


def judged(make: Make, one: str, two: str, **fields: str) -> tuple[Event, Duplicate]:
    judge = KeptJudge(DedupSettings())
    for number, text in enumerate((one, two)):
        work = make(f"d{number}", text, hours=number)
        work = work.model_copy(update={"event": work.event.model_copy(update=fields)})
        made = judge.judge(work)
    duplicate = made.work.event.duplicate
    assert duplicate is not None
    return made.work.event, duplicate


def told(event: Event, duplicate: Duplicate) -> list[tuple[str, str]]:
    return [(change.kind, event.text[change.start : change.end]) for change in duplicate.changes]


@pytest.mark.parametrize(
    ("text", "old", "new"),
    [
        (FIRE, "three", "seventeen"),
        (FIRE, "Ms. Adler praised", "Ms. Adler accused"),
        (FIRE, "was not yet", "was"),
        (FIRE, "Ruth Adler", "Ines Moreau"),
        (FIRE, "Ms. Adler praised Alder Furniture for its help.", "Ms. Adler did not praise Alder Furniture."),
        (PORT, "4 percent", "6 percent"),
        (PORT, "denied that he would", "said that he would"),
        (PORT, "could not", "could"),
        (PORT, "Paul Dorn", "Hugo Lane"),
        (PORT, "since February 27", "since February 24"),
        (PORT, "The mayor, Paul Dorn, denied that he would ask", "The mayor would ask"),
    ],
)
def test_one_changed_word_is_read_and_told(make_work: Make, text: str, old: str, new: str) -> None:
    assert old in text
    event, duplicate = judged(make_work, text, text.replace(old, new))
    assert (event.status, duplicate.of) == (Status.ENRICHED, "d0")
    changed = [words for kind, words in told(event, duplicate) if kind != "removed"]
    assert len(changed) == 1
    assert new.split()[-1].rstrip(".") in changed[0]


@pytest.mark.parametrize(
    "more",
    [
        "On Wednesday Karin Vogel condemned Hugo Lane for the deaths. “Hugo Lane is to blame,” she said.",
        "Correction: An earlier version said that Ms. Moreau had resigned. She has not.",
        "Two more died on Thursday.",
    ],
)
def test_what_is_added_is_read_and_told(make_work: Make, more: str) -> None:
    for text in (f"{FIRE} {more}", f"{more}\n\n{FIRE}", f"<p>{FIRE}</p>\n<p>{more}</p>"):
        event, duplicate = judged(make_work, FIRE, text)
        assert (event.status, duplicate.verdict, duplicate.of) == (Status.ENRICHED, "expansion", "d0")
        assert "".join(words for _, words in told(event, duplicate)).replace(" ", "") == more.replace(" ", "")


def test_what_was_taken_out_is_told_and_not_read(make_work: Make) -> None:
    event, duplicate = judged(make_work, FIRE, FIRE.replace(" Some ninety firefighters worked until dawn.", ""))
    (change,) = duplicate.changes
    assert (event.status, change.kind, change.start) == (Status.DUPLICATE, "removed", change.end)
    assert event.text[: change.end].endswith("she said.")


def test_a_live_blog_that_grew_is_read(make_work: Make) -> None:
    entries = [
        f"{hour}:15 Ship number {hour} came in, with {3 * hour} dockers of group {hour} at work." for hour in range(24)
    ]
    event, duplicate = judged(make_work, "\n\n".join(entries[6:]), "\n\n".join(entries))
    assert (event.status, duplicate.verdict) == (Status.ENRICHED, "expansion")
    assert [words for _, words in told(event, duplicate)] == entries[:6]


SAME: dict[str, Callable[[str], str]] = {
    "dateline": lambda text: text.replace("KELSO — ", "").replace("LARNE, March 9 (AP) - ", "Larne (Reuters) — "),
    "by-line": lambda text: f"By Ann Roe, Staff Writer\n\n{text}\n\nAdditional reporting by Cy Sample in Oslo.",
    "furniture": lambda text: (
        f"{text}\n\nRead more: Mayor Ines Moreau quits\n\nSign up for our newsletter.\n\nFollow us on Facebook.\n\n"
        "This story was originally published by The Kelso Courier."
    ),
    "marks": lambda text: text.replace("“", '"').replace("”", '"').replace("—", "--").replace("'", "’"),
    "numbers": lambda text: text.replace("Eleven", "11").replace("forty", "40").replace("February 27", "Feb. 27"),
    "spelling": lambda text: text.replace("cooperating", "co-operating").replace("percent", "per cent"),
    "small words": lambda text: text.replace("said that it was", "said it was").replace("said that it could", "said it could"),
    "capitals": str.upper,
    "markup": lambda text: "".join(f"<p>{part}</p>" for part in text.split("\n\n")),
    "cut": lambda text: text.rpartition(". ")[0] + ".",
}  # fmt: skip


@pytest.mark.parametrize("text", [FIRE, PORT], ids=["fire", "port"])
@pytest.mark.parametrize("way", SAME)
def test_a_copy_that_says_nothing_new_says_so(text: str, way: str) -> None:
    made = compare(text, SAME[way](text), DedupSettings())
    assert made.verdict in ("exact", "near")
    assert not made.says_something_new


def test_a_later_text_of_the_same_address_is_an_update(make_work: Make) -> None:
    later = FIRE.replace("three", "seventeen")
    _, duplicate = judged(make_work, FIRE, later, url="https://kelso.example/fire")
    assert (duplicate.verdict, duplicate.rule, duplicate.of, duplicate.updates) == ("update", "same-url", "d0", None)
    _, duplicate = judged(make_work, FIRE, later, source="kelso.example", title="Fire kills workers")
    assert (duplicate.verdict, duplicate.rule) == ("update", "same-source-and-title")
    event, duplicate = judged(make_work, FIRE, FIRE, url="https://kelso.example/fire")
    assert (duplicate.verdict, event.status) == ("exact", Status.DUPLICATE)


LIMIT = (
    "You have reached your limit of free articles. Subscribe now for unlimited access to Daily Example on all your devices, with "
    "award-winning reporting every day. Already a subscriber? Log in to continue reading this article. By continuing you agree "
    "to our terms of service and privacy policy. We and our partners use cookies to give you the best experience on our site."
)


@pytest.mark.parametrize(
    "text",
    [
        LIMIT,
        LIMIT * 4,
        "Click here to read the full story on our website.",
        "This video is not available in your country.",
    ],
)
def test_a_wall_makes_nobody_a_copy(text: str) -> None:
    settings = DedupSettings()
    assert (
        compare(text, text, settings, ("Mayor Lena Ortiz resigns", "Kelso Rovers sign Luis Mora")).verdict == "unique"
    )
    assert compare(text, text, settings, ("Mayor Lena Ortiz resigns", "Mayor Lena Ortiz resigns")).verdict == "exact"


@pytest.mark.parametrize("title", ["Three die as factory burns in Kelso", "Brigade chief thanks Alder Furniture", ""])
def test_a_story_under_another_headline_is_a_copy(title: str) -> None:
    made = compare(FIRE, FIRE, DedupSettings(), ("Fire kills three", title))
    assert (made.verdict, made.says_something_new) == ("exact", False)


def test_a_headline_that_says_another_number_is_read() -> None:
    made = compare(FIRE, FIRE, DedupSettings(), ("Three dead in Kelso fire", "Seventeen dead in Kelso fire"))
    assert (made.verdict, made.says_something_new) == ("exact", True)


def forecast(town: str, day: str, high: int, low: int) -> tuple[str, str]:
    return f"{town} weather for {day}", (
        f"{town} will be cloudy on {day} with a high of {high} degrees and a low of {low}. Winds will blow from the "
        f"west at 10 to 15 "
        "kilometres an hour. The chance of rain is 20 per cent in the morning and 30 per cent in the afternoon. "
        "Residents are advised to "
        "carry water and to check on elderly neighbours. For the full forecast, visit the page of the Regional Weather Office."
    )


def notice(name: str, town: str, day: str, age: int) -> tuple[str, str]:
    return f"{name}, {age}", (
        f"The family of {name} announces with great sadness that our parent died peacefully at home in {town} on "
        f"{day}, at the age of "
        f"{age}. A service will be held at the church in {town}, and all who knew and loved our parent are welcome to "
        f"come. The family "
        "thanks the doctors and nurses for their kindness and their care. In place of flowers, donations to the hospice would be "
        "appreciated. Messages of sympathy may be left in the book of condolence at the chapel of rest."
    )


def release(title: str, news: str) -> tuple[str, str]:
    return title, (
        f"{news}\n\nAbout Northfield Robotics\n\nNorthfield Robotics designs and builds machines for warehouses, "
        f"hospitals and farms. "
        "Founded in 1998, the company employs 4,200 people in eleven countries and is headquartered in Dunmore. Its "
        "products are sold "
        "under the names Picker, Carrier and Reaper.\n\nForward-Looking Statements\n\nThis press release contains forward-looking "
        "statements within the meaning of the securities laws. These statements are based on current expectations and "
        "involve risks and "
        "uncertainties that could cause actual results to differ materially from those expressed or implied. The "
        "company undertakes no "
        "obligation to update any forward-looking statement, except as required by law."
    )


def drawing(day: str, numbers: str, jackpot: int) -> tuple[str, str]:
    return "Lottery results", (
        f"The winning numbers in {day}'s drawing of Mega Draw were {numbers}. The estimated jackpot was ${jackpot} million. The "
        "drawing is held three times a week at the lottery's studio in the capital under the eyes of an auditor. Tickets cost two "
        "dollars and are sold until one hour before the drawing at more than 3,000 stores. Prizes of less than $600 can be claimed "
        "at any store, and larger ones at an office of the lottery within 180 days. Proceeds go to schools and parks."
    )


def death(name: str, age: int, town: str, day: str) -> tuple[str, str]:
    return "Death notices", (
        f"{name}, {age}, of {town}, died on {day}. The family will receive friends at Lowe Funeral Home, 40 Main Street, "
        "from 4 to 8 p.m. on the day before the service. The service will be held in the chapel of the funeral home, with burial "
        "in the family plot. In place of flowers the family asks for gifts to the hospice, which cares for the dying at home."
    )


STATEMENT = (
    "“The plan will give every town in the county a bus every hour, from six in the morning until midnight, on every day of the "
    "year, and it will cost no more than we pay today for buses that few can use, because we shall buy them together and run them "
    "together, as our neighbours have done for ten years with a success that nobody can deny,”"
)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        (forecast("Kelso", "Monday", 21, 12), forecast("Larne", "Thursday", 14, 5)),
        (forecast("Kelso", "Monday", 21, 12), forecast("Kelso", "Tuesday", 19, 11)),
        (notice("Anna Berg", "Kelso", "March 3", 84), notice("Karl Lund", "Larne", "July 19", 71)),
        (
            release(
                "Northfield Robotics names Clara Voss chief financial officer",
                "DUNMORE, March 5 — Northfield Robotics today announced that Clara Voss has been appointed chief "
                "financial officer, "
                "effective June 1. She succeeds Peter Lang, who is retiring after fourteen years.",
            ),
            release(
                "Northfield Robotics recalls 3,000 Reaper machines",
                "DUNMORE, April 9 — Northfield Robotics today announced a voluntary recall of about 3,000 Reaper harvesters after "
                "reports of overheating batteries. Two farm workers were treated for burns.",
            ),
        ),
        (drawing("Tuesday", "4, 11, 23, 38 and 41", 12), drawing("Friday", "2, 17, 19, 30 and 44", 14)),
        (death("Ada Finch", 81, "Kelso", "March 3"), death("Roy Tull", 77, "Larne", "March 6")),
        (
            ("County plans a bus every hour", f"The county government of Larne wants more buses. {STATEMENT} Paul Dorn said."),
            ("Opposition: buses will bankrupt us", f"Ines Moreau of the Farmers called it a dream. {STATEMENT} Mr. Dorn had said."),
        ),
    ],
    ids=["towns", "days", "notices", "releases", "drawings", "deaths", "statement"],
)  # fmt: skip
def test_a_template_joins_nothing(one: tuple[str, str], two: tuple[str, str]) -> None:
    made = compare(one[1], two[1], DedupSettings(), (one[0], two[0]))
    assert (made.verdict, made.says_something_new) == ("unique", True)
    assert max(made.jaccard, made.containment_a, made.containment_b) >= 0.5


@pytest.mark.parametrize(
    "later",
    [
        FIRE.replace("three", "seventeen"),
        f"The mayor of Larne, Paul Dorn, said on Friday that 17 people had died.\n\n{FIRE}",
        f"KELSO, March 5 (Reuters) — {FIRE}",
    ],
    ids=["count", "top", "dateline"],
)
def test_a_story_that_goes_on_under_a_short_title_stays_one_story(later: str) -> None:
    assert compare(FIRE, later, DedupSettings(), ("Mill fire", "Mill fire")).verdict != "unique"


def test_a_long_story_with_another_opening_stays_one_story_under_a_short_title() -> None:
    one, two = death("Ada Finch", 81, "Kelso", "March 3"), death("Roy Tull", 77, "Larne", "March 6")
    below = " ".join(f"Town number {number} had a fair with {number * 3} stalls." for number in range(30))
    assert compare(f"{one[1]} {below}", f"{two[1]} {below}", DedupSettings(), (one[0], two[0])).verdict == "near"


def test_an_id_that_is_a_counter_takes_nobodys_place(make_work: Make) -> None:
    judge = KeptJudge(DedupSettings())
    school = "A village school near Kelso has won a national prize for its garden, where pupils grow beans and keep "
    "two hives of bees."
    judge.judge(make_work("1", FIRE))
    made = judge.judge(make_work("1", PORT, hours=1))
    found = made.work.event.duplicate
    assert found is not None
    assert (made.beside, made.overtaken, found.verdict, found.updates, len(judge)) == (True, True, "unique", None, 2)
    assert judge.judge(make_work("1", school, hours=2)).beside
    judge.load()
    for text, cluster in ((FIRE, "1"), (PORT, found.cluster)):
        copied = judge.judge(make_work(f"copy-{len(text)}", text, hours=3)).work.event.duplicate
        assert copied is not None
        assert (copied.verdict, copied.cluster) == ("exact", cluster)
    later = judge.judge(make_work("1", PORT.replace("4 percent", "6 percent"), hours=4))
    update = later.work.event.duplicate
    assert update is not None
    assert (later.beside, update.verdict, update.updates, update.cluster, len(judge)) == (
        False,
        "update",
        1,
        found.cluster,
        5,
    )
    judge.judge(make_work("1", "", hours=5, status=Status.WITHDRAWN))
    assert len(judge) == 2


def test_rows_of_the_release_before_are_read(make_work: Make) -> None:
    """They have no sentences, titles or leads: what is new is found by shingles, and nothing is said of what was taken out."""
    judge = KeptJudge(DedupSettings())
    old = make_work("a", FIRE)
    assert old.fingerprint is not None
    bare = old.fingerprint.model_copy(update={"sentences": "", "title": "", "lead": "", "thin": False})
    for key in judge.judge(old.model_copy(update={"fingerprint": bare})).put:
        assert '"beside"' not in judge.table[key]
        for name in ("sentences", "title", "lead"):
            judge.table[key] = judge.table[key].replace(f'"{name}":"",', "")
    judge.load()
    silent = judge.judge(make_work("b", FIRE.replace("Eleven", "11"), hours=1)).work.event
    told_new = judge.judge(make_work("c", FIRE.replace("three", "seventeen"), hours=2)).work.event
    assert (silent.status, told_new.status) == (Status.DUPLICATE, Status.ENRICHED)


def test_a_change_in_a_long_text_is_found() -> None:
    """Of more than 4,096 shingles a sample is kept, and the hashes of all sentences."""
    long = " ".join(
        f"In the year {number} town number {number * 7} had a mayor whose name was Vogel{number}."
        for number in range(900)
    )
    made = compare(long, long.replace("town number 3500 ", "town number 3501 "), DedupSettings())
    assert (made.verdict, made.says_something_new) == ("near", True)
    assert not compare(
        long, long.replace("“", '"') + "\n\nSubscribe to our newsletter.", DedupSettings()
    ).says_something_new


@pytest.mark.parametrize(
    "piece", ['"', "“", ". ", "A. ", "(Reuters) - ", "by ", "read more ", "\n", "X — ", "not 7 ", "Ab "]
)
def test_hostile_texts_end(piece: str) -> None:
    """The run's time limit holds this."""
    text = piece * (300_000 // len(piece))
    compare(f"{FIRE}\n\n{text}", f"{FIRE} {text}", DedupSettings())


def test_sentences_and_what_is_the_sites() -> None:
    raw = "KELSO — Mr. Hart and Ms. Roe left. “We go,” he said.\nADVERTISEMENT\nBy Ann Roe\nThe U.S. Navy stayed."
    page = Page(clean(raw.replace("\n", "\n\n")).text)
    assert [(page.text[one.start : one.end], one.furniture) for one in page.sentences] == [
        ("Mr. Hart and Ms. Roe left.", False),
        ("“We go,” he said.", False),
        ("ADVERTISEMENT", True),
        ("By Ann Roe", True),
        ("The U.S. Navy stayed.", False),
    ]
    assert is_thin("Kelso mayor resigns", page)
    assert not is_thin("U.S. Navy stays", page)


@pytest.mark.parametrize(
    ("one", "two", "new"),
    [
        ("Mayor resigns after Kelso fire", "Mayor does not resign after Kelso fire", True),
        ("Mayor won't resign after Kelso fire", "Mayor will resign after Kelso fire", True),
        ("Mayor won't resign after Kelso fire", "Mayor will not resign after Kelso fire", False),
        ("Fire kills three in Kelso", "Fire kills five in Kelso", True),
        ("Fire kills three in Kelso", "UPDATE 1-Fire kills three in Kelso", False),
        ("Fire kills three in Kelso", "Three killed in Kelso factory fire", False),
    ],
)
def test_under_the_same_text_a_title_that_says_another_thing_is_read(one: str, two: str, new: bool) -> None:
    made = compare(FIRE, FIRE, DedupSettings(), (one, two))
    assert (made.verdict, made.says_something_new) == ("exact", new)


@pytest.mark.parametrize(
    "line",
    [
        "This is a developing story. Check back for updates.",
        "(Adds quotes from the mayor in paragraphs 3 and 4)",
        "Photo: A. Roe/Kelso Post",
        "Comments are closed.",
        "Copyright 2024 The Associated Press. All rights reserved. This material may not be published or rewritten.",
        "Have you been affected? Email stories@kelso.example.",
        "More to follow.",
    ],
)
def test_what_desks_and_sites_put_around_a_story_is_nothing_new(line: str) -> None:
    for text in (f"{FIRE} {line}", f"{FIRE}\n\n{line}", f"{line}\n\n{FIRE}"):
        assert not compare(FIRE, text, DedupSettings()).says_something_new
