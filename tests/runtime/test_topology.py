"""The topology is one table, and everything that names it agrees with it."""

import pytest

from docs import reference
from services.runtime.topology import DOCUMENTS, ENRICHED, STAGES, TOPICS, changelog, select


def test_every_topic_between_stages_is_written_before_it_is_read() -> None:
    written = {DOCUMENTS.name}
    for stage in STAGES:
        assert stage.reads.name in written
        written |= {topic.name for topic in stage.writes}
    assert ENRICHED.name in written
    assert written < {topic.name for topic in TOPICS}


def test_a_table_has_as_many_partitions_as_its_stage_reads() -> None:
    for stage in STAGES:
        topic = changelog("p-", stage)
        assert (topic is not None) == (stage.table is not None)
        if topic is not None:
            assert topic.partitions == stage.reads.partitions
            assert topic.compacted


@pytest.mark.parametrize(
    ("names", "stages"),
    [
        (None, [stage.name for stage in STAGES]),
        ("dedup,entities", ["intake", "dedup", "entities"]),
        (" stance , intake ,", ["intake", "stance"]),
    ],
)
def test_stages_are_selected_by_name(names: str | None, stages: list[str]) -> None:
    assert [stage.name for stage in select(names)] == stages


@pytest.mark.parametrize("names", ["", ",", "entity", "entities;stance", "../x", "entities " * 500])
def test_what_is_no_stage_is_refused(names: str) -> None:
    with pytest.raises(ValueError, match=f"choose from {', '.join(stage.name for stage in STAGES)}") as caught:
        select(names)
    assert len(str(caught.value)) < 120 + sum(len(stage.name) + 2 for stage in STAGES)


@pytest.mark.parametrize("page", reference.PAGES)
def test_the_pages_that_are_written_from_the_code_are_current(page: str) -> None:
    assert (reference.DOCS / page).read_text() == reference.PAGES[page](), "run `make reference`"
