"""Decisions on one interval: tables worked out by hand, and what must hold for all inputs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from emotionmap_fusion.evidence import EMOTIONS, is_distribution
from emotionmap_fusion.fuse import UNSURE, Evidence, decide, within
from emotionmap_fusion.weighted_mean import WeightedMean, blend
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.unit.fusion.cases import WEIGHING, distributions, masks

ANGER, HAPPY, SURPRISE, NEUTRAL = 0, 3, 5, 6
NO_SURPRISE = np.arange(EMOTIONS) != SURPRISE
NO_HAPPY = np.arange(EMOTIONS) != HAPPY
EXACT = 1e-12  # float64 rounding of a few operations

MEAN = WeightedMean()


def scores(**shares: float) -> np.ndarray:
    """Distribution with these entries, such as scores(ANGER=0.4, HAPPY=0.6)."""
    values = np.zeros(EMOTIONS)
    for name, share in shares.items():
        values[globals()[name]] = share
    return values


weights = st.floats(0, 1).filter(lambda weight: weight == 0 or weight > 1e-6)


def test_two_kinds_are_weighed() -> None:
    decision = decide(
        scores(HAPPY=1), scores(ANGER=0.5, HAPPY=0.5), weighing=WEIGHING, strategy=MEAN
    )
    assert decision.scores == pytest.approx(scores(HAPPY=0.775, ANGER=0.225), abs=EXACT)
    assert (decision.emotion, decision.evidence) == (HAPPY + 1, Evidence.BOTH)
    assert decision.confidence == pytest.approx(0.775, abs=EXACT)


@pytest.mark.parametrize(
    ("face", "voice", "evidence"),
    [
        (scores(HAPPY=0.9, ANGER=0.1), None, Evidence.FACE),
        (None, scores(HAPPY=0.9, ANGER=0.1), Evidence.VOICE),
    ],
)
def test_one_kind_decides_alone_and_unweakened(face, voice, evidence) -> None:
    decision = decide(face, voice, weighing=WEIGHING, strategy=MEAN)
    assert decision.evidence is evidence
    assert decision.confidence == pytest.approx(0.9, abs=EXACT)


def test_no_evidence_is_unsure_without_scores() -> None:
    decision = decide(None, None, weighing=WEIGHING, strategy=MEAN)
    assert (decision.emotion, decision.confidence) == (UNSURE, 0.0)
    assert (decision.evidence, decision.scores) == (Evidence.NONE, None)


@pytest.mark.parametrize(("floor", "emotion"), [(0.3, HAPPY + 1), (0.31, UNSURE)])
def test_floor_takes_the_emotion_and_nothing_else(floor, emotion) -> None:
    face = scores(HAPPY=0.3, ANGER=0.25, NEUTRAL=0.25, SURPRISE=0.2)
    decision = decide(face, None, weighing=replace(WEIGHING, confidence_floor=floor), strategy=MEAN)
    assert decision.emotion == emotion
    assert decision.evidence is Evidence.FACE
    assert decision.confidence == pytest.approx(0.3, abs=EXACT)
    assert decision.scores == pytest.approx(face, abs=EXACT)


@pytest.mark.parametrize(
    ("face_weight", "voice_weight", "evidence", "emotion"),
    [(1, 0, Evidence.FACE, HAPPY), (0, 1, Evidence.VOICE, ANGER)],
)
def test_evidence_of_weight_zero_does_not_count(
    face_weight, voice_weight, evidence, emotion
) -> None:
    weighing = replace(WEIGHING, face_weight=face_weight, voice_weight=voice_weight)
    decision = decide(scores(HAPPY=1), scores(ANGER=1), weighing=weighing, strategy=MEAN)
    assert (decision.evidence, decision.emotion) == (evidence, emotion + 1)
    assert decision.confidence == 1.0


@pytest.mark.parametrize("voice", [scores(NEUTRAL=1), scores(ANGER=0.5, HAPPY=0.5), None])
def test_surprise_reaches_one_whatever_a_voice_model_without_it_says(voice) -> None:
    weighing = replace(WEIGHING, voice_mask=NO_SURPRISE)
    decision = decide(scores(SURPRISE=1), voice, weighing=weighing, strategy=MEAN)
    assert (decision.emotion, decision.confidence) == (SURPRISE + 1, 1.0)


def test_masked_class_is_weighed_over_the_other_model() -> None:
    """Surprise stays 0.5; the voice speaks about the other half: 0.55 * 0.5 and 0.45 * 0.5."""
    weighing = replace(WEIGHING, voice_mask=NO_SURPRISE)
    fused = blend(scores(SURPRISE=0.5, HAPPY=0.5), scores(ANGER=1), weighing=weighing)
    assert fused == pytest.approx(scores(SURPRISE=0.5, HAPPY=0.275, ANGER=0.225), abs=EXACT)


def test_masks_on_both_sides() -> None:
    """Voice q = .5 S + .5 H; face q = .4 H + .6 (.5 S + .5 N); fused = .55 face + .45 voice."""
    weighing = replace(WEIGHING, voice_mask=NO_SURPRISE, face_mask=NO_HAPPY)
    face, voice = scores(SURPRISE=0.5, NEUTRAL=0.5), scores(HAPPY=0.4, ANGER=0.6)
    fused = blend(face, voice, weighing=weighing)
    wanted = scores(
        SURPRISE=0.55 * 0.6 * 0.5 + 0.45 * 0.5,
        NEUTRAL=0.55 * 0.6 * 0.5,
        HAPPY=0.55 * 0.4 + 0.45 * 0.5 * 0.4,
        ANGER=0.45 * 0.5 * 0.6,
    )
    assert fused == pytest.approx(wanted, abs=EXACT)


def test_class_that_no_model_expresses_is_zero() -> None:
    weighing = replace(WEIGHING, voice_mask=NO_SURPRISE, face_mask=NO_SURPRISE)
    assert blend(scores(HAPPY=1), scores(ANGER=1), weighing=weighing)[SURPRISE] == 0


@given(st.data(), weights, weights, masks, masks)
def test_fused_scores_are_a_distribution(data, face_weight, voice_weight, face_mask, voice_mask):
    assume(face_weight + voice_weight > 0)
    weighing = replace(
        WEIGHING,
        face_weight=face_weight,
        voice_weight=voice_weight,
        face_mask=face_mask,
        voice_mask=voice_mask,
    )
    face = data.draw(distributions(face_mask))
    voice = data.draw(distributions(voice_mask))
    fused = decide(face, voice, weighing=weighing, strategy=MEAN).scores
    assert is_distribution(fused)
    assert not fused[~(face_mask | voice_mask)].any()


@given(distributions(), distributions())
def test_without_masks_it_is_the_weighted_mean(face, voice) -> None:
    fused = blend(face, voice, weighing=WEIGHING)
    assert fused == pytest.approx(0.55 * face + 0.45 * voice, abs=EXACT)


@given(distributions(), distributions(NO_SURPRISE))
def test_surprise_is_neither_held_down_nor_pushed_up(face, voice) -> None:
    fused = blend(face, voice, weighing=replace(WEIGHING, voice_mask=NO_SURPRISE))
    assert fused[SURPRISE] == pytest.approx(face[SURPRISE], abs=EXACT)


@given(distributions(), distributions(), masks)
def test_the_two_sides_are_symmetric(face, voice, mask) -> None:
    assume(voice[mask].sum() > 0.5)
    voice = within(voice, mask)
    one = replace(WEIGHING, voice_mask=mask)
    other = replace(WEIGHING, face_weight=0.45, voice_weight=0.55, face_mask=mask)
    swapped = blend(voice, face, weighing=other)
    assert blend(face, voice, weighing=one) == pytest.approx(swapped, abs=EXACT)
