"""Settings come from the environment and stay within bounds."""

from __future__ import annotations

from pathlib import Path

import pytest
from emotionmap_media.settings import Settings
from pydantic import ValidationError


def test_defaults(monkeypatch):
    monkeypatch.delenv("EMOTIONMAP_DATA_DIR", raising=False)
    settings = Settings()
    assert (settings.host, settings.port, settings.max_media_bytes) == (
        "127.0.0.1",
        50051,
        500_000_000,
    )
    assert settings.data_dir == Path(".emotionmap")


@pytest.mark.parametrize("name", ["EMOTIONMAP_MEDIA_DATA_DIR", "EMOTIONMAP_DATA_DIR"])
def test_the_data_folder_has_two_names(monkeypatch, name):
    monkeypatch.setenv(name, "/somewhere")
    assert Settings().data_dir == Path("/somewhere")


@pytest.mark.parametrize(
    ("name", "value"), [("PORT", "70000"), ("WORKERS", "0"), ("LOG_LEVEL", "LOUD")]
)
def test_values_out_of_bounds_are_refused(monkeypatch, name, value):
    monkeypatch.setenv(f"EMOTIONMAP_MEDIA_{name}", value)
    with pytest.raises(ValidationError):
        Settings()
