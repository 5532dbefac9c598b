"""Whole documents through the model and the rules: what an editor would list."""

from collections.abc import Callable

import pytest

from schemas import Work
from services.entities.core import EntityTagger
from tests.entities.checks import check_offsets
from tests.entities.made_news import CASES, Case


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_entities_as_an_editor_would_list_them(
    tagger: EntityTagger, make_work: Callable[..., Work], case: Case
) -> None:
    [work] = tagger([make_work(case.text, case.title)])
    check_offsets(work)
    found = {entity.name: (entity.type, len(entity.mentions)) for entity in work.event.entities}
    assert len(found) == len(work.event.entities), "two entities have one name"
    assert {name: found.get(name) for name in case.expected} == case.expected
    if case.exact:
        assert set(found) == set(case.expected)
    aliases = {entity.name: set(entity.aliases) for entity in work.event.entities}
    for name, some in case.aliases.items():
        assert set(some) <= aliases[name]
    forms = set(found).union(*aliases.values())
    assert not forms & set(case.absent)
