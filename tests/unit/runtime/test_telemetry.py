"""A log line is one JSON object that carries the call's context."""

from __future__ import annotations

import json
import logging
import sys
import urllib.request

from emotionmap_runtime.telemetry import JsonFormatter, Metrics, call_context


def formatted(**extra):
    record = logging.makeLogRecord({"name": "x", "msg": "done", "levelname": "INFO", **extra})
    return json.loads(JsonFormatter("face").format(record))


def test_line_carries_message_values_and_context() -> None:
    token = call_context.set({"analysis_id": "a1"})
    line = formatted(frames=3)
    call_context.reset(token)
    assert (line["service"], line["message"], line["frames"]) == ("face", "done", 3)
    assert line["analysis_id"] == "a1"


def test_line_carries_the_traceback() -> None:
    try:
        raise ValueError("broken")
    except ValueError:
        line = formatted(exc_info=sys.exc_info())
    assert "ValueError: broken" in line["exception"]


def test_metrics_are_served_over_http(unused_tcp_port) -> None:
    metrics = Metrics.create()
    metrics.model_loaded.set(1)
    with metrics.serve(host="127.0.0.1", port=unused_tcp_port):
        url = f"http://127.0.0.1:{unused_tcp_port}/metrics"
        with urllib.request.urlopen(url, timeout=5) as response:
            text = response.read().decode()
    assert "em_model_loaded 1.0" in text
