"""Tiny spaCy pipelines that find what they are told, so that a test does not hang on what a model knows."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import spacy


def make_pipeline(folder: Path, language: str, words: Mapping[str, Sequence[str]]) -> str:
    """A pipeline that finds ``words``, in a folder."""
    nlp = spacy.blank(language)
    ruler: Any = nlp.add_pipe("entity_ruler")
    ruler.add_patterns([{"label": label, "pattern": word} for label, own in words.items() for word in own])
    nlp.meta["name"], nlp.meta["version"] = "made", "1.0"
    nlp.to_disk(folder)
    return str(folder)
