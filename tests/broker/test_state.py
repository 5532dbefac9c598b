"""A judge on a real Kafka whose folder is no whole copy of its changelog: it says what one with an empty disk would."""

from collections.abc import Callable
from pathlib import Path

import pytest

from deploy import broker
from evaluation.made_copies import Copies
from services.runtime import identity, topics
from services.runtime.settings import Settings
from services.runtime.topology import DOCUMENTS, ENRICHED, UNIQUE
from tests.broker.cluster import judges, put
from tests.broker.test_copies import check
from tests.runtime.test_state import DAMAGES, rocksdb

pytestmark = [pytest.mark.broker, pytest.mark.timeout(300)]
PORTION = 40


def tables(settings: Settings, folder: Path) -> Path:
    return folder / "one" / "tables" / f"{settings.prefix}dedup-0"


def test_a_topic_that_is_made_anew_has_another_id(fresh: Callable[..., Settings]) -> None:
    settings = fresh()
    name = settings.prefix + DOCUMENTS.name
    before = identity.ask(settings, [name])
    with topics.Admin(settings) as admin:
        admin.delete_topics([name])

    def ask_until_it_is_gone() -> None:
        while True:
            identity.ask(settings, [name])

    with pytest.raises(topics.TopicsError, match=f"{name} is missing"):
        ask_until_it_is_gone()
    topics.create(settings)
    after = identity.ask(settings, [name])
    assert after.cluster == before.cluster
    assert after.topics[name] != before.topics[name]


def test_the_tables_of_a_broker_that_was_wiped_are_not_taken_for_those_of_the_new_one(
    fresh: Callable[..., Settings], tmp_path: Path
) -> None:
    """`rm -rf .stancewire/broker`, and `make run` again: the names are the old ones, and so is the folder."""
    settings = fresh(session_seconds=6)
    copies = Copies(4)
    first = copies.take(PORTION)
    with judges(settings, tmp_path, "dedup", UNIQUE, ENRICHED) as (workers, arrivals):
        workers.start("one")
        arrivals.until(put(settings, first))
        workers.stop("one")
    with broker.running(tmp_path / "wiped") as another:
        settings = settings.model_copy(update={"brokers": another.address})
        topics.create(settings)
        with judges(settings, tmp_path, "dedup", UNIQUE, ENRICHED) as (workers, arrivals):
            workers.start("one")
            origins = put(settings, first[PORTION // 2 :] + copies.take(PORTION))  # texts that the old broker had, too
            arrivals.until(origins)
        check(settings, origins)
    assert [aside.name.rpartition("-")[2] for aside in tables(settings, tmp_path).glob("set-aside-*")] == ["foreign"]


def test_tables_that_cannot_be_used_heal_by_themselves(
    fresh: Callable[..., Settings], tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    settings = fresh(session_seconds=6)
    copies = Copies(5)
    found = []
    with judges(settings, tmp_path, "dedup", UNIQUE, ENRICHED) as (workers, arrivals):
        workers.start("one")
        origins = put(settings, copies.take(PORTION))
        arrivals.until(origins)
        for name in ("CURRENT spoilt", "rows spoilt", "ahead"):  # the others end as these: tests/runtime/test_state.py
            damage, cause = DAMAGES[name]
            workers.stop("one")
            folder = tables(settings, tmp_path)
            (table,) = folder.glob("v1/tables/*.db")
            rocksdb(table)  # what was in its log is in a file of its own then
            before = set(folder.glob("set-aside-*"))
            damage(table)
            workers.start("one")
            more = put(settings, copies.take(PORTION))
            arrivals.until(more)
            origins += more
            (aside,) = set(folder.glob("set-aside-*")) - before
            found.append((name, aside.name.rpartition("-")[2]))
            assert found[-1][1] == cause
            log = (tmp_path / "one" / "worker.log").read_text()
            assert f"{aside} now, and the table is read back from" in log
    record_property("set aside", found)
    check(settings, origins)
