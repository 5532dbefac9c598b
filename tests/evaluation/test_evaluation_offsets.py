"""Offsets: dirty texts know where their names are, and a wrong offset is seen."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation import dirt
from evaluation.command import bench, evaluate
from evaluation.offsets import count_dirty, faults
from schemas import Entity, Event, Mention, Processing, Status
from tests.evaluation import made_data


@given(st.integers(0, 1_000_000))
def test_a_dirty_text_is_made_again_and_knows_its_names(seed: int) -> None:
    dirty = dirt.make(seed)
    assert dirty == dirt.make(seed)
    assert 1 <= len(dirty.damages) <= 4
    reached = 0
    for start, end, name in dirty.names:
        assert reached <= start < end <= len(dirty.text)
        reached = end
        damaged = dirty.text[start:end]
        assert (damaged[0], damaged[-1]) == (name[0], name[-1]) or not (name[0] + name[-1]).isascii()


def test_every_damage_is_done() -> None:
    done = {damage for seed in range(60) for damage in dirt.make(seed).damages}
    assert len(done) == 9


def test_dirty_texts_are_read_right() -> None:
    count = count_dirty(range(40))
    assert count.planted > 400
    assert count.mentions >= count.found >= 0.9 * count.planted
    assert count.wrong == 0


def event(*mentions: tuple[int, int, str], name: str = "Ann Lee") -> Event:
    return Event(
        event_id="0",
        id="a",
        status=Status.ENRICHED,
        text="Ann  Lee met Ms. Lee.",
        processing=Processing(pipeline="test", received_at=datetime(2024, 1, 1, tzinfo=UTC)),
        entities=(
            Entity(
                id="e1",
                name=name,
                type="PERSON",
                salience=1,
                aliases=("Ms. Lee",),
                mentions=tuple(Mention(field="text", start=start, end=end, text=text) for start, end, text in mentions),
            ),
        ),
    )


def test_a_name_over_a_line_break_is_right() -> None:
    broken = event((0, 13, "J.\r\nK. Palmer"), name="J.K. Palmer")
    assert list(faults(broken.model_copy(update={"text": "J.\r\nK. Palmer left."}))) == []


def test_right_mentions_have_no_faults() -> None:
    assert list(faults(event((0, 8, "Ann  Lee"), (17, 20, "Lee")))) == []


@pytest.mark.parametrize(
    ("wrong", "fault"),
    [
        (event((0, 7, "Ann  Lee")), "is not at 0:7"),
        (event((17, 30, "Lee.")), "is not at 17:30"),
        (event((5, 12, "Lee met")), "is no form of"),
        (event((18, 20, "ee")), "is no form of"),
        (event((17, 20, "Lee"), (0, 8, "Ann  Lee")), "out of order"),
        (event((0, 8, "Ann  Lee"), (5, 8, "Lee")), "overlap"),
    ],
)
def test_a_wrong_mention_is_seen(wrong: Event, fault: str) -> None:
    assert any(fault in line for line in faults(wrong))


def test_the_command(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    article = {"title": "Maria Lopez in Lisbon", "text": "Maria  Lopez flew to Lisbon . Ms. Lopez smiled ."}
    path = made_data.write_lines(tmp_path / "made.jsonl", *[article] * 4)
    assert evaluate(["offsets", "--data", str(path)]) == 0
    made = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (made["articles"], made["dirty_texts"]) == (4, 5)
    assert made["mentions"] >= 16
    assert (made["wrong"], made["dirty_wrong"]) == (0, 0)
    assert made["dirty_mentions"] >= made["planted_found"] > 0
    assert made["planted"] >= made["planted_found"]


def test_bench_of_memory_on_few_documents(capsys: pytest.CaptureFixture[str], shared: Path) -> None:
    assert shared.is_dir()
    assert bench(["memory", "--documents", "60"]) == 0
    made = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (made["task"], made["documents"]) == ("memory", 60)
    assert made["strings_start"] == made["strings_warm"] == made["strings_end"]
    assert [step[0] for step in made["curve"]] == list(range(0, 61, 6))
    assert 0 < made["rss_warm_mb"] < 4_000
    assert made["growth_percent"] == pytest.approx(100 * (made["rss_end_mb"] / made["rss_warm_mb"] - 1), abs=0.1)
