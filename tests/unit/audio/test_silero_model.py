"""The speech detector costs no more than its own work: none of it is threads that wait."""

from __future__ import annotations

import json
import os
import subprocess
import sys

SOUND_S = 60
WARM_UP_S = 0.5
"""Other libraries' threads still spin for some milliseconds after they are loaded."""
MEASURE = f"""
import json, time
import numpy as np
from emotionmap_audio.silero_model import SileroDetector

sound = np.random.default_rng(0).integers(-3000, 3000, 512 * 31 * {SOUND_S}, np.int16)
detector = SileroDetector()
detector.listen(sound[:512])
time.sleep({WARM_UP_S})
wall_s, all_s, own_s = time.perf_counter(), time.process_time(), time.thread_time()
detector.listen(sound)
print(json.dumps([
    time.perf_counter() - wall_s, time.process_time() - all_s, time.thread_time() - own_s
]))
"""


def test_the_detector_keeps_to_the_thread_that_asks():
    """In a process of its own, as what is measured is settled when the library is loaded."""
    environment = {key: value for key, value in os.environ.items() if key != "OMP_THREAD_LIMIT"}
    command = [sys.executable, "-c", MEASURE]
    answer = subprocess.run(command, env=environment, capture_output=True, check=True, timeout=60)
    wall_s, all_s, own_s = json.loads(answer.stdout)
    assert all_s < 1.2 * wall_s
    assert all_s < 1.2 * own_s
