"""The bench of the models alone: its arithmetic, and a run in the smallest sizes on the CPU."""

from __future__ import annotations

import numpy as np
import pytest
from emotionmap_face.execution import open_session

from tests.bench import gpu, wav2vec2
from tests.onnx_files import product_chain

SMALLEST = gpu.Extent((1, 2), (1,), 16, 0.0)


def test_wav2vec2_base_takes_what_its_paper_says() -> None:
    # 94 million weights, most of which meet each of the 49 frames of a second once.
    assert wav2vec2.products(16_000) == pytest.approx(6.9e9, rel=0.05)


def test_the_chain_multiplies_as_often_as_it_says() -> None:
    session = open_session(product_chain(3), threads=1, device=gpu.face_execution.Device())
    a, b = np.eye(2, dtype=np.float32), np.diag([2.0, 3.0]).astype(np.float32)
    (out,) = session.run(None, {"a": a, "b": b})
    assert out.ravel().tolist() == [4.0, 13.5]


@pytest.mark.model
def test_rates_and_differences_are_reported() -> None:
    report = gpu.Bench("cpu", 0, 1, SMALLEST).run(None)
    assert {"face_batch_2_per_s", "voice_batch_1_s_per_s", "matmul_tflops"} <= set(report)
    assert report["face_largest_difference"] < 1e-5
    assert all(value > 0 for name, value in report.items() if "difference" not in name)


def test_a_device_that_is_not_there_ends_it(capsys, tmp_path) -> None:
    with pytest.raises(SystemExit, match="bench-gpu: The provider cuda cannot be used"):
        gpu.main(["--provider", "cuda", "--out", str(tmp_path / "report.json")])
    assert capsys.readouterr().out == ""


def test_without_torch_wav2vec2_base_is_left_out_by_name(capsys, tmp_path) -> None:
    assert gpu.base_model(tmp_path / "base", tmp_path / "python") is None
    assert "wav2vec2-base is left out" in capsys.readouterr().err
