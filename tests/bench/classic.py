"""The classic pipeline, as tutorials write it, to compare with; run in its own environment.

MoviePy gives 15 frames a second one by one, OpenCV's default Haar cascade searches each whole frame
at scale 1.05, DeepFace scores each crop by itself, MoviePy cuts the sound out second by second for
a model of wav2vec2's contract, and each second's scores are averaged. The models are our own, which
keep the contracts of DeepFace's and of wav2vec2's, so that the difference is the work around them.

Where DeepFace is not installed, its steps are done by hand with the same libraries (deepface
0.0.103: `modules/detection.py`, `modules/preprocessing.py`, `models/demography/onnx/Emotion.py`).
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
import time
from collections import defaultdict
from contextlib import contextmanager
from importlib import metadata, util
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.bench.cost import costing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import numpy as np
    from numpy.typing import NDArray

    Score = Callable[[NDArray[np.uint8]], NDArray[np.float64]]

FRAMES_PER_SECOND = 15
SCALE_STEP, NEIGHBOURS = 1.05, 5
SAMPLE_RATE_HZ = 16_000
FACE_WEIGHT, VOICE_WEIGHT = 0.55, 0.45
CANVAS_PX, INPUT_PX = 224, 48
DEEPFACE_ORDER = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
WEIGHTS_NAME = ".deepface/weights/facial_expression_model_weights.onnx"


class Stages:
    """CPU-seconds of this process by stage; MoviePy's ffmpeg is a process of its own."""

    def __init__(self) -> None:
        self.cpu_s: defaultdict[str, float] = defaultdict(float)

    @contextmanager
    def of(self, name: str) -> Iterator[None]:
        start_s = time.process_time()
        yield
        self.cpu_s[name] += time.process_time() - start_s


def deepface_scorer(weights: Path, home: Path) -> Score:
    """Return DeepFace's own way from a crop, BGR uint8 [H, W, 3], to seven probabilities."""
    copy = home / WEIGHTS_NAME
    copy.parent.mkdir(parents=True)
    shutil.copy(weights, copy)
    os.environ |= {"DEEPFACE_HOME": str(home), "DEEPFACE_BACKEND_ENGINE": "onnx"}
    import numpy as np
    from deepface import DeepFace

    def score(crop: NDArray[np.uint8]) -> NDArray[np.float64]:
        [found] = DeepFace.analyze(
            crop, actions=["emotion"], detector_backend="skip", enforce_detection=False, silent=True
        )
        return np.array([found["emotion"][name] / 100 for name in DEEPFACE_ORDER])

    return score


def stand_in_scorer(weights: Path) -> Score:
    """Return DeepFace's steps done by hand, for where it is not installed."""
    import cv2
    import numpy as np

    session = open_session(weights)
    name = session.get_inputs()[0].name

    def score(crop: NDArray[np.uint8]) -> NDArray[np.float64]:
        image = crop[:, :, ::-1].astype(np.float64) / 255
        image = image[:, :, ::-1]
        factor = min(CANVAS_PX / image.shape[0], CANVAS_PX / image.shape[1])
        image = cv2.resize(image, (int(image.shape[1] * factor), int(image.shape[0] * factor)))
        high, wide = CANVAS_PX - image.shape[0], CANVAS_PX - image.shape[1]
        padding = ((high // 2, high - high // 2), (wide // 2, wide - wide // 2), (0, 0))
        image = np.pad(image, padding).astype(np.float32)
        gray = cv2.resize(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), (INPUT_PX, INPUT_PX))
        [[scores]] = session.run(None, {name: gray[None, :, :, None]})
        return np.asarray(scores / scores.sum(), np.float64)

    return score


def open_session(weights: Path) -> Any:
    """Return an onnxruntime session with its defaults, as tutorials have it."""
    import onnxruntime

    return onnxruntime.InferenceSession(str(weights), providers=["CPUExecutionProvider"])


def blank_crop() -> NDArray[np.uint8]:
    """Return a crop without anything on it."""
    import numpy as np

    return np.full((INPUT_PX, INPUT_PX, 3), 128, np.uint8)


def analyse(clip: Path, *, score: Score, voice: Any, stages: Stages) -> tuple[int, int]:
    """Do all the work on a clip; return how many frames were read and faces were found."""
    import cv2
    import numpy as np
    from moviepy import VideoFileClip

    cascade = cv2.CascadeClassifier(cv2.data.haarcascades + "haarcascade_frontalface_default.xml")
    video = VideoFileClip(str(clip))
    scores: defaultdict[int, list[NDArray[np.float64]]] = defaultdict(list)
    frames = int(video.duration * FRAMES_PER_SECOND)
    for index in range(frames):
        with stages.of("frames"):
            picture = video.get_frame(index / FRAMES_PER_SECOND)
        with stages.of("search"):
            gray = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
            boxes = cascade.detectMultiScale(gray, SCALE_STEP, NEIGHBOURS)
        with stages.of("faces"):
            for x, y, width, height in boxes:
                crop = picture[y : y + height, x : x + width, ::-1]
                scores[index // FRAMES_PER_SECOND].append(score(crop))
    with stages.of("sound"):
        voices = [hear(video.audio, second, voice) for second in range(int(video.duration))]
    with stages.of("fusion"):
        for second, heard in enumerate(voices):
            if scores[second]:
                _ = FACE_WEIGHT * np.mean(scores[second], axis=0) + VOICE_WEIGHT * heard.max()
    video.close()
    return frames, sum(map(len, scores.values()))


def hear(audio: Any, second: int, voice: Any) -> NDArray[np.float64]:
    """Return the voice model's probabilities for one second of sound."""
    import numpy as np

    part = audio.subclipped(second, second + 1)
    wave = part.to_soundarray(fps=SAMPLE_RATE_HZ).mean(axis=1).astype(np.float32)
    wave = (wave - wave.mean()) / np.sqrt(wave.var() + 1e-7)
    [[logits]] = voice.run(None, {voice.get_inputs()[0].name: wave[None, :]})
    shares = np.exp(logits - logits.max())
    return np.asarray(shares / shares.sum(), np.float64)


def main() -> None:
    """Work on the clip and print figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("clip", type=Path)
    parser.add_argument("--face-weights", type=Path, required=True)
    parser.add_argument("--voice-weights", type=Path, required=True)
    options = parser.parse_args()
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    has_deepface = util.find_spec("deepface") is not None
    with tempfile.TemporaryDirectory() as home:
        if has_deepface:
            score = deepface_scorer(options.face_weights, Path(home))
            engine = f"deepface {metadata.version('deepface')} on onnxruntime"
        else:
            score = stand_in_scorer(options.face_weights)
            engine = "DeepFace's steps by hand on onnxruntime"
        score(blank_crop())  # models are loaded before, as the services' are
        voice, stages = open_session(options.voice_weights), Stages()
        with costing(os.getpid()) as cost:
            frames, faces = analyse(options.clip, score=score, voice=voice, stages=stages)
    report = {"wall_s": cost.wall_s, "cpu_s": cost.cpu_s, "frames": frames, "faces": faces}
    shares = {f"{name}_cpu_s": spent for name, spent in stages.cpu_s.items()}
    shares["ffmpeg_cpu_s"] = max(0.0, cost.cpu_s - sum(stages.cpu_s.values()))
    report |= shares | {"engine": engine, "moviepy": metadata.version("moviepy")}
    sys.stdout.write(json.dumps(report) + "\n")


if __name__ == "__main__":
    main()
