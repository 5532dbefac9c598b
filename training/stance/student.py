"""The student: a six-layer MiniLM that reads a text once, whatever it is asked (see ``services.stance.questions``)."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional

from services.stance.questions import Asked

_PADDING = -1
"""In place of a question."""


@dataclass(frozen=True)
class Shape:
    """The sizes of MiniLM-L6."""

    hidden: int = 384
    inner: int = 1536
    heads: int = 12
    layers: int = 6
    vocabulary: int = 30522
    positions: int = 512
    epsilon: float = 1e-12


class Layer(nn.Module):
    """A layer of BERT (Devlin et al. 2019)."""

    def __init__(self, shape: Shape, dropout: float) -> None:
        super().__init__()
        self.heads = shape.heads
        self.dropout = dropout
        self.mixed = nn.Linear(shape.hidden, 3 * shape.hidden)
        self.out = nn.Linear(shape.hidden, shape.hidden)
        self.norm = nn.LayerNorm(shape.hidden, eps=shape.epsilon)
        self.wide = nn.Linear(shape.hidden, shape.inner)
        self.narrow = nn.Linear(shape.inner, shape.hidden)
        self.last_norm = nn.LayerNorm(shape.hidden, eps=shape.epsilon)

    def forward(self, hidden: Tensor, hidden_from: Tensor) -> Tensor:
        """``hidden_from`` (batch, 1, pieces, pieces) is 0 where a piece sees another, very low where not."""
        batch, length, size = hidden.shape
        mixed = self.mixed(hidden).view(batch, length, 3, self.heads, size // self.heads)
        query, key, value = mixed.permute(2, 0, 3, 1, 4)
        if self.training or torch.onnx.is_in_onnx_export() is False:
            seen = functional.scaled_dot_product_attention(
                query, key, value, hidden_from.to(query.dtype), self.dropout if self.training else 0.0
            )
        else:
            scores = query @ key.transpose(-1, -2) / math.sqrt(size // self.heads) + hidden_from
            seen = torch.softmax(scores, dim=-1) @ value
        seen = self.out(seen.transpose(1, 2).reshape(batch, length, size))
        hidden = self.norm(hidden + functional.dropout(seen, self.dropout, self.training))
        inner = self.narrow(functional.gelu(self.wide(hidden)))
        final: Tensor = self.last_norm(hidden + functional.dropout(inner, self.dropout, self.training))
        return final


class Student(nn.Module):
    """Scores for favor, against and neutral of each question."""

    def __init__(self, folder: Path, shape: Shape | None = None, dropout: float = 0.1) -> None:
        """From the pretrained weights in ``folder``, a model of the ``BertModel`` kind."""
        super().__init__()
        shape = shape or Shape()
        self.dropout = dropout
        self.words = nn.Embedding(shape.vocabulary, shape.hidden)
        self.places = nn.Embedding(shape.positions, shape.hidden)
        self.kinds = nn.Embedding(2, shape.hidden)
        self.norm = nn.LayerNorm(shape.hidden, eps=shape.epsilon)
        self.layers = nn.ModuleList(Layer(shape, dropout) for _ in range(shape.layers))
        self.head = nn.Sequential(
            nn.Dropout(dropout), nn.Linear(3 * shape.hidden, shape.hidden), nn.Tanh(), nn.Dropout(dropout),
            nn.Linear(shape.hidden, 3),
        )  # fmt: skip
        self._read(load_file(folder / "model.safetensors"))

    def pretrained(self) -> nn.Module:
        """What was pretrained: all but the head."""
        return nn.ModuleList([self.words, self.places, self.kinds, self.norm, self.layers])

    def forward(self, pieces: Tensor, positions: Tensor, questions: Tensor, rows: Tensor, places: Tensor) -> Tensor:
        """Scores (questions, 3). The first three are (batch, pieces), ``questions`` below 0 for padding; the mark of question i
        is at ``rows[i], places[i]``."""
        of_text = (questions == 0)[:, None, :]
        own = questions[:, :, None] == questions[:, None, :]
        hidden_from = torch.where(of_text | own, 0.0, -1e4)[:, None]
        hidden = self.norm(self.words(pieces) + self.places(positions) + self.kinds((questions > 0).long()))
        hidden = functional.dropout(hidden, self.dropout, self.training)
        for layer in self.layers:
            hidden = layer(hidden, hidden_from)
        at = (rows, places)
        target = _mean(hidden, rows, own[at])
        text = _mean(hidden, rows, of_text.expand_as(own)[at])
        scores: Tensor = self.head(torch.cat([hidden[at], target, text], dim=-1))
        return scores

    def _read(self, weights: dict[str, Tensor]) -> None:
        weights = {name.removeprefix("bert."): value for name, value in weights.items()}
        names = {"words": "word_embeddings", "places": "position_embeddings", "kinds": "token_type_embeddings"}
        with torch.no_grad():
            for own, name in names.items():
                getattr(self, own).weight.copy_(weights[f"embeddings.{name}.weight"])
            _copy(self.norm, weights, "embeddings.LayerNorm")
            self.kinds.weight[1] = self.kinds.weight[0]  # the second kind was hardly met in pretraining
            for number, layer in enumerate(self.layers):
                at = f"encoder.layer.{number}."
                parts = [f"{at}attention.self.{part}" for part in ("query", "key", "value")]
                layer.mixed.weight.copy_(torch.cat([weights[f"{part}.weight"] for part in parts]))
                layer.mixed.bias.copy_(torch.cat([weights[f"{part}.bias"] for part in parts]))
                _copy(layer.out, weights, f"{at}attention.output.dense")
                _copy(layer.norm, weights, f"{at}attention.output.LayerNorm")
                _copy(layer.wide, weights, f"{at}intermediate.dense")
                _copy(layer.narrow, weights, f"{at}output.dense")
                _copy(layer.last_norm, weights, f"{at}output.LayerNorm")


def _copy(part: nn.Module, weights: dict[str, Tensor], name: str) -> None:
    part.weight.copy_(weights[f"{name}.weight"])  # type: ignore[operator, union-attr]
    part.bias.copy_(weights[f"{name}.bias"])  # type: ignore[operator, union-attr]


def _mean(hidden: Tensor, rows: Tensor, chosen: Tensor) -> Tensor:
    """The mean of the ``chosen`` (questions, pieces) pieces of ``hidden`` (batch, pieces, size)."""
    weights = chosen.to(hidden.dtype)
    weights = weights / weights.sum(-1, keepdim=True)
    mean: Tensor = (weights[:, None] @ hidden[rows])[:, 0]
    return mean


def tensors(texts: Sequence[Asked]) -> tuple[Tensor, ...]:
    """The inputs of ``Student`` for a batch."""
    longest = -(-max(len(one.pieces) for one in texts) // 8) * 8  # a GPU likes it so
    short = [longest - len(one.pieces) for one in texts]
    pieces = torch.tensor([one.pieces + [0] * left for one, left in zip(texts, short, strict=True)])
    positions = torch.tensor([one.positions + [0] * left for one, left in zip(texts, short, strict=True)])
    questions = torch.tensor([one.questions + [_PADDING] * left for one, left in zip(texts, short, strict=True)])
    rows = torch.tensor([row for row, one in enumerate(texts) for _ in one.places], dtype=torch.long)
    places = torch.tensor([place for one in texts for place in one.places], dtype=torch.long)
    return pieces, positions, questions, rows, places
