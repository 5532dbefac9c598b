"""From the trained tagger to a folder that ``spacy.load`` reads: one int8 ONNX file, the vocabulary, a sentence splitter."""

import tempfile
from pathlib import Path

import spacy
import torch
from onnxruntime.transformers import optimizer
from onnxruntime.transformers.fusion_options import FusionOptions
from spacy.language import Language
from torch import Tensor, nn

from services.entities.tagger import NewsTagger
from services.text.wordpiece import WordPieces
from training.entities.data import WORLDWIDE
from training.entities.encoder import Tagger
from training.quantize import OPSET, write_int8

NAME, VERSION = "stancewire_news", "1.0.0"


class _Fixed(nn.Module):
    """The tagger for texts of Worldwide, one window at a time, so without a mask."""

    def __init__(self, tagger: Tagger) -> None:
        super().__init__()
        words = tagger.encoder.embeddings.word_embeddings.weight
        self.words = nn.Embedding.from_pretrained(words.detach())
        self.shapes = nn.Embedding.from_pretrained(
            tagger.shapes.weight.detach() + tagger.sources.weight[WORLDWIDE].detach()
        )
        self.encoder = tagger.encoder
        self.head = tagger.head

    def forward(self, pieces: Tensor, shapes: Tensor) -> Tensor:
        embedded = self.words(pieces) + self.shapes(shapes)
        scores: Tensor = self.head(self.encoder(inputs_embeds=embedded).last_hidden_state)
        return scores


def export(model: Tagger, pieces: WordPieces, sentences: Language, output: Path) -> None:
    """Write the pipeline of the sentence splitter of ``sentences`` and ``model`` into the folder ``output``."""
    with tempfile.TemporaryDirectory() as folder:
        written = Path(folder)
        quantize(model, written / "float.onnx", written / "model.onnx")
        pieces.save(written / "vocab.txt")
        nlp = spacy.blank("en")
        nlp.add_pipe("senter", source=sentences)
        nlp.add_pipe("news_tagger")
        tagger = nlp.get_pipe("news_tagger")
        assert isinstance(tagger, NewsTagger)
        tagger.from_disk(written)
        nlp.meta.update(name=NAME, version=VERSION, license="Apache-2.0", description="Names in news, see README.md")
        nlp.to_disk(output, exclude=["strings"])
        (output / "vocab" / "strings.json").write_text(
            "[]\n"
        )  # 83,000 words of the splitter's training that nobody asks for


def quantize(model: Tagger, whole: Path, small: Path) -> None:
    """Write ``model`` as float32 ONNX to ``whole`` and in int8 to ``small``."""
    model.eval()
    model.encoder.set_attn_implementation("eager")
    example = (torch.ones(1, 16, dtype=torch.long), torch.ones(1, 16, dtype=torch.long))
    axes = {name: {0: "windows", 1: "pieces"} for name in ("pieces", "shapes", "scores")}
    torch.onnx.export(
        _Fixed(model).eval(), example, whole, input_names=["pieces", "shapes"], output_names=["scores"],
        dynamic_axes=axes, opset_version=OPSET, dynamo=False,
    )  # fmt: skip
    options = FusionOptions("bert")
    options.enable_embed_layer_norm = False  # its inputs are embeddings already
    options.enable_skip_layer_norm = options.enable_bias_gelu = False  # these fused kernels are a fifth slower here
    options.enable_attention = False  # found or not with the version of transformers, and then not quantised
    config = model.encoder.config
    fused = optimizer.optimize_model(
        str(whole), "bert", config.num_attention_heads, config.hidden_size, optimization_options=options
    )
    fused.save_model_to_file(str(whole))
    write_int8(whole, small)
