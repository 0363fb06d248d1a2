"""Opens checkpoints: our own `last.pt`, and `Wav2Vec2ForSequenceClassification` of transformers.

A checkpoint that lacks a weight, or is of another class, is refused: transformers would fill the
gap with random numbers and a warning, and the export would serve guesses.
"""

from __future__ import annotations

import json
import pickle
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from safetensors import SafetensorError
from transformers import (
    PretrainedConfig,
    Wav2Vec2FeatureExtractor,
    Wav2Vec2ForSequenceClassification,
)
from transformers.utils import logging

from training.voice.model import VoiceConfig, build_voice_model
from training.voice.prepare import SAMPLE_RATE_HZ

if TYPE_CHECKING:
    from collections.abc import Collection

NOTES_FILE = "emotionmap.json"
"""Beside a fine-tuned checkpoint: temperature, data, and how it was made."""
COMMIT = re.compile(r"[0-9a-f]{40}")
MODEL_TYPE = "wav2vec2"
UNTRAINED_KEYS = frozenset({"wav2vec2.masked_spec_embed"})
"""Used in training alone, so that checkpoints may lack it."""
ATTENTION = "sdpa"
"""Checkpoints of every attention hold the same weights; this one can be exported, and is fast."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """An opened checkpoint.

    Attributes:
        model: in evaluation mode.
        source: what it is called in the manifest.
        does_normalize: whether its feature extractor gives waves zero mean and unit variance.
        notes: content of `emotionmap.json`; empty for checkpoints of others.
        is_own: whether it is a `last.pt` of training.voice.train.
    """

    model: Wav2Vec2ForSequenceClassification
    source: str
    does_normalize: bool
    notes: dict[str, Any]
    is_own: bool

    @property
    def classes(self) -> list[str]:
        """The checkpoint's names of its outputs."""
        config = self.model.config
        return [str(config.id2label[index]) for index in range(config.num_labels)]


def open_own(path: Path) -> Checkpoint:
    """Open a `last.pt` of training.voice.train.

    Raises:
        ValueError: it is something else.
    """
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
        model = build_voice_model(VoiceConfig(**content["config"]))
        model.load_state_dict(content["state"])
    except (pickle.UnpicklingError, EOFError, KeyError, TypeError, RuntimeError) as error:
        message = f"{path}: no checkpoint of training.voice.train"
        raise ValueError(message) from error
    source = "trained by training/voice of this repository"
    return Checkpoint(model.eval(), source, does_normalize=True, notes={}, is_own=True)


def pretrained_class(
    name: str, revision: str | None, *, may_miss: Collection[str] = (), **config: Any
) -> Wav2Vec2ForSequenceClassification:
    """Load the class from a folder or from the hub, with its weights all there.

    Args:
        name: folder, or id on the hub.
        revision: commit on the hub.
        may_miss: first words of weights that may be missing or of another size, then random.
        config: changes of its configuration.

    Raises:
        ValueError: it cannot be read, is no wav2vec2, or lacks weights.
    """
    logging.set_verbosity_error()  # what it warns of is checked below, and refused or expected
    logging.disable_progress_bar()
    try:
        found, _ = PretrainedConfig.get_config_dict(name, revision=revision)
        if found.get("model_type") != MODEL_TYPE:
            kind = found.get("model_type")
            what = f"a model of type {kind!r}" if kind else "no config.json of transformers"
            message = f"{name}: {what}, where {MODEL_TYPE!r} is expected"
            raise ValueError(message)
        model, info = Wav2Vec2ForSequenceClassification.from_pretrained(
            name,
            revision=revision,
            output_loading_info=True,
            ignore_mismatched_sizes=True,
            attn_implementation=ATTENTION,
            dtype=torch.float32,
            **config,
        )
    except (OSError, RuntimeError, pickle.UnpicklingError, SafetensorError) as error:
        said = next(iter(str(error).splitlines()), type(error).__name__)
        message = f"{name}: cannot be read: {said}"
        raise ValueError(message) from error
    absent = set(info["missing_keys"]) | {entry[0] for entry in info["mismatched_keys"]}
    absent = {key for key in absent - UNTRAINED_KEYS if key.partition(".")[0] not in may_miss}
    if absent:
        message = (
            f"{name}: no whole Wav2Vec2ForSequenceClassification; {len(absent)} weights are "
            f"missing or of another size, for example {min(absent)}"
        )
        raise ValueError(message)
    return model


def is_normalizing(name: str, revision: str | None) -> bool:
    """Return whether a checkpoint's feature extractor normalises; yes if it has none.

    Raises:
        ValueError: it wants another sampling rate than ours.
    """
    try:
        extractor = Wav2Vec2FeatureExtractor.from_pretrained(name, revision=revision)
    except OSError:
        return True
    if extractor.sampling_rate != SAMPLE_RATE_HZ:
        message = f"{name}: takes {extractor.sampling_rate} Hz, not {SAMPLE_RATE_HZ} Hz"
        raise ValueError(message)
    return bool(extractor.do_normalize)


def check_task(model: Wav2Vec2ForSequenceClassification, name: str) -> None:
    """Refuse checkpoints whose outputs are no logits of classes that exclude each other.

    Raises:
        ValueError: the configuration names another problem.
    """
    problem = model.config.problem_type
    if problem not in (None, "single_label_classification"):
        message = f"{name}: trained for {problem}, not for one class of several"
        raise ValueError(message)


def open_checkpoint(name: str, revision: str | None = None) -> Checkpoint:
    """Open `last.pt`, a folder that `save_pretrained` wrote, or a model of the hub.

    Raises:
        ValueError: it is none of these, is not pinned, or is not whole.
    """
    path = Path(name)
    if path.is_file():
        return open_own(path)
    if not path.is_dir() and not COMMIT.fullmatch(revision or ""):
        message = (
            f"{name}: no such file or folder. If it is a model of the hub, pin it: --revision "
            "takes the full commit id of 40 hex digits, since names of branches move"
        )
        raise ValueError(message)
    model = pretrained_class(name, revision)
    check_task(model, name)
    notes = path / NOTES_FILE
    return Checkpoint(
        model.eval(),
        path.resolve().name if path.is_dir() else f"{name}@{revision}",
        does_normalize=is_normalizing(name, revision),
        notes=json.loads(notes.read_text(encoding="utf-8")) if notes.is_file() else {},
        is_own=False,
    )
