"""Shows an event in the terminal so that one look tells what became of it: what it is about, who is in it, and who
stands where. Issues come first.

Decides the order, the words and the colours; colours only repeat what the words say. Everything that came from outside
goes through ``safe``; news, as it was printed, through ``printed``.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from schemas import Duplicate, Entity, Event, Issue, Stance, Status, Story
from schemas.base import MAX_EXPLANATION
from services.consumer.follow import Received
from services.text.safe import printed, safe

_ISSUES = 10
_ENTITIES = 10
_STANCES = 10
"""Most of each that are shown: what fits on a screen beside the next event. The rest is counted."""
_QUOTE = 160
_TITLE = 300
_NAME = 80

_STATUS = {
    Status.ENRICHED: ("ENRICHED", "bold green"),
    Status.DUPLICATE: ("COPY", "bold yellow"),
    Status.REJECTED: ("REJECTED", "bold red"),
    Status.WITHDRAWN: ("WITHDRAWN", "bold magenta"),
    Status.DEAD_LETTERED: ("DEAD LETTER", "bold red reverse"),
}
_VERDICT = {
    "exact": "EXACT COPY",
    "near": "NEAR COPY",
    "excerpt": "EXCERPT",
    "expansion": "EXPANSION",
    "update": "UPDATE",
}
_STANCE = {"favor": "green", "against": "red", "neutral": "dim"}
_TYPE = "dim cyan"


def show(console: Console, event: Event) -> None:
    """Print ``event`` and an empty line."""
    console.print(render(event))
    console.print()


def show_received(console: Console, received: Received) -> None:
    """Print the event, or the position and the problem of an unreadable message."""
    if received.event is not None:
        show(console, received.event)
        return
    record = received.record
    position = f"{record.topic}, {record.partition}:{record.offset}"
    console.print(Text.assemble(("UNREADABLE", "bold red"), f"  {safe(position)}  {safe(received.problem or '')}"))
    console.print()


def render(event: Event) -> RenderableType:
    """What ``show`` prints, for any width."""
    table = Table.grid(padding=(0, 1))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    if event.rejection is not None:
        table.add_row("why", _rejection(event))
    if event.duplicate is not None and event.duplicate.verdict != "unique":
        table.add_row("copy", _copy(event.duplicate))
    if event.story is not None:
        table.add_row("story", _story(event.story))
    if event.issues:
        table.add_row("on", _named(event.issues, _ISSUES))
    if event.entities:
        table.add_row("who", _named(event.entities, _ENTITIES))
    for number, stance in enumerate(_ordered(event.stances)[:_STANCES]):
        table.add_row("says" if number == 0 else "", _stance(event, stance))
    if len(event.stances) > _STANCES:
        table.add_row("", Text(f"and {len(event.stances) - _STANCES} more", "dim"))
    parts: list[RenderableType] = [_head(event), _title(event)]
    return Group(*parts, table) if table.row_count else Group(*parts)


def _head(event: Event) -> Text:
    name, style = _STATUS[event.status]
    if event.duplicate and event.duplicate.verdict != "unique":
        found = _VERDICT[event.duplicate.verdict]
        name = found if event.status is Status.DUPLICATE else f"{name}, {found}"
    when = event.published_at or event.processing.received_at
    told = "" if event.published_at else "received "
    revision = f"revision {event.revision}" if event.revision > 1 else ""
    parts = [
        safe(event.source, _NAME),
        told + shown_time(when),
        safe(event.language or "", 35),
        revision,
        safe(event.id, _NAME),
    ]
    return Text.assemble((name, style), Text("  " + " · ".join(filter(None, parts)), "dim"))


def _title(event: Event) -> Text:
    title = printed(event.title, _TITLE)
    if title:
        return Text(title, "bold")
    start = printed(event.text, 100)
    return Text(start, "italic") if start else Text("(no title, no text)", "dim")


def _rejection(event: Event) -> Text:
    rejection = event.rejection
    assert rejection is not None
    reason = rejection.reason.value.replace("_", " ")
    return Text.assemble((reason, "red"), "  ", safe(rejection.message, MAX_EXPLANATION))


def _story(story: Story) -> Text:
    if story.of is None:
        return Text.assemble("opens one: ", safe(story.id, _NAME))
    sources = f" from {story.sources} sources" if story.sources > 1 else ""
    documents = "1 document" if story.documents == 1 else f"{story.documents} documents"
    return Text.assemble(f"{documents}{sources}: ", safe(story.id, _NAME))


def _copy(duplicate: Duplicate) -> Text:
    words = []
    if duplicate.of is not None:
        words.append(f"of {safe(duplicate.of, _NAME)}")
    if duplicate.updates is not None:
        words.append(f"takes the place of revision {duplicate.updates}")
    if duplicate.similarity is not None:
        words.append(f"{_percent(duplicate.similarity)} alike")
    if duplicate.containment is not None and duplicate.verdict in ("excerpt", "expansion"):
        words.append(f"{_percent(duplicate.containment)} of the shorter in the longer")
    if duplicate.seconds_after is not None:
        words.append(f"{_duration(duplicate.seconds_after)} after it")
    if duplicate.of is not None and duplicate.cluster != duplicate.of:
        words.append(f"story {safe(duplicate.cluster, _NAME)}")
    return Text.assemble(", ".join(words), ("  " + safe(duplicate.rule, _NAME), "dim"))


def _named(found: Sequence[Entity | Issue], most: int) -> Text:
    """Entities or issues, the most salient first."""
    ranked = sorted(found, key=lambda one: (-one.salience, one.id))
    text = Text()
    for number, one in enumerate(ranked[:most]):
        mentions = f"×{len(one.mentions)}" if len(one.mentions) > 1 else ""
        known = f"[{safe(one.watched, _NAME)}]" if one.watched else ""
        kind = one.type if isinstance(one, Entity) else ""
        figures = " ".join(filter(None, [known, kind, _percent(one.salience), mentions]))
        text.append("  " if number else "").append(safe(one.name, _NAME), "bold").append(f" {figures}", _TYPE)
    if len(ranked) > most:
        text.append(f"  and {len(ranked) - most} more", "dim")
    return text


def _ordered(stances: tuple[Stance, ...]) -> list[Stance]:
    """For and against before neutral, toward issues before entities, the surer first."""
    return sorted(
        stances, key=lambda stance: (stance.stance == "neutral", stance.target.kind != "issue", -stance.confidence)
    )


def _stance(event: Event, stance: Stance) -> Text:
    names = {one.id: one.name for one in event.subjects}
    holder = {
        "author": "the article",
        "entity": names.get(stance.holder.entity or "", "?"),
        "speaker": stance.holder.name or "?",
    }[stance.holder.kind]
    target = names.get(stance.target.issue or stance.target.entity or "", "?")
    shown = [span for span in stance.evidence if stance.mixed or span.stance in {None, stance.stance}]
    quotes = (getattr(event, span.field)[span.start : span.end] for span in shown)
    quote = printed(" … ".join(quotes), _QUOTE)
    return Text.assemble(
        (safe(holder, _NAME), "bold"),
        (f" → {stance.stance} → ", _STANCE[stance.stance]),
        ("issue " if stance.target.kind == "issue" else "", _TYPE),
        (safe(target, _NAME), "bold"),
        (f" ({_percent(stance.confidence)}{', mixed' if stance.mixed else ''})", "dim"),
        (f" “{quote}”" if quote else "", "italic"),
    )


def _percent(share: float) -> str:
    """A share in whole percent; only what is whole is 100 %."""
    return f"{min(round(share * 100), 99 if share < 1 else 100)} %"


def shown_time(moment: datetime) -> str:
    """A time as ``11 Mar 2026 07:30 UTC``."""
    try:
        moment = moment.astimezone(UTC) if moment.tzinfo is not None else moment
    except OverflowError:  # within a day of the year 1 or 9999
        return moment.isoformat()
    return f"{moment.day} {moment:%b %Y %H:%M} UTC"


_UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"))


def _duration(seconds: float) -> str:
    """In the largest unit that gives at least 2."""
    for size, unit in _UNITS:
        if seconds >= 2 * size:
            return f"{round(seconds / size)} {unit}"
    return f"{seconds:.0f} s" if seconds >= 1 else "less than 1 s"
