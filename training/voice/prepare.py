"""Decodes labelled clips once: `python -m training.voice.prepare --data DIR --out DIR`.

Two layouts are read: a folder with a labels.csv (dataset, path, language, speaker, emotion,
seconds), and the folder of CREMA-D, whose file names are its labels. Needs no torch.
"""

from __future__ import annotations

import argparse
import csv
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import av
import numpy as np

from training.emotions import INDEX, LABELS
from training.voice.split import Part, part_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

SAMPLE_RATE_HZ = 16_000
FRAME_SAMPLES = 320
"""20 ms, the grain at which silence around the speech is cut off."""
SILENCE_DB = 35.0
"""Frames this far below the loudest one are silence."""
MARGIN_FRAMES = 5
"""100 ms of silence are kept on both sides."""

CREMA_NAME = re.compile(r"(?P<speaker>\d{4})_[A-Z]{3}_(?P<emotion>[A-Z]{3})_[A-Z]{2}")
"""Speaker, sentence, emotion, level: 1001_DFA_ANG_XX. Source: the README of CREMA-D."""
CREMA_EMOTIONS = {
    "ANG": "anger",
    "DIS": "disgust",
    "FEA": "fear",
    "HAP": "happy",
    "NEU": "neutral",
    "SAD": "sadness",
}
CACHE_COLUMNS = ("dataset", "speaker", "emotion", "part", "start", "end")


@dataclass(frozen=True, slots=True)
class Clip:
    """One labelled recording.

    Attributes:
        dataset: name of its set.
        speaker: name of its speaker, unique over all sets.
        emotion: class index.
        path: the audio file.
        language: of the speech, as its set names it.
    """

    dataset: str
    speaker: str
    emotion: int
    path: Path
    language: str = "unknown"

    @property
    def part(self) -> Part:
        """What its speaker is used for."""
        return part_of(self.dataset, self.speaker)


@dataclass(frozen=True, slots=True)
class Cache:
    """Decoded clips, one after the other.

    Attributes:
        pcm: int16 [total samples], 16 kHz mono.
        bounds: int64 [clips, 2], first sample and end of the part that is not silent.
        emotion: int64 [clips], class index.
        dataset: str [clips].
        speaker: str [clips].
        part: str [clips].
    """

    pcm: NDArray[np.int16]
    bounds: NDArray[np.int64]
    emotion: NDArray[np.int64]
    dataset: NDArray[np.str_]
    speaker: NDArray[np.str_]
    part: NDArray[np.str_]


def read_labels(folder: Path) -> list[Clip]:
    """Return the clips of a folder with a labels.csv."""
    with (folder / "labels.csv").open(encoding="utf-8", newline="") as file:
        return [
            Clip(
                dataset=row["dataset"],
                speaker=row["speaker"],
                emotion=INDEX[row["emotion"].lower()],
                path=folder / row["path"],
                language=row.get("language") or "unknown",
            )
            for row in csv.DictReader(file)
        ]


def read_crema(folder: Path) -> list[Clip]:
    """Return the clips of CREMA-D: the audio files below the folder that bear its names.

    The whole repository holds every clip twice, as wav and as mp3: one of them counts.
    """
    clips: dict[str, Clip] = {}
    for path in sorted(folder.rglob("*"), key=lambda path: (path.suffix.lower() != ".wav", path)):
        match = CREMA_NAME.fullmatch(path.stem)
        if match and path.suffix.lower() in {".wav", ".ogg", ".flac", ".mp3"}:
            emotion = INDEX[CREMA_EMOTIONS[match["emotion"]]]
            clip = Clip("cremad", f"cremad-{match['speaker']}", emotion, path, "en")
            clips.setdefault(path.stem, clip)
    return list(clips.values())


def decode(path: Path) -> NDArray[np.int16]:
    """Return a file's first audio stream as int16 [T], 16 kHz mono."""
    resampler = av.AudioResampler(format="s16", layout="mono", rate=SAMPLE_RATE_HZ)
    with av.open(str(path)) as container:
        frames = [
            part.to_ndarray()[0]
            for frame in container.decode(audio=0)
            for part in resampler.resample(frame)
        ]
    frames.extend(part.to_ndarray()[0] for part in resampler.resample(None))
    return np.concatenate(frames) if frames else np.zeros(0, dtype=np.int16)


def speech_bounds(pcm: NDArray[np.int16]) -> tuple[int, int]:
    """Return first sample and end of what is left of int16 [T] without silence at both ends."""
    frames = pcm[: len(pcm) // FRAME_SAMPLES * FRAME_SAMPLES].reshape(-1, FRAME_SAMPLES)
    if not len(frames):
        return 0, len(pcm)
    power = np.square(frames.astype(np.float32)).mean(axis=1)
    loud = np.flatnonzero(power >= power.max() * 10 ** (-SILENCE_DB / 10))
    first = max(0, loud[0] - MARGIN_FRAMES) * FRAME_SAMPLES
    return int(first), min(len(pcm), int(loud[-1] + 1 + MARGIN_FRAMES) * FRAME_SAMPLES)


def write_cache(clips: Iterable[Clip], out: Path) -> None:
    """Decode the clips into `clips.pcm` (raw int16) and `clips.csv` in the folder."""
    out.mkdir(parents=True, exist_ok=True)
    offset = 0
    with (
        (out / "clips.pcm").open("wb") as samples,
        (out / "clips.csv.partial").open("w", encoding="utf-8", newline="") as table,
    ):
        writer = csv.writer(table)
        writer.writerow(CACHE_COLUMNS)
        for clip in clips:
            pcm = decode(clip.path)
            start, end = speech_bounds(pcm)
            samples.write(pcm.astype("<i2").tobytes())
            bounds = (offset + start, offset + end)
            writer.writerow((clip.dataset, clip.speaker, LABELS[clip.emotion], clip.part, *bounds))
            offset += len(pcm)
    # The table gets its name last: a cache that has one is whole.
    (out / "clips.csv.partial").replace(out / "clips.csv")


def open_cache(folder: Path) -> Cache:
    """Map a decoded cache into memory."""
    with (folder / "clips.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return Cache(
        pcm=np.memmap(folder / "clips.pcm", dtype="<i2", mode="r"),
        bounds=np.array([(int(row["start"]), int(row["end"])) for row in rows], dtype=np.int64),
        emotion=np.array([LABELS.index(row["emotion"]) for row in rows], dtype=np.int64),
        dataset=np.array([row["dataset"] for row in rows]),
        speaker=np.array([row["speaker"] for row in rows]),
        part=np.array([row["part"] for row in rows]),
    )


def read_sounds(folder: Path) -> list[NDArray[np.int16]]:
    """Return the decoded files of a folder of noises and music, each int16 [T] at 16 kHz."""
    with (folder / "labels.csv").open(encoding="utf-8", newline="") as file:
        return [decode(folder / row["path"]) for row in csv.DictReader(file)]


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="folder with a labels.csv")
    parser.add_argument("--crema", type=Path, help="folder of CREMA-D's audio files")
    parser.add_argument("--out", type=Path, required=True, help="folder of the cache")
    options = parser.parse_args(arguments)
    clips = read_labels(options.data) if options.data else []
    clips += read_crema(options.crema) if options.crema else []
    write_cache(clips, options.out)
    speakers = len({clip.speaker for clip in clips})
    sys.stdout.write(f"{len(clips)} clips of {speakers} speakers\n")


if __name__ == "__main__":
    main()
