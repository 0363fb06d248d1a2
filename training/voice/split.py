"""Which speakers are learned from, watched and judged. Training and evaluation share it.

A speaker is in one part only. Test speakers are never trained on and nothing is selected on them.
"""

from __future__ import annotations

import re
from enum import StrEnum

BURST_SETS = frozenset({"emogator"})
"""Vocal bursts are no speech: reported, but not part of the mean over sets of speech."""

TEST_SPEAKERS = frozenset(
    {
        *(f"ravdess-{number:02d}" for number in (17, 18, 19, 20)),  # two men, two women
        *("nemo-EB0", "nemo-WR0"),  # a woman, a man
        *("emodb-11", "emodb-13"),  # a man, a woman
    }
)
VALIDATION_SPEAKERS = frozenset({"ravdess-15", "ravdess-16", "nemo-MP0", "emodb-10"})

NAMED_SETS = frozenset({"ravdess", "nemo", "emodb"})
NUMBERED_SETS = frozenset({"cremad", "emogator"})
"""Sets of many speakers, split by the speaker's number."""
NUMBER_CYCLE = 10
TEST_REMAINDERS = frozenset({1, 6})
VALIDATION_REMAINDERS = frozenset({3})


def is_known_set(dataset: str) -> bool:
    """Return whether the set may have been trained on: only its test speakers are judged."""
    return dataset in NAMED_SETS | NUMBERED_SETS


def is_speech_set(dataset: str) -> bool:
    """Return whether the set is speech."""
    return dataset not in BURST_SETS


class Part(StrEnum):
    """What the clips of a speaker are used for."""

    TRAIN = "train"
    VALIDATION = "validation"
    TEST = "test"


def part_of(dataset: str, speaker: str) -> Part:
    """Return the part of a speaker. Every speaker of a set that is not named here is judged."""
    if dataset in NAMED_SETS:
        if speaker in TEST_SPEAKERS:
            return Part.TEST
        return Part.VALIDATION if speaker in VALIDATION_SPEAKERS else Part.TRAIN
    digits = re.findall(r"\d+", speaker)
    if dataset not in NUMBERED_SETS or not digits:
        return Part.TEST
    remainder = int(digits[-1]) % NUMBER_CYCLE
    if remainder in TEST_REMAINDERS:
        return Part.TEST
    return Part.VALIDATION if remainder in VALIDATION_REMAINDERS else Part.TRAIN
