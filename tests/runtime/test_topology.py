"""The topology is one table, and everything that names it agrees with it."""

import pytest

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
        (None, ["intake", "dedup", "entities", "stance"]),
        ("dedup,entities", ["intake", "dedup", "entities"]),
        (" stance , intake ,", ["intake", "stance"]),
    ],
)
def test_stages_are_selected_by_name(names: str | None, stages: list[str]) -> None:
    assert [stage.name for stage in select(names)] == stages


@pytest.mark.parametrize("names", ["", ",", "entity", "entities;stance", "../x", "entities " * 500])
def test_what_is_no_stage_is_refused(names: str) -> None:
    with pytest.raises(ValueError, match="choose from intake, dedup, entities, stance") as caught:
        select(names)
    assert len(str(caught.value)) < 150
