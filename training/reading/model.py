"""The model: an encoder that reads a window once, and a small network that looks at each pair of holder and target in it.

A span is the encoder's output at its first and last piece and the mean over it (after Lee et al. 2017); the author is that of
``[CLS]``. Both spans of a pair, their product and what is known of them (``services.stance.reading.windows``) are added up.
"""

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from services.stance.reading.windows import HOLDER, PAIR, TARGET, Window
from training.stance.student import Layer, Shape, Student

SIZE = 160
FOUR = Shape(layers=4)
"""Of the six layers of the encoder that it begins with the lower four: the upper two cost a third of the time."""
CLASSES = 3
_DROPPED = 0.2


class PairReader(nn.Module):
    """Scores for none, favor and against of each pair of a window."""

    def __init__(self, folder: Path, shape: Shape = FOUR) -> None:
        """From the pretrained encoder in ``folder``."""
        super().__init__()
        self.encoder = Student(folder, shape, 0.0)
        self.encoder.head = nn.Sequential()
        self.encoder.words.requires_grad_(False)
        self.holder = nn.Linear(3 * shape.hidden, SIZE)
        self.target = nn.Linear(3 * shape.hidden, SIZE)
        self.author = nn.Linear(shape.hidden, SIZE)
        self.product = nn.Linear(SIZE, SIZE)
        self.pair_known = nn.ModuleList(nn.Embedding(count, SIZE) for count in PAIR)
        self.holder_known = nn.ModuleList(nn.Embedding(count, SIZE) for count in HOLDER[:3])
        self.target_known = nn.ModuleList(nn.Embedding(count, SIZE) for count in TARGET)
        self.inner = nn.Linear(SIZE, SIZE)
        self.outer = nn.Linear(SIZE, CLASSES)
        self.drop = nn.Dropout(_DROPPED)
        for known in (*self.pair_known, *self.holder_known, *self.target_known):
            nn.init.normal_(known.weight, 0, 0.02)
        with torch.no_grad():
            self.outer.bias.copy_(torch.tensor([4.0, 0.0, 0.0]))

    def forward(self, windows: Sequence[Window]) -> Tensor:
        """The scores of all pairs of all windows, (pairs, 3), window by window, holder by holder."""
        longest = -(-max(len(window.pieces) for window in windows) // 8) * 8
        pieces = torch.zeros(len(windows), longest, dtype=torch.long)
        for row, window in enumerate(windows):
            pieces[row, : len(window.pieces)] = torch.tensor(window.pieces)
        hidden = self.encode(pieces, torch.where(pieces[:, None, :] == 0, -1e4, 0.0)[:, None])
        spans = [torch.tensor([span.pieces for span in window.spans]).view(-1, 2) for window in windows]
        sums = torch.cumsum(functional.pad(hidden.float(), (0, 0, 1, 0)), 1)
        of = [self.spans(hidden[row], sums[row], own) for row, own in enumerate(spans)]
        held = self.holder(torch.cat([own[window.holders] for own, window in zip(of, windows, strict=True)]))
        aimed = self.target(torch.cat([own[window.targets] for own, window in zip(of, windows, strict=True)]))
        authors = self.author(self.drop(hidden[:, 0]))
        held = self._with_authors(held, authors, windows) + _sum(self.holder_known, _joined(windows, "holding"))
        aimed = aimed + _sum(self.target_known, _joined(windows, "targeted"))
        left, right = _crossed(windows)
        known = np.concatenate([window.pair.reshape(-1, len(PAIR)) for window in windows])
        return self.judge(
            held[left], self.product(held)[left], aimed[right], _sum(self.pair_known, torch.from_numpy(known).long())
        )

    def _with_authors(self, held: Tensor, authors: Tensor, windows: Sequence[Window]) -> Tensor:
        """The holders with the author of their window behind them."""
        parts = torch.split(held, [len(window.holders) for window in windows])
        return torch.cat([torch.cat([own, author[None]]) for own, author in zip(parts, authors, strict=True)])

    def encode(self, pieces: Tensor, hidden_from: Tensor) -> Tensor:
        """The encoder's output, (windows, pieces, hidden)."""
        own = self.encoder
        places = torch.arange(pieces.shape[1])[None]
        hidden = own.norm(own.words(pieces) + own.places(places) + own.kinds(torch.zeros_like(pieces)))
        for layer in own.layers:
            hidden = _through(layer, hidden, hidden_from)
        return hidden

    def spans(self, hidden: Tensor, sums: Tensor, spans: Tensor) -> Tensor:
        """The spans (spans, 2) of a window, (spans, 3 * hidden)."""
        first, last = spans[:, 0], spans[:, 1]
        mean = (sums[last] - sums[first]) / (last - first)[:, None]
        return self.drop(torch.cat([hidden[first], hidden[last - 1], mean.to(hidden.dtype)], -1))

    def judge(self, held: Tensor, product: Tensor, aimed: Tensor, known: Tensor) -> Tensor:
        """Scores (…, 3) of pairs; the arguments have SIZE columns."""
        both = functional.gelu(held + aimed + known + product * aimed / math.sqrt(SIZE))
        scores: Tensor = self.outer(both + functional.gelu(self.inner(both)))
        return scores


def _through(layer: Layer, hidden: Tensor, hidden_from: Tensor) -> Tensor:
    batch, length, size = hidden.shape
    mixed = layer.mixed(hidden).view(batch, length, 3, layer.heads, size // layer.heads)
    query, key, value = mixed.permute(2, 0, 3, 1, 4)
    scores = query @ key.transpose(-1, -2) / math.sqrt(size // layer.heads) + hidden_from.to(query.dtype)
    seen = torch.softmax(scores, dim=-1) @ value
    hidden = layer.norm(hidden + layer.out(seen.transpose(1, 2).reshape(batch, length, size)))
    final: Tensor = layer.last_norm(hidden + layer.narrow(functional.gelu(layer.wide(hidden))))
    return final


def _sum(tables: nn.ModuleList, values: Tensor) -> Tensor:
    found: Tensor = sum(table(values[:, at]) for at, table in enumerate(tables))  # type: ignore[assignment]
    return found


def _joined(windows: Sequence[Window], name: str) -> Tensor:
    return torch.from_numpy(np.concatenate([getattr(window, name) for window in windows])).long()


def _crossed(windows: Sequence[Window]) -> tuple[Tensor, Tensor]:
    """For each pair of all windows the row of its holder, authors included, and of its target."""
    left, right = [], []
    held = aimed = 0
    for window in windows:
        holders, targets = len(window.holders) + 1, len(window.targets)
        left.append(held + np.repeat(np.arange(holders), targets))
        right.append(aimed + np.tile(np.arange(targets), holders))
        held, aimed = held + holders, aimed + targets
    return torch.from_numpy(np.concatenate(left)), torch.from_numpy(np.concatenate(right))
