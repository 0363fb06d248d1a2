"""Made-up voices and tiny checkpoints: what the tests of fine-tuning and export share."""

from __future__ import annotations

import json
import wave

import numpy as np

RATE_HZ = 16_000
PITCH_HZ = {"ANG": 1200.0, "SAD": 200.0}
"""Tones stand for emotions: told apart by ear, and by a random network soon."""
CONVOLUTIONS = {"conv_dim": (16, 16), "conv_stride": (20, 16), "conv_kernel": (40, 16)}
"""50 frames a second, as wav2vec2-base has, of two layers instead of seven."""
TINY = CONVOLUTIONS | {
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 64,
    "num_conv_pos_embeddings": 16,
    "num_conv_pos_embedding_groups": 2,
    "mask_time_length": 4,
}


def write_tone(path, hertz, rng, seconds=0.8):
    time = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    tone = np.sin(2 * np.pi * hertz * rng.uniform(0.95, 1.05) * time)
    pcm = (8000 * tone + rng.normal(0, 400, len(tone))).astype("<i2")
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, RATE_HZ, len(pcm), "NONE", ""))
        file.writeframes(pcm.tobytes())


def write_crema(folder, *, sentences=("DFA", "IEO", "TIE")):
    """Write a small CREMA-D: actors 1001 and 1006 are judged, 1003 is watched, others learned.

    The judged actors' files are no sound at all: whoever opens one fails.
    """
    rng = np.random.default_rng(0)
    for speaker in (1001, 1002, 1003, 1004, 1005, 1006):
        for emotion, hertz in PITCH_HZ.items():
            for sentence in sentences:
                path = folder / "AudioWAV" / f"{speaker}_{sentence}_{emotion}_XX.wav"
                write_tone(path, hertz, rng)
                if speaker in (1001, 1006):
                    path.write_bytes(b"judged")
    return folder


def write_base(folder, **config):
    """Write a random pre-trained wav2vec2, without any classifier, as `facebook/wav2vec2-base`."""
    import torch
    import transformers

    torch.manual_seed(0)
    config = transformers.Wav2Vec2Config(**(TINY | config), num_codevectors_per_group=4)
    transformers.Wav2Vec2ForPreTraining(config).save_pretrained(folder)
    return folder


def write_checkpoint(folder, *, seed=0, as_bin=False, do_normalize=True, **config):
    """Write a random `Wav2Vec2ForSequenceClassification` as transformers would, or once did."""
    import torch
    import transformers

    torch.manual_seed(seed)
    model = transformers.Wav2Vec2ForSequenceClassification(
        transformers.Wav2Vec2Config(**(TINY | config))
    )
    with torch.no_grad():
        model.classifier.weight.mul_(30)  # random heads say next to nothing
        model.projector.weight.mul_(10)
    model.save_pretrained(folder)
    extractor = {"do_normalize": do_normalize, "sampling_rate": RATE_HZ, "feature_size": 1}
    extractor |= {"feature_extractor_type": "Wav2Vec2FeatureExtractor", "padding_value": 0.0}
    (folder / "preprocessor_config.json").write_text(json.dumps(extractor), encoding="utf-8")
    if as_bin:
        old_names = {"original0": "weight_g", "original1": "weight_v"}
        state = model.state_dict()
        for new, old in old_names.items():
            name = "wav2vec2.encoder.pos_conv_embed.conv."
            state[name + old] = state.pop(f"{name}parametrizations.weight.{new}")
        (folder / "model.safetensors").unlink()
        torch.save(state, folder / "pytorch_model.bin")
    return model.eval()
