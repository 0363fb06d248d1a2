"""Tables of the gateway that must not disagree with others."""

from __future__ import annotations

import math
import re
from pathlib import Path

import grpc
import pytest
from emotionmap_gateway import reasons
from emotionmap_gateway.http import problems
from emotionmap_gateway.settings import Settings
from emotionmap_runtime.errors import ServiceError
from emotionmap_runtime.server import SERVER_OPTIONS
from pydantic import ValidationError

PROTO = Path(__file__).parents[3] / "proto/emotionmap/v1/analysis_service.proto"
OF_MEDIA = {
    "CODEC_UNSUPPORTED",
    "MEDIA_NO_STREAMS",
    "MEDIA_TOO_LONG",
    "MEDIA_ZERO_LENGTH",
}
IN_FAILURES = {"INTERNAL", "JOB_CRASHED"}


def raised() -> set[str]:
    return {
        value
        for name, value in vars(reasons).items()
        if name.isupper() and isinstance(value, str) and not name.startswith("_")
    }


def test_reasons_are_those_of_the_proto():
    service = PROTO.read_text().split("\n// Analyses videos.")[1].split("\n}\n")[0]
    documented = set(re.findall(r"`([A-Z]+(?:_[A-Z]+)+)`", service))
    assert raised() - reasons.HTTP_ONLY - IN_FAILURES == documented - OF_MEDIA


def test_each_reason_is_its_own_name():
    assert all(getattr(reasons, reason) == reason for reason in raised())


@pytest.mark.parametrize("code", [code for code in grpc.StatusCode if code.value[0]])
def test_every_code_has_a_status(code):
    body = problems.problem(ServiceError(code, "SOME_REASON", "A sentence."))
    assert 400 <= body["status"] <= 599
    assert body["type"] == "https://emotionmap.dev/problems/some-reason"
    assert body["title"] == "Some reason"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HTTP_PORT", "70000"),
        ("SEGMENTS_IN_FLIGHT", "0"),
        ("EXECUTOR_ID", "a b"),
        ("LOG_LEVEL", "x"),
    ],
)
def test_settings_out_of_bounds_are_refused(monkeypatch, name, value):
    monkeypatch.setenv(f"EMOTIONMAP_GATEWAY_{name}", value)
    with pytest.raises(ValidationError):
        Settings()


def test_no_connection_ends_under_a_call_that_may_last_as_long_as_any():
    longest_s = max(value for name, value in Settings() if name.endswith("_timeout_s"))
    grace_ms = dict(SERVER_OPTIONS).get("grpc.max_connection_age_grace_ms", math.inf)
    assert grace_ms >= longest_s * 1000


@pytest.mark.parametrize("name", ["EMOTIONMAP_DATA_DIR", "EMOTIONMAP_GATEWAY_DATA_DIR"])
def test_the_data_folder_has_two_names(monkeypatch, name, tmp_path):
    monkeypatch.setenv(name, str(tmp_path))
    assert Settings().main_url() == f"sqlite:///{tmp_path}/emotionmap.sqlite3"


def test_a_database_url_is_not_shown(monkeypatch):
    monkeypatch.setenv("EMOTIONMAP_GATEWAY_DATABASE_URL", "postgresql+psycopg://u:secret@h/d")
    settings = Settings()
    assert "secret" not in settings.model_dump_json()
    assert settings.main_url().endswith("secret@h/d")
    assert not settings.is_embedded
