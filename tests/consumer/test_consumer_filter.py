import pytest

from schemas import Event, Story
from services.consumer.filter import build
from tests.consumer.made_events import event, near_copy, rejected


@pytest.mark.parametrize(
    ("options", "matches"),
    [
        ({}, [True, True, True]),
        ({"sources": ["Herald.*"]}, [True, True, True]),
        ({"sources": ["times.*", "*herald*"]}, [True, True, True]),
        ({"sources": ["herald"]}, [False, False, False]),
        ({"entities": ["mara"]}, [True, False, False]),
        ({"entities": ["nobody", "VOSS"]}, [True, False, False]),
        ({"watched": ["Q-7"]}, [True, False, False]),
        ({"watched": ["q-7", "Q", "Q-71"]}, [False, False, False]),
        ({"watched": ["other", " Q-7 "]}, [True, False, False]),
        ({"stories": ["other", " tunnel-story "]}, [True, False, False]),
        ({"stories": ["tunnel", "TUNNEL-STORY"]}, [False, False, False]),
        ({"stances": ["against"]}, [True, False, False]),
        ({"stances": ["against:voss"]}, [True, False, False]),
        ({"stances": ["favor:Voss"]}, [False, False, False]),
        ({"stances": ["favor: TUNNEL "]}, [True, False, False]),
        ({"stances": ["against:ito", "neutral:ito"]}, [True, False, False]),
        ({"issues": ["nothing", "HARBOUR"]}, [True, False, False]),
        ({"issues": [" Tunnel-1 "]}, [True, False, False]),
        ({"issues": ["i1", "tunnel-", "e2"]}, [False, False, False]),
        ({"watched": ["tunnel-1"]}, [True, False, False]),
        ({"stances": ["favor:tunnel-1"]}, [True, False, False]),
        ({"verdicts": ["near"]}, [False, True, False]),
        ({"verdicts": ["unique", "near"]}, [True, True, False]),
        ({"statuses": ["rejected"]}, [False, False, True]),
        ({"statuses": ["ENRICHED", "dead-lettered"]}, [True, False, False]),
        ({"text": ["HARBOUR tunnel"]}, [True, True, False]),
        ({"text": ["divides"]}, [True, True, False]),
        ({"text": ["council"], "statuses": ["duplicate"]}, [False, True, False]),
        ({"entities": ["voss"], "stances": ["favor"], "sources": ["elsewhere"]}, [False, False, False]),
    ],
)
def test_each_option_holds_and_within_one_any_value_does(options: dict[str, list[str]], matches: list[bool]) -> None:
    told = Story(id="tunnel-story", saga="tunnel-story", similarity=0, rule="r", documents=1, sources=1)
    events: list[Event] = [event(story=told), near_copy(), rejected()]
    assert [build(**options)(one) for one in events] == matches


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"stances": ["pro"]}, "unknown stance 'pro'; choose one of favor, against, neutral"),
        ({"stances": ["against:"]}, "no name after the colon"),
        ({"verdicts": ["copy"]}, "choose one of unique, exact, near, excerpt, expansion, update"),
        ({"statuses": ["done"]}, "choose one of enriched, duplicate, rejected, withdrawn, dead_lettered"),
        ({"entities": [" "]}, "the entity is empty"),
        ({"watched": [""]}, "the watched id is empty"),
        ({"issues": [" "]}, "the issue is empty"),
        ({"stories": [" "]}, "the story is empty"),
        ({"text": [""]}, "the text is empty"),
        ({"sources": [""]}, "the source is empty"),
    ],
)
def test_an_option_that_says_nothing_is_refused(options: dict[str, list[str]], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        build(**options)


def test_a_hostile_pattern_takes_no_time() -> None:
    long = event(source="a" * 256)
    assert not build(sources=["*a" * 100 + "b"])(long)
