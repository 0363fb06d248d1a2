"""The calibrated strategy: worked out by hand, and what must hold for all inputs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from emotionmap_fusion.calibration import read_calibration
from emotionmap_fusion.evidence import EMOTIONS, is_distribution
from emotionmap_fusion.fuse import Evidence, decide
from emotionmap_fusion.reliability import FLOOR, Pool, Reliability
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.unit.fusion.cases import ALL, WEIGHING, distributions, masks

ANGER, HAPPY, SADNESS, SURPRISE, NEUTRAL = 0, 3, 4, 5, 6
NO_SURPRISE = np.arange(EMOTIONS) != SURPRISE
NO_HAPPY = np.arange(EMOTIONS) != HAPPY
EXACT = 1e-9
SHIPPED = read_calibration().strategy()


def pool(*exponents, offsets=()):
    shift = np.zeros(EMOTIONS)
    for emotion, offset in offsets:
        shift[emotion] = offset
    return Pool(np.array(exponents)[:, None] * np.ones(EMOTIONS), shift)


PLAIN = Reliability(face=pool(1.0), voice=pool(1.0), both=pool(1.0, 1.0))


def scores(*shares):
    """Distribution with these shares of emotions; the rest is spread evenly."""
    values = np.full(EMOTIONS, (1 - sum(share for _, share in shares)) / (EMOTIONS - len(shares)))
    for emotion, share in shares:
        values[emotion] = share
    return values


def test_exponents_of_one_multiply_the_answers() -> None:
    face, voice = scores((HAPPY, 0.5), (SADNESS, 0.25)), scores((HAPPY, 0.4), (SADNESS, 0.4))
    fused = PLAIN.together(face, voice, weighing=WEIGHING)
    assert fused == pytest.approx(face * voice / (face * voice).sum(), abs=EXACT)


def test_models_that_agree_are_surer_together() -> None:
    face, voice = scores((HAPPY, 0.6)), scores((HAPPY, 0.6))
    assert SHIPPED.together(face, voice, weighing=WEIGHING)[HAPPY] > 0.6


def test_the_more_reliable_model_wins_a_dispute() -> None:
    trusting = replace(PLAIN, both=pool(1.0, 0.3))
    fused = trusting.together(scores((HAPPY, 0.7)), scores((ANGER, 0.7)), weighing=WEIGHING)
    assert fused.argmax() == HAPPY


def test_an_offset_makes_an_emotion_more_or_less_common() -> None:
    rare = replace(PLAIN, face=pool(1.0, offsets=[(NEUTRAL, -np.log(3))]))
    alone = rare.face_alone(scores((NEUTRAL, 0.6), (SADNESS, 0.3)), mask=ALL)
    assert alone[SADNESS] / alone[NEUTRAL] == pytest.approx(1.5, abs=EXACT)


def test_one_kind_alone_uses_its_own_pool() -> None:
    strategy = replace(PLAIN, face=pool(2.0), voice=pool(0.0))
    face = scores((HAPPY, 0.5))
    seen = decide(face, None, weighing=WEIGHING, strategy=strategy)
    heard = decide(None, face, weighing=WEIGHING, strategy=strategy)
    assert seen.scores == pytest.approx(face**2 / (face**2).sum(), abs=EXACT)
    assert heard.scores == pytest.approx(np.full(EMOTIONS, 1 / EMOTIONS), abs=EXACT)


@pytest.mark.parametrize(
    ("face_weight", "voice_weight", "evidence", "emotion"),
    [(0.01, 0, Evidence.FACE, HAPPY), (0, 0.01, Evidence.VOICE, ANGER)],
)
def test_a_weight_of_zero_leaves_the_modality_out(face_weight, voice_weight, evidence, emotion):
    weighing = replace(WEIGHING, face_weight=face_weight, voice_weight=voice_weight)
    face, voice = scores((HAPPY, 0.9)), scores((ANGER, 0.9))
    decision = decide(face, voice, weighing=weighing, strategy=SHIPPED)
    assert (decision.evidence, decision.emotion) == (evidence, emotion + 1)


@given(distributions(), distributions(), st.floats(0.01, 1), st.floats(0.01, 1))
def test_other_weights_change_nothing(face, voice, face_weight, voice_weight) -> None:
    other = replace(WEIGHING, face_weight=face_weight, voice_weight=voice_weight)
    one = SHIPPED.together(face, voice, weighing=WEIGHING)
    assert SHIPPED.together(face, voice, weighing=other) == pytest.approx(one, abs=0)


@given(distributions(), distributions(NO_SURPRISE))
def test_a_voice_without_surprise_neither_lowers_nor_raises_it(face, voice) -> None:
    weighing = replace(WEIGHING, voice_mask=NO_SURPRISE)
    seen = SHIPPED.face_alone(face, mask=ALL)[SURPRISE]
    assume(seen < 1 - FLOOR)
    fused = SHIPPED.together(face, voice, weighing=weighing)
    assert fused[SURPRISE] == pytest.approx(seen, abs=EXACT)


def test_two_sure_models_without_a_common_emotion_share() -> None:
    weighing = replace(
        WEIGHING, face_mask=np.arange(EMOTIONS) == HAPPY, voice_mask=np.arange(EMOTIONS) == ANGER
    )
    fused = SHIPPED.together(np.eye(EMOTIONS)[HAPPY], np.eye(EMOTIONS)[ANGER], weighing=weighing)
    assert fused[[HAPPY, ANGER]] == pytest.approx([0.5, 0.5], abs=EXACT)


@given(st.data(), masks, masks)
def test_fused_scores_are_a_distribution_of_what_can_be_expressed(data, face_mask, voice_mask):
    weighing = replace(WEIGHING, face_mask=face_mask, voice_mask=voice_mask)
    face = data.draw(distributions(face_mask))
    voice = data.draw(distributions(voice_mask))
    fused = SHIPPED.together(face, voice, weighing=weighing)
    assert is_distribution(fused)
    assert not fused[~(face_mask | voice_mask)].any()
    assert is_distribution(SHIPPED.face_alone(face, mask=face_mask))
    assert is_distribution(SHIPPED.voice_alone(voice, mask=voice_mask))


@given(distributions(), distributions(), st.integers(0, EMOTIONS - 1))
def test_more_evidence_for_an_emotion_never_makes_it_less_likely(face, voice, emotion) -> None:
    more = (face + np.eye(EMOTIONS)[emotion]) / 2
    before = SHIPPED.together(face, voice, weighing=WEIGHING)[emotion]
    assert SHIPPED.together(more, voice, weighing=WEIGHING)[emotion] >= before - EXACT
