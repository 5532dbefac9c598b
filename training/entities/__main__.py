"""``python -m training.entities``: from the development data to the pipeline in ``services/entities/model``, in one go."""

import argparse
import logging
import sys
from pathlib import Path

import torch
from transformers import AutoTokenizer

from evaluation.entities import TRAINED_ON
from services.text.wordpiece import MAX_PIECES, WordPieces
from training.entities.data import ALLSIDES, WORLDWIDE, Document, Reader, held_out, load, unlabelled
from training.entities.encoder import Tagger
from training.entities.export import export
from training.entities.score import coarse_f1
from training.entities.train import FIRST, SECOND, predict, train
from training.kept import kept, pretrained

log = logging.getLogger(__name__)
_UNLABELLED = 400
"""AllSides articles for round two, of which an epoch has a share."""


def main() -> None:
    """Train and export; what was done before an interruption is kept in ``--work`` and not done again."""
    parser = argparse.ArgumentParser(prog="python -m training.entities", description=__doc__)
    parser.add_argument("--base", type=Path, default=pretrained(), help="folder of the pretrained encoder")
    parser.add_argument("--work", type=Path, default=Path(".stancewire/training/entities"), help="checkpoints")
    parser.add_argument("--output", type=Path, default=Path("services/entities/model"), help="the pipeline's folder")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    call = parser.parse_args()
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(message)s")
    torch.set_num_threads(call.threads)
    call.work.mkdir(parents=True, exist_ok=True)
    pieces = WordPieces.load(call.base / "vocab.txt")
    reader = Reader()
    documents = kept(call.work / "annotated.pickle", lambda: load(reader))
    held = held_out(document.name for document in documents if document.source == WORLDWIDE)
    own = [document for document in documents if document.name not in held]
    check_pieces(call.base, pieces, {word for document in documents for word in document.words})
    test = [document for document in documents if document.name in held]

    def score(model: Tagger) -> str:
        return f"F1 on the {len(test)} articles held out {coarse_f1(test, [predict(model, one, pieces) for one in test]):.4f}"

    def silver() -> list[Document]:
        first = train(FIRST, call.base, pieces, own, call.work, call.seed, score)
        texts = unlabelled(_UNLABELLED)
        return [
            reader.silver(f"allsides-{number}", text, lambda document: predict(first, document, pieces))
            for number, text in enumerate(texts)
        ]

    tagged = kept(call.work / "tagged.pickle", silver)
    assert all(document.source == ALLSIDES for document in tagged)
    model = train(SECOND, call.base, pieces, [*own, *tagged], call.work, call.seed, score)
    export(model, pieces, reader.nlp, call.output)
    trained = sorted(document.name for document in own if document.source == WORLDWIDE)
    (call.output / TRAINED_ON).write_text("\n".join(trained) + "\n", encoding="utf-8")
    log.info("written to %s", call.output)


def check_pieces(base: Path, pieces: WordPieces, words: set[str]) -> None:
    """Compare our word pieces with those of the library that the encoder was pretrained with.

    Raises:
        ValueError: they differ for a word.
    """
    tokenizer = AutoTokenizer.from_pretrained(base)
    for word in sorted(words):
        wanted = tokenizer(word, add_special_tokens=False, truncation=False)["input_ids"][:MAX_PIECES]
        if list(pieces.pieces(word)) != wanted:
            raise ValueError(f"{word!r} is {list(pieces.pieces(word))} for us and {wanted} for the library")
    log.info("word pieces: %d words are cut as the library does", len(words))


if __name__ == "__main__":
    main()
