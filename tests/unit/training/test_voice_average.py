"""Checkpoints of one run are averaged, weight by weight."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from training.voice.average import average, main  # noqa: E402


def checkpoint(value, *, size=1, steps=3):
    state = {"weight": torch.full((2,), float(value)), "steps": torch.tensor(steps)}
    return {"state": state, "config": {"hidden": size}}


def test_weights_are_the_mean_and_counters_the_last():
    mean = average([checkpoint(1, steps=4), checkpoint(2, steps=5)])["state"]
    assert mean["weight"].tolist() == [1.5, 1.5]
    assert mean["weight"].dtype == torch.float32
    assert mean["steps"] == 5


@pytest.mark.parametrize(
    "checkpoints", [[checkpoint(1)], [checkpoint(1), checkpoint(2, size=2)]], ids=["one", "sizes"]
)
def test_what_cannot_be_averaged_is_refused(checkpoints):
    with pytest.raises(ValueError, match="checkpoints"):
        average(checkpoints)


def test_the_command_writes_a_checkpoint(tmp_path):
    paths = [tmp_path / f"{value}.pt" for value in (0, 4)]
    for path, value in zip(paths, (0, 4), strict=True):
        torch.save(checkpoint(value), path)
    main([*map(str, paths), "--out", str(tmp_path / "mean")])
    written = torch.load(tmp_path / "mean/last.pt", weights_only=True)
    assert written["state"]["weight"].tolist() == [2.0, 2.0]
    assert written["config"] == {"hidden": 1}
