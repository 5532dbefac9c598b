"""How a stage's process ends where it cannot begin: whether to try again is in its exit status."""

import errno
from pathlib import Path
from typing import Any, NoReturn

import pytest

from services.runtime import app, ending
from services.runtime.supervisor import _FINAL


class EndedError(Exception):
    """In the place of the process's end."""


@pytest.mark.parametrize(
    ("number", "status", "final"),
    [
        (errno.ENOSPC, ending.EXIT_DISK, False),
        (errno.EDQUOT, ending.EXIT_DISK, False),
        (errno.EIO, ending.EXIT_DISK, False),
        (errno.EACCES, ending.EXIT_CONFIGURATION, True),
    ],
)
def test_a_disk_without_room_is_tried_again_and_a_folder_that_is_not_ours_is_not(
    number: int, status: int, final: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def claim(*_: Any) -> NoReturn:
        raise OSError(number, "no")

    def end(code: int, why: str, trace: bool = True) -> NoReturn:
        raise EndedError(code, why)

    monkeypatch.setenv("STANCEWIRE_BROKERS", "nowhere:1")
    monkeypatch.setattr("services.runtime.topics.look", lambda settings: [])
    monkeypatch.setattr(app, "claim_datadir", claim)
    monkeypatch.setattr(app, "hard_exit", end)
    with pytest.raises(EndedError) as ended:
        app.main("dedup")
    assert ended.value.args[0] == status
    assert "STANCEWIRE_DATA_DIR" in ended.value.args[1]
    assert (status in _FINAL) is final
