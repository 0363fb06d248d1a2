"""Makes a classifier of a pre-trained wav2vec2, and writes what fine-tuning made of it."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from transformers import Wav2Vec2FeatureExtractor

from training.emotions import LABELS
from training.metrics import fit_temperature
from training.voice.checkpoints import NOTES_FILE, pretrained_class
from training.voice.finetune.loop import watched_logits
from training.voice.finetune.state import BEST_FILE
from training.voice.manifest import SET_LICENCES
from training.voice.prepare import SAMPLE_RATE_HZ
from training.voice.split import is_speech_set
from training.voice.temperature import mean_temperature

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from transformers import Wav2Vec2ForSequenceClassification

    from training.voice.finetune.lesson import Lesson
    from training.voice.finetune.loop import FineTuning
    from training.voice.finetune.recipe import Recipe

MODEL_FOLDER = "model"
HEAD = ("projector", "classifier", "layer_weights")
"""What a pre-trained base lacks, and what another task's classifier has of another size."""


def build(recipe: Recipe, lesson: Lesson) -> Wav2Vec2ForSequenceClassification:
    """Return the base with a new head over the lesson's classes, its feature encoder frozen.

    Raises:
        ValueError: the base cannot be read or is no wav2vec2.
    """
    names = [LABELS[index] for index in lesson.classes]
    model = pretrained_class(
        recipe.base,
        recipe.revision,
        may_miss=HEAD,
        id2label=dict(enumerate(names)),
        label2id={name: index for index, name in enumerate(names)},
        problem_type=None,
        apply_spec_augment=True,
        mask_time_prob=recipe.mask_time,
    )
    model.freeze_feature_encoder()
    if recipe.checkpointing:
        model.activation_checkpointing_enable({"use_reentrant": False})
    return model


def fitted_temperature(lesson: Lesson, logits: NDArray[np.float32]) -> float:
    """Return the temperature that fits watched speakers; each set of speech counts once."""
    truth, datasets = lesson.targets(lesson.watched), lesson.cache.dataset[lesson.watched]
    names = np.unique(datasets).tolist()
    chosen = [name for name in names if is_speech_set(name)] or names
    rows = [datasets == name for name in chosen]
    return mean_temperature([fit_temperature(logits[part], truth[part]) for part in rows])


def notes_of(tuning: FineTuning, figures: dict[str, float], temperature: float) -> dict[str, Any]:
    """Return what is written beside the weights: how they were made, and what was watched."""
    lesson, recipe = tuning.lesson, tuning.recipe
    sets = np.unique(lesson.cache.dataset[lesson.learned]).tolist()
    base = recipe.base_name
    commit = getattr(tuning.model.config, "_commit_hash", None) or recipe.revision
    base = f"{base}@{commit}" if commit else base
    return {
        "source": f"{base} fine-tuned by training/voice/finetune of this repository",
        "data": [SET_LICENCES.get(name, f"{name}, licence not stated") for name in sets],
        "temperature": temperature,
        "watched": {name: round(value, 4) for name, value in figures.items()},
        "clips": {"learned": len(lesson.learned), "watched": len(lesson.watched)},
        "recipe": asdict(recipe) | {"base": recipe.base_name},
        "steps": {"best": tuning.progress.best_step, "done": tuning.progress.step},
    }


def write_model(tuning: FineTuning) -> None:
    """Write the best weights so far, with their temperature, as a folder of transformers."""
    content = torch.load(tuning.out / BEST_FILE, map_location="cpu", weights_only=True)
    model = tuning.model
    model.load_state_dict(content["state"])
    logits = watched_logits(model, tuning.lesson, tuning.device)
    notes = notes_of(tuning, content["figures"], fitted_temperature(tuning.lesson, logits))
    folder, partial = tuning.out / MODEL_FOLDER, tuning.out / f"{MODEL_FOLDER}.partial"
    shutil.rmtree(partial, ignore_errors=True)
    model.save_pretrained(partial)
    Wav2Vec2FeatureExtractor(
        sampling_rate=SAMPLE_RATE_HZ,
        do_normalize=True,
        return_attention_mask=model.config.feat_extract_norm == "layer",
    ).save_pretrained(partial)
    text = json.dumps(notes, indent=2) + "\n"
    (partial / NOTES_FILE).write_text(text, encoding="utf-8")
    shutil.rmtree(folder, ignore_errors=True)
    partial.rename(folder)
