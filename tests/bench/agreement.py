"""Compares the shipped pace of face search with the unhurried way: the same labels for less work?

    python -m tests.bench.agreement --videos ../shared/media build/bench/clip-20s.mp4 --chance 20

The unhurried way searches every sampled frame at full size and scores every face in every frame.
Seconds of videos (also as copies made dark, noisy and small), of made-up hard cases and of films
that chance made up are labelled by faces alone, and compared. Where it is known who is in a frame,
both are compared with that, too. CPU times are of the thread that searches.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
from emotionmap_face.crop import prepare
from emotionmap_face.emotions import EMOTIONS as WORDS
from emotionmap_face.haar import HaarDetector
from emotionmap_face.hindsight import Hindsight
from emotionmap_face.manifest import read_weights
from emotionmap_face.onnx_model import load_model
from emotionmap_face.pace import UNHURRIED
from emotionmap_face.reuse import Crop, Reuse
from emotionmap_face.settings import SHIPPED_WEIGHTS, YUNET_FILE, Settings
from emotionmap_face.track import FaceTracker
from emotionmap_face.yunet import YuNetDetector
from emotionmap_fusion.evidence import EMOTIONS, Box, Face, Frame, Span
from emotionmap_fusion.fuse import Weighing
from emotionmap_fusion.segment import Segment, SegmentFusion
from emotionmap_fusion.weighted_mean import WeightedMean

from tests.bench.agreement_figures import Result, Row, table
from tests.bench.hard_cases import Film, chance_cases, hard_cases
from training.detectors import FRAMES_PER_S, SUFFIXES, Picture, hard_copies, read_frames

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from emotionmap_face.detect import FaceDetector
    from emotionmap_face.follow import SearchedFrame, Sighting
    from emotionmap_face.model import EmotionModel
    from emotionmap_face.pace import Pace
    from emotionmap_fusion.fuse import Decision
    from emotionmap_fusion.segment import FusedInterval
    from numpy.typing import NDArray

SECOND_NS = 1_000_000_000
SMALLEST_FACE_PX = 20
HAPPY = WORDS.index("Happy") + 1
"""What the face of the made-up films shows."""


def weighing() -> Weighing:
    """Return the defaults, with faces alone."""
    every = np.ones(EMOTIONS, np.bool_)
    return Weighing(
        face_weight=1.0,
        voice_weight=0.0,
        confidence_floor=0.3,
        min_face_share=0.2,
        min_speech=0.2,
        face_mask=every,
        voice_mask=every,
    )


def watch(
    film: Sequence[Picture], detector: FaceDetector, model: EmotionModel, *, pace: Pace
) -> Result:
    """Search and score a film as the service does, and label its seconds."""
    finder = Hindsight(FaceTracker(detector, min_face_px=SMALLEST_FACE_PX, pace=pace))
    reuse = Reuse(pace)
    start = time.thread_time()
    searched = [
        frame for one in film for frame in finder.take(one.gray, time_ns=one.time_ns)
    ] + finder.rest()
    frames = [(frame, _crops(frame, reuse)) for frame in searched]
    cpu_s = time.thread_time() - start
    different = {crop for _, crops in frames for crop in crops}
    scores = {crop: model.predict(crop.pixels[None])[0] for crop in different}
    decisions = [interval.decision for interval in label(frames, scores)]
    return Result(
        labels=tuple(decision.emotion for decision in decisions),
        margins=tuple(margin(decision) for decision in decisions),
        faces=tuple(len(frame.sightings.faces) for frame, _ in frames),
        scored=len(scores),
        cpu_s=cpu_s,
    )


def _crops(frame: SearchedFrame, reuse: Reuse) -> list[Crop]:
    return [
        reuse.crop_for(Crop(prepare(frame.gray, face.box), frame.time_ns), track=face.track)
        for face in frame.sightings.faces
    ]


def label(
    frames: Sequence[tuple[SearchedFrame, Sequence[Crop]]],
    scores: Mapping[Crop, NDArray[np.float32]],
) -> Iterator[FusedInterval]:
    """Give what each second came to."""
    last_ns = frames[-1][0].time_ns
    span = Span(0, (last_ns // SECOND_NS + 1) * SECOND_NS)
    segment = Segment(span, SECOND_NS, expects_faces=True, expects_speech=False)
    fusion = SegmentFusion(segment, weighing=weighing(), strategy=WeightedMean())
    for frame, crops in frames:
        faces = tuple(
            _to_face(face, scores[crop], frame)
            for face, crop in zip(frame.sightings.faces, crops, strict=True)
        )
        fusion.add_frame(Frame(frame.time_ns, faces))
    yield from fusion.take_rest()


def margin(decision: Decision) -> float:
    """Return how much surer a decision is of its best emotion than of the next, in [0, 1]."""
    if decision.scores is None:
        return 0.0
    second, best = np.sort(decision.scores)[-2:]
    return float(best - second)


def _to_face(sighting: Sighting, emotions: NDArray[np.float32], frame: SearchedFrame) -> Face:
    height, width = frame.gray.shape
    box = sighting.box
    edges = Box(box.left / width, box.top / height, box.right / width, box.bottom / height)
    return Face(edges, emotions.astype(np.float64), sighting.track, sighting.quality)


def films(videos: Iterable[Path], *, chance: int) -> Iterator[tuple[str, Film]]:
    """Give group and film; who is in a frame is known of made-up ones alone."""
    for film in hard_cases():
        yield "hard cases", film
    for film in chance_cases(chance):
        yield "chance", film
    for path in videos:
        frames = list(read_frames(path))
        for copy, spoil in hard_copies().items():
            shown = [Picture(spoil(picture.gray), picture.time_ns) for picture in frames]
            yield f"videos, {copy}", Film(path.name, shown, [])


def true_labels(film: Film) -> list[int]:
    """Return the emotion of each second, 0 for none; nothing where no truth is known."""
    seconds = np.array_split(film.shows_face, len(film.shows_face) // FRAMES_PER_S or 1)
    least = weighing().min_face_share
    return [HAPPY if shown.mean() >= least else 0 for shown in seconds if len(shown)]


def main() -> None:
    """Measure, print a table, write the report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--videos", type=Path, nargs="+", required=True, help="files or folders")
    parser.add_argument("--chance", type=int, default=0, help="films that chance makes up")
    parser.add_argument("--models", type=Path, help=f"folder of {YUNET_FILE}: use YuNet")
    parser.add_argument("--out", type=Path, help="report to write")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    detector = YuNetDetector(options.models / YUNET_FILE) if options.models else HaarDetector()
    model = load_model(read_weights(SHIPPED_WEIGHTS), threads=1)
    paths = [
        p for given in options.videos for p in (given.iterdir() if given.is_dir() else [given])
    ]
    groups: dict[str, Row] = {}
    videos = sorted(p for p in paths if p.suffix in SUFFIXES)
    for group, film in films(videos, chance=options.chance):
        unhurried = watch(film.frames, detector, model, pace=UNHURRIED)
        shipped = watch(film.frames, detector, model, pace=Settings().pace())
        for key in (group, f"- {film.name}", "all") if film.shows_face else (group, "all"):
            groups.setdefault(key, Row()).add(shipped, unhurried, true_labels(film))
    groups["all"] = groups.pop("all")
    print(table(groups))  # noqa: T201 - what was asked for
    if options.out is not None:
        report = {name: row.figures() for name, row in groups.items()}
        options.out.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
