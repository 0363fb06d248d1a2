"""Fixed shapes give what free ones give, for every length that comes often; twins stay alike."""

from __future__ import annotations

import difflib
from pathlib import Path

import emotionmap_audio.execution
import emotionmap_face.execution
import numpy as np
import pytest
from emotionmap_audio.execution import BoundGraph, Device, FreeGraph, ProviderError, open_session
from emotionmap_audio.manifest import read_weights
from emotionmap_audio.model import SAMPLE_RATE_HZ
from emotionmap_audio.onnx_model import WARM_SHAPES, load_model
from emotionmap_audio.settings import SHIPPED_WEIGHTS, Settings

from tests.onnx_files import write_model

CPU_OF_TWO = Device(max_batch=2)


@pytest.fixture(scope="module")
def graphs():
    """Return the shipped model, free and bound to the CPU in batches of up to two."""
    weights = read_weights(SHIPPED_WEIGHTS)
    session = open_session(weights.data, threads=1, device=CPU_OF_TWO)
    bound = BoundGraph(session, weights.manifest, CPU_OF_TWO)
    for shape in WARM_SHAPES[:2]:
        bound.prepare(shape)
    return FreeGraph(session, weights.manifest), bound


def test_the_lengths_of_one_to_three_seconds_are_prepared():
    assert [shape[0] / SAMPLE_RATE_HZ for shape in WARM_SHAPES] == [1, 1.5, 2, 2.5, 3]


@pytest.mark.model
@pytest.mark.parametrize("samples", [16_000, 24_000, 9_999])  # the last was not prepared
@pytest.mark.parametrize("count", [1, 2, 3])
def test_fixed_shapes_give_what_free_ones_give(graphs, samples, count):
    free, bound = graphs
    waves = np.random.default_rng(0).standard_normal((count, samples), np.float32)
    assert bound.run(waves) == pytest.approx(free.run(waves), abs=1e-4)


def test_a_device_that_is_not_there_is_named_with_the_reason(tmp_path):
    weights = read_weights(write_model(tmp_path / "mine", modality="voice"))
    with pytest.raises(ProviderError, match=r"cuda cannot be used: .*CUDAExecutionProvider.*\.$"):
        load_model(weights, threads=1, device=Device("cuda"))


def test_the_settings_name_the_device(monkeypatch):
    assert Settings().device() == Device("cpu", 0, 16)
    monkeypatch.setenv("EMOTIONMAP_AUDIO_PROVIDER", "cuda")
    assert Settings().device() == Device("cuda", 0, 16)


def test_it_differs_from_its_twin_in_names_and_three_lines_only():
    twins = (emotionmap_face.execution, emotionmap_audio.execution)
    ours, other = (
        Path(twin.__file__).read_text().replace(twin.__package__, "").splitlines() for twin in twins
    )
    changed = [line for line in difflib.ndiff(ours, other) if line[0] in "+-"]
    assert len(changed) <= 5, changed
