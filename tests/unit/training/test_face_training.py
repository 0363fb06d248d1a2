"""The face model learns, is saved, and is exported unchanged. Needs torch."""

from __future__ import annotations

import json
from dataclasses import asdict, replace

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("onnxscript")

from training.faces.augment import augment_batch  # noqa: E402
from training.faces.data import FaceSet  # noqa: E402
from training.faces.export import export, load_checkpoint  # noqa: E402
from training.faces.model import FaceConfig, FaceNet, FaceProbabilities, resized  # noqa: E402
from training.faces.train import Teachers, sampling_weights, train  # noqa: E402
from training.schedule import Clock, WeightAverage, learning_rate_factor  # noqa: E402
from training.weights import open_weights  # noqa: E402

TINY = FaceConfig(widths=(4, 8), depths=(1, 1), dropout=0.0)
COUNT = 400


@pytest.fixture
def faces():
    rng = np.random.default_rng(0)
    label = rng.integers(0, 7, COUNT)
    names = ("anger", "disgust", "fear", "happiness", "sadness", "surprise", "neutral")
    return FaceSet(
        pixels=rng.integers(0, 256, (COUNT, 48, 48)).astype(np.uint8),
        votes=10 * np.eye(7, dtype=np.float32)[label],
        vote_names=names,
        label=label,
        usage=np.full(COUNT, "Training"),
    )


def test_augmented_crops_stay_crops(faces):
    images = augment_batch(faces.pixels[:32], np.random.default_rng(0))
    assert images.shape == (32, 48, 48, 1)
    assert images.dtype == np.float32
    assert images.min() >= 0
    assert images.max() <= 1


def test_rare_classes_are_drawn_more_often():
    targets = np.eye(7, dtype=np.float32)[[0] * 90 + [1] * 10]
    weights = sampling_weights(targets)
    assert weights.sum() == pytest.approx(1)
    assert weights[-1] / weights[0] == pytest.approx(9**0.3)


def test_two_epochs_leave_a_checkpoint_that_loads(faces, tmp_path):
    train(faces, tmp_path, config=TINY, epochs=1, minutes=5, seed=0)
    line = json.loads((tmp_path / "log.jsonl").read_text(encoding="utf-8").splitlines()[-1])
    assert line["progress"] == 1
    module = load_checkpoint(tmp_path / "last.pt")
    assert module.net.config == TINY
    assert module(torch.rand(2, 48, 48, 1)).sum(dim=1).tolist() == pytest.approx([1, 1])


def test_a_student_learns_from_its_teachers(faces, tmp_path):
    teachers = Teachers([FaceNet(TINY), FaceNet(TINY)])
    images, votes = torch.rand(3, 48, 48, 1), torch.eye(7)[:3]
    answers = torch.stack([net(images).softmax(dim=1) for net in teachers.nets]).mean(dim=0)
    assert torch.allclose(teachers.teach(images, votes), (votes + answers) / 2, atol=1e-2)
    train(faces, tmp_path, config=TINY, epochs=1, minutes=5, seed=0, teachers=teachers)
    assert (tmp_path / "last.pt").exists()


def test_a_network_grows_without_changing_its_answers():
    net = trained(FaceNet(TINY))
    deeper = resized(net.state_dict(), TINY, replace(TINY, depths=(1, 3))).eval()
    images = torch.rand(2, 48, 48, 1)
    with torch.inference_mode():
        assert torch.allclose(net(images), deeper(images), atol=1e-5)


def test_a_network_that_shrinks_keeps_the_blocks_that_are_left():
    deep = replace(TINY, depths=(2, 1))
    net = trained(FaceNet(deep))
    smaller = resized(net.state_dict(), deep, TINY)
    assert torch.equal(smaller.features[3].body[0].weight, net.features[3].body[0].weight)
    assert torch.equal(smaller.features[4].body[0].weight, net.features[5].body[0].weight)
    with pytest.raises(ValueError, match="widths"):
        resized(net.state_dict(), deep, FaceConfig())


def trained(net):
    for values in net.state_dict().values():
        if values.is_floating_point():
            values.uniform_(0.2, 1.0)
    return net.eval()


@pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::DeprecationWarning")
def test_exported_file_equals_torch(tmp_path):
    module = FaceProbabilities(FaceNet(TINY)).eval()
    export(module, tmp_path)
    values = torch.rand(3, 48, 48, 1)
    with torch.inference_mode():
        expected = module(values).numpy()
    assert np.abs(open_weights(tmp_path).run(values.numpy()) - expected).max() < 1e-5


@pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::DeprecationWarning")
def test_the_temperature_is_part_of_the_graph(tmp_path):
    net = FaceNet(TINY).eval()
    export(FaceProbabilities(net), tmp_path, temperature=0.5)
    values = torch.rand(3, 48, 48, 1)
    with torch.inference_mode():
        expected = (net(values) / 0.5).softmax(dim=1).numpy()
    weights = open_weights(tmp_path)
    assert np.abs(weights.run(values.numpy()) - expected).max() < 1e-5
    assert weights.manifest["temperature"] == 1.0
    assert weights.temperature_in_graph == 0.5


def test_scores_do_not_depend_on_light_and_contrast():
    net = FaceNet(TINY).eval()
    images = torch.rand(2, 48, 48, 1)
    with torch.inference_mode():
        assert torch.allclose(net(images), net(images * 0.5 + 0.2), atol=1e-2)


def test_learning_rate_rises_and_ends_at_zero():
    assert learning_rate_factor(0.05) == pytest.approx(0.5)
    assert learning_rate_factor(0.1) == pytest.approx(1)
    assert learning_rate_factor(1.0) == pytest.approx(0)


def test_the_clock_ends_by_steps_or_by_minutes():
    clock = Clock(steps=4, minutes=60)
    clock.tick()
    assert clock.progress == pytest.approx(0.25)
    assert Clock(steps=4, minutes=1e-9).progress == 1


def test_the_average_follows_the_weights():
    net = FaceNet(TINY)
    average = WeightAverage(net, decay=0.5)
    with torch.no_grad():
        for weight in net.parameters():
            weight.fill_(1.0)
    for _ in range(40):
        average.update(net)
    assert all(torch.allclose(mean, torch.ones(())) for mean in average.model.parameters())
    assert asdict(average.model.config) == asdict(TINY)
