"""Fixed shapes give what free ones give; a device that is not there is an error, not the CPU."""

from __future__ import annotations

import numpy as np
import pytest
from emotionmap_face.execution import BoundGraph, Device, FreeGraph, ProviderError, open_session
from emotionmap_face.manifest import read_weights
from emotionmap_face.onnx_model import load_model
from emotionmap_face.settings import SHIPPED_WEIGHTS, Settings

from tests.onnx_files import write_model

SHAPE = (48, 48, 1)
CPU_OF_FIVE = Device(max_batch=5)


@pytest.fixture(scope="module")
def graphs():
    """Return the shipped model, free and bound to the CPU in batches of up to five."""
    weights = read_weights(SHIPPED_WEIGHTS)
    session = open_session(weights.data, threads=1, device=CPU_OF_FIVE)
    bound = BoundGraph(session, weights.manifest, CPU_OF_FIVE)
    bound.prepare(SHAPE)
    return FreeGraph(session, weights.manifest), bound


def crops(count, seed=0):
    return np.random.default_rng(seed).random((count, *SHAPE), np.float32)


def test_batches_are_filled_up_to_powers_of_two_and_the_largest():
    assert Device(max_batch=64).batch_sizes() == [1, 2, 4, 8, 16, 32, 64]
    assert Device(max_batch=5).batch_sizes() == [1, 2, 4, 5]
    assert Device(max_batch=1).batch_sizes() == [1]


@pytest.mark.model
@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 6, 12])
def test_fixed_shapes_give_what_free_ones_give(graphs, count):
    free, bound = graphs
    bound.run(crops(5, seed=9))  # what is left of it must not be seen
    assert bound.run(crops(count)) == pytest.approx(free.run(crops(count)), abs=1e-5)


@pytest.mark.model
def test_a_later_batch_leaves_an_earlier_answer_alone(graphs):
    _, bound = graphs
    first = bound.run(crops(2))
    before = first.copy()
    bound.run(crops(2, seed=1))
    assert np.array_equal(first, before)


@pytest.mark.model
def test_memory_is_taken_for_each_size_once(graphs):
    _, bound = graphs
    places = dict(bound._places)
    bound.run(crops(3))
    assert bound._places == places
    assert [shape[0] for shape in places] == [1, 2, 4, 5]


def test_a_device_that_is_not_there_is_named_with_the_reason(tmp_path):
    weights = read_weights(write_model(tmp_path / "mine"))
    with pytest.raises(ProviderError, match=r"cuda cannot be used: .*CUDAExecutionProvider.*\.$"):
        load_model(weights, threads=1, device=Device("cuda"))


def test_the_settings_name_the_device(monkeypatch):
    assert Settings().device() == Device("cpu", 0, 64)
    monkeypatch.setenv("EMOTIONMAP_FACE_PROVIDER", "cuda")
    monkeypatch.setenv("EMOTIONMAP_FACE_DEVICE_ID", "1")
    monkeypatch.setenv("EMOTIONMAP_FACE_MAX_BATCH", "8")
    assert Settings().device() == Device("cuda", 1, 8)
