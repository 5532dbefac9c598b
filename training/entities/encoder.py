"""The encoder with its tagger on top, in torch, and how documents become its batches."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn
from transformers import AutoModel

from services.entities.tagger import TAGS, cut, encode, spell
from services.text.wordpiece import SHAPES, WordPieces
from training.entities.data import SOURCES, Document

NO_TAG = 0
"""What is allowed of a piece that is no word's first: it has no tag, and counts for nothing."""


class Tagger(nn.Module):
    """A pretrained encoder of lower-case pieces that is also told how each word is written, and of which set the text is.

    Annotators of different sets draw the line elsewhere. The vector of the set takes that up in training; at run time it is
    always that of Worldwide, and so a constant (``export``).
    """

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.encoder = AutoModel.from_pretrained(folder, add_pooling_layer=False)
        size = self.encoder.config.hidden_size
        self.shapes = nn.Embedding(len(SHAPES) * 2, size)
        self.sources = nn.Embedding(len(SOURCES), size)
        self.dropout = nn.Dropout(0.1)
        self.head = nn.Linear(size, len(TAGS))
        nn.init.normal_(self.shapes.weight, std=0.02)
        nn.init.zeros_(self.sources.weight)

    def forward(self, pieces: Tensor, shapes: Tensor, sources: Tensor, attended: Tensor) -> Tensor:
        """Scores (batch, pieces, tags); ``pieces``, ``shapes``, ``attended`` are (batch, pieces), ``sources`` is (batch)."""
        embedded = (
            self.encoder.embeddings.word_embeddings(pieces) + self.shapes(shapes) + self.sources(sources)[:, None]
        )
        hidden = self.encoder(inputs_embeds=embedded, attention_mask=attended).last_hidden_state
        scores: Tensor = self.head(self.dropout(hidden))
        return scores


@dataclass
class Window:
    """Some sentences of a document. ``allowed`` has for each piece the mask of its word, or ``NO_TAG``."""

    source: int
    pieces: list[int]
    shapes: list[int]
    allowed: list[int]
    firsts: list[int]
    """Places of the words' first pieces;"""
    word: int
    """the number of the first word in the document."""


def windows(document: Document, pieces: WordPieces, most: int) -> Iterator[Window]:
    """A document as the service reads it, in windows of at most ``most`` pieces."""
    spelled = spell(document.words, pieces)
    for first, last in cut(spelled, document.sentences, most):
        ids, shapes, firsts = encode(document.words[first:last], spelled[first:last], pieces)
        allowed = [NO_TAG] * len(ids)
        for at, mask in zip(firsts, document.allowed[first:last], strict=True):
            allowed[at] = mask
        yield Window(document.source, ids, shapes, allowed, firsts, first)


def batches(made: Sequence[Window], most: int, chance: random.Random | None = None) -> list[list[Window]]:
    """Windows of like length together, at most ``most`` pieces a batch with padding; in an order of ``chance``, or by length."""
    found: list[list[Window]] = []
    for window in sorted(made, key=lambda one: (len(one.pieces), chance.random() if chance else 0)):
        if not found or (len(found[-1]) + 1) * len(window.pieces) > most:
            found.append([])
        found[-1].append(window)
    if chance:
        chance.shuffle(found)
    return found


def tensors(batch: Sequence[Window]) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
    """Pieces, shapes, sources, attention mask, and what is allowed: (batch, pieces) but for the sources, (batch)."""
    longest = max(len(window.pieces) for window in batch)

    def padded(rows: list[list[int]]) -> Tensor:
        return torch.tensor([row + [0] * (longest - len(row)) for row in rows])

    return (
        padded([window.pieces for window in batch]),
        padded([window.shapes for window in batch]),
        torch.tensor([window.source for window in batch]),
        padded([[1] * len(window.pieces) for window in batch]),
        padded([window.allowed for window in batch]),
    )
