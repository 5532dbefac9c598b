"""A local broker that does not start says why."""

from pathlib import Path

import pytest

from deploy import broker

pytestmark = [pytest.mark.broker, pytest.mark.timeout(240)]


def test_one_that_cannot_read_its_data_ends_at_once_with_the_end_of_its_log(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "meta.properties").write_text("version=1\nnode.id=7\n")
    with pytest.raises(broker.BrokerError, match=r"(?s)^Kafka ended with status 1 when it started; .*meta\.properties"):
        broker.start(tmp_path)


def test_settings_that_it_does_not_take_are_named(tmp_path: Path) -> None:
    with pytest.raises(broker.BrokerError, match=r"(?s)^Kafka's data folder could not be prepared; .*num\.partitions"):
        broker.start(tmp_path, properties="num.partitions=many\n")


def test_one_that_takes_too_long_says_how_little_of_a_processor_it_had(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(broker, "_START_SECONDS", 0)
    with pytest.raises(
        broker.BrokerError, match=r"^Kafka did not answer within 0 s, of which it had [0-9]+ s of a proc"
    ):
        broker.start(tmp_path)
