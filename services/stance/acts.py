"""Who does an act of stance ("A denounced B"), by word order alone.

An act may show a stance without attributing anything, so it is looked for where ``choices`` found no attribution too.
"""

from collections.abc import Sequence

from services.stance.cues import attribution_cues
from services.stance.grammar import is_noun_use, verb_group_start
from services.stance.page import Page, Range
from services.stance.proposals import is_speech
from services.stance.sources import Verb, passive_source, subject
from services.stance.words import BE


def actor(page: Page, cue: Range, sources: Sequence[Range]) -> Range | None:
    """The source of the act whose verb and particles are the tokens ``cue``, or None where word order does not tell.

    ``sources`` are those of the attributions before it in its sentence.
    """
    at, after = cue
    first, last = page.sentence_at(at)
    if page.kinds[at] == "M" or is_speech(page, at):
        return None
    start = verb_group_start(page, at, first)
    for entry in attribution_cues().get(page.lows[at], ()):
        if "act" not in entry.manners or len(entry.particles) != after - at - 1:
            continue
        if is_noun_use(page, at, start, first, entry.kind):
            return None
        verb = Verb(at, after, start, first, last, entry.kind, entry.manners)
        if entry.kind == "past" and not BE.isdisjoint(page.lows[start:at]):
            return passive_source(page, verb)
        return subject(page, verb, sources)
    return None
