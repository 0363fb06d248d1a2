"""What tests share: clips, and one running system of five real processes."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from emotionmap_cli.local import running
from hypothesis import HealthCheck, settings

from tests.clips import Scene, write_clip

# A busy machine is slow, which is no defect of what is tested.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")

REPOSITORY = Path(__file__).parents[1]
SHARED_MEDIA = REPOSITORY.parent / "shared/media"

# Face without voice, neither, both, voice without face, and a last partial second.
ASTRONAUT_SCENES = [
    Scene(4, face=True),
    Scene(4),
    Scene(4, face=True, voice=True),
    Scene(4.4, voice=True),
]


@pytest.fixture(scope="session")
def astronaut_video(tmp_path_factory) -> Path:
    """16.4 s, 640x360, 25 fps, H.264 + AAC; see ASTRONAUT_SCENES."""
    return write_clip(tmp_path_factory.mktemp("clips") / "astronaut.mp4", ASTRONAUT_SCENES)


@pytest.fixture(scope="session")
def system(tmp_path_factory):
    """Five services on free ports with the shipped models and the built page."""
    with running(tmp_path_factory.mktemp("system")) as started:
        yield started


@pytest.fixture(scope="session")
def shared_media() -> Path:
    """Folder of real videos, where there is one."""
    if not SHARED_MEDIA.is_dir():
        pytest.skip(f"no real videos at {SHARED_MEDIA}")
    return SHARED_MEDIA


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of Chromium; in CI it must be there."""
    path = (
        os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    )
    if path is None and not os.environ.get("CI"):
        pytest.skip("no Chromium on this machine (Debian: apt-get install chromium)")
    assert path is not None, "CI must install Chromium"
    return path
