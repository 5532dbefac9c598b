"""The student: an encoder that reads a text once, whatever it is asked (see ``services.stance.questions``)."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional

from services.stance.questions import ENTITY, ISSUE, MOST_PIECES, Asked

_PADDING = -1
"""In place of a question."""
_FIRST, _LAST, _EMPTY = 101, 102, 0
"""``[CLS]``, ``[SEP]`` and ``[PAD]`` of BERT's vocabulary."""


@dataclass(frozen=True)
class Shape:
    """The sizes of an encoder, by default those of MiniLM-L6. One with ``distances`` looks, in each of its heads, differently at
    pieces so far away, in so many steps (MPNet, Song et al. 2020). The embeddings and the lowest layers may be ``frozen``."""

    hidden: int = 384
    inner: int = 1536
    heads: int = 12
    layers: int = 6
    vocabulary: int = 30522
    positions: int = 512
    epsilon: float = 1e-12
    distances: int = 0
    frozen: int = 0


SMALL = Shape()
LARGE = Shape(hidden=768, inner=3072, layers=8, epsilon=1e-5, distances=32, frozen=2)
"""The lower eight of all-mpnet-base-v2's twelve layers: 83 MB in int8, with nine 90; the upper ones are made for the likeness of
whole sentences."""


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
        """``hidden_from`` (batch, 1 or heads, pieces, pieces) is 0 or what a distance adds where a piece sees another, very low
        where not."""
        batch, length, size = hidden.shape
        mixed = self.mixed(hidden).view(batch, length, 3, self.heads, size // self.heads)
        query, key, value = mixed.permute(2, 0, 3, 1, 4)
        if self.training or torch.onnx.is_in_onnx_export() is False:
            seen = functional.scaled_dot_product_attention(query, key, value, hidden_from.to(query.dtype))
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

    def __init__(self, folder: Path, shape: Shape = SMALL, dropout: float = 0.1) -> None:
        """From the pretrained weights in ``folder``: a model of the ``BertModel`` kind, or ``MPNetModel`` where ``shape`` has
        distances."""
        super().__init__()
        self.dropout = dropout
        self.distances = nn.Embedding(shape.distances, shape.heads) if shape.distances else None
        self.register_buffer(
            "steps", _steps(shape.distances, MOST_PIECES) if shape.distances else None, persistent=False
        )
        self.words = nn.Embedding(shape.vocabulary, shape.hidden)
        self.places = nn.Embedding(shape.positions, shape.hidden)
        self.kinds = nn.Embedding(2, shape.hidden)
        self.norm = nn.LayerNorm(shape.hidden, eps=shape.epsilon)
        self.layers = nn.ModuleList(Layer(shape, dropout) for _ in range(shape.layers))
        self.head = nn.Sequential(
            nn.Dropout(dropout), nn.Linear(3 * shape.hidden, shape.hidden), nn.Tanh(), nn.Dropout(dropout),
            nn.Linear(shape.hidden, 3),
        )  # fmt: skip
        weights = {name.removeprefix("bert."): value for name, value in load_file(folder / "model.safetensors").items()}
        with torch.no_grad():
            (self._read_mpnet if shape.distances else self._read_bert)(weights)
        if shape.frozen:
            lower = [self.words, self.places, self.kinds, self.norm, self.distances, *self.layers[: shape.frozen]]
            for part in (one for one in lower if one is not None):
                part.requires_grad_(False)

    def pretrained(self) -> nn.Module:
        """What was pretrained: all but the head."""
        parts = [self.words, self.places, self.kinds, self.norm, self.layers, self.distances]
        return nn.ModuleList(part for part in parts if part is not None)

    def forward(self, pieces: Tensor, positions: Tensor, questions: Tensor, rows: Tensor, places: Tensor) -> Tensor:
        """Scores (questions, 3). The first three are (batch, pieces), ``questions`` below 0 for padding; the mark of question i
        is at ``rows[i], places[i]``."""
        of_text = (questions == 0)[:, None, :]
        own = questions[:, :, None] == questions[:, None, :]
        hidden_from = torch.where(of_text | own, 0.0, -1e4)[:, None]
        if self.distances is not None:
            apart = positions[:, None, :] - positions[:, :, None] + (MOST_PIECES - 1)
            hidden_from = hidden_from + self.distances(self.steps)[apart].permute(0, 3, 1, 2)
        hidden = self.norm(self.words(pieces) + self.places(positions) + self.kinds((questions > 0).long()))
        hidden = functional.dropout(hidden, self.dropout, self.training)
        for layer in self.layers:
            hidden = layer(hidden, hidden_from)
        at = (rows, places)
        target = _mean(hidden, rows, own[at])
        text = _mean(hidden, rows, of_text.expand_as(own)[at])
        scores: Tensor = self.head(torch.cat([hidden[at], target, text], dim=-1))
        return scores

    def _read_bert(self, weights: dict[str, Tensor]) -> None:
        names = {"words": "word_embeddings", "places": "position_embeddings", "kinds": "token_type_embeddings"}
        for own, name in names.items():
            getattr(self, own).weight.copy_(weights[f"embeddings.{name}.weight"])
        self.kinds.weight[1] = self.kinds.weight[0]  # the second kind was hardly met in pretraining
        parts = ("self.query", "self.key", "self.value", "output.dense", "output.LayerNorm")
        self._read_layers(weights, [f"attention.{part}" for part in parts])

    def _read_mpnet(self, weights: dict[str, Tensor]) -> None:
        """MPNet has four special pieces before BERT's vocabulary, another one behind it, ``<mask>``, which is a good start for the
        mark of an entity, and its places begin at 2."""
        words = weights["embeddings.word_embeddings.weight"]
        self.words.weight.copy_(words[4 : 4 + len(self.words.weight)])
        for piece, row in {_FIRST: 0, _EMPTY: 1, _LAST: 2, ENTITY: -1, ISSUE: 0}.items():
            self.words.weight[piece] = words[row]
        self.places.weight.copy_(weights["embeddings.position_embeddings.weight"][2:])
        self.kinds.weight.zero_()
        assert self.distances is not None
        self.distances.weight.copy_(weights["encoder.relative_attention_bias.weight"])
        self._read_layers(
            weights, [f"attention.{part}" for part in ("attn.q", "attn.k", "attn.v", "attn.o", "LayerNorm")]
        )

    def _read_layers(self, weights: dict[str, Tensor], names: Sequence[str]) -> None:
        """``names`` of the query, key, value, output and norm of a layer's attention."""
        _copy(self.norm, weights, "embeddings.LayerNorm")
        for number, layer in enumerate(self.layers):
            at = f"encoder.layer.{number}."
            *mixed, out, norm = (f"{at}{name}" for name in names)
            layer.mixed.weight.copy_(torch.cat([weights[f"{part}.weight"] for part in mixed]))
            layer.mixed.bias.copy_(torch.cat([weights[f"{part}.bias"] for part in mixed]))
            _copy(layer.out, weights, out)
            _copy(layer.norm, weights, norm)
            _copy(layer.wide, weights, f"{at}intermediate.dense")
            _copy(layer.narrow, weights, f"{at}output.dense")
            _copy(layer.last_norm, weights, f"{at}output.LayerNorm")


def _steps(count: int, most: int) -> Tensor:
    """The step of each distance from ``1 - most`` to ``most - 1``, key less query: half of the steps for those before, half for
    those behind; of each half, half for a distance each, the others the wider the farther, up to 128 (Raffel et al. 2020)."""
    apart = torch.arange(1 - most, most)
    half, exact = count // 2, count // 4
    far = apart.abs().clamp(min=1).float()
    wide = exact + (torch.log(far / exact) / math.log(128 / exact) * (half - exact)).long()
    step = torch.where(apart.abs() < exact, apart.abs(), wide.clamp(max=half - 1))
    return step + half * (apart > 0)


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
