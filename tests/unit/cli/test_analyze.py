"""`emotionmap analyze` against a gateway that keeps to the HTTP contract."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from emotionmap_cli import analyze as module
from emotionmap_cli.__main__ import run
from emotionmap_cli.analyze import AnalyzeRequest, analyze
from emotionmap_cli.failures import Failure
from emotionmap_cli.local import locked
from fastapi.responses import JSONResponse, Response

from tests.unit.cli.fake_gateway import HAPPY_PATH, analysis, problem, serving_gateway

UNFINISHED = HAPPY_PATH[:3]
COMMAND = Path(sys.executable).with_name("emotionmap")


def test_the_timeline_goes_to_stdout(gateway, script, video, capfd) -> None:
    assert run(["analyze", str(video), "--server", gateway]) == 0
    out, err = capfd.readouterr()
    assert json.loads(out)["schema"] == "emotionmap.timeline/1"
    assert script.bodies == [("my clip.mp4", video.read_bytes(), {})]
    assert err == "Analysing: 50%, 1 segment done\nAnalysing: 100%, 2 segments done\n"


def test_the_analysis_is_deleted_and_its_pictures_are_not_named(
    gateway, script, video, capfd
) -> None:
    run(["analyze", str(video), "--server", gateway])
    assert script.deleted.is_set()
    assert json.loads(capfd.readouterr().out)["people"] == [{"id": "p1", "thumbnail": None}]


def test_keep_leaves_the_analysis(gateway, script, video, capfd) -> None:
    assert run(["analyze", str(video), "--server", gateway, "--keep"]) == 0
    assert not script.deleted.is_set()
    assert json.loads(capfd.readouterr().out)["people"] == [{"id": "p1", "thumbnail": "/v1/x"}]


def test_options_and_format_reach_the_gateway(gateway, script, video, tmp_path) -> None:
    out = tmp_path / "out.csv"
    command = ["analyze", str(video), "--server", gateway, "--format", "csv", "--out", str(out)]
    assert run([*command, "--set", "interval=0.5", "--set", "detector=yunet"]) == 0
    assert script.bodies[0][2] == {"interval": 0.5, "detector": "yunet"}
    assert script.formats == ["csv"]
    assert out.read_bytes() == b"start,end\r\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["my clip.mp4", "out.csv"]


def test_a_broken_stream_is_taken_up_after_the_last_event(gateway, script, video, capfd) -> None:
    script.drop_after = 3
    assert run(["analyze", str(video), "--server", gateway]) == 0
    assert script.last_event_ids == [None, "3"]
    assert "2 segments" in capfd.readouterr().err


def test_a_busy_gateway_is_asked_again_with_the_same_key(gateway, script, video, capfd) -> None:
    busy = problem(429, "QUEUE_FULL", "Too much to do.", {"Retry-After": "0"})
    script.refusals = [busy]
    assert run(["analyze", str(video), "--server", gateway]) == 0
    assert len(script.keys) == 2
    assert len(set(script.keys)) == 1


@pytest.mark.parametrize(
    "answer",
    [
        Response("<h1>Not here</h1>", 501),
        JSONResponse({"detail": "Not Found"}, 404),
        JSONResponse({"ok": True}),
        Response("hello"),
    ],
)
def test_what_is_no_emotionmap_is_named_so(gateway, script, video, capfd, answer) -> None:
    script.refusals = [answer]
    assert run(["analyze", str(video), "--server", gateway]) == 1
    out, err = capfd.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert "none of EmotionMap's; is the address right?" in err


@pytest.mark.parametrize(
    ("refusals", "status"),
    [
        ([problem(400, "MEDIA_UNREADABLE", "This is no video.")], 2),
        ([problem(413, "MEDIA_TOO_LARGE", "This is no video.")], 2),
        ([problem(429, "MEDIA_TOO_LONG", "This is no video.")], 2),
        ([problem(501, "CODEC_UNSUPPORTED", "This is no video.")], 2),
        ([problem(500, "INTERNAL", "This is no video.")], 1),
        ([problem(429, "QUEUE_FULL", "This is no video.", {"Retry-After": "0"})] * 3, 1),
    ],
)
def test_a_refusal_is_one_line(gateway, script, video, capfd, refusals, status) -> None:
    script.refusals = list(refusals)
    assert run(["analyze", str(video), "--server", gateway]) == status
    assert capfd.readouterr() == ("", "emotionmap: error: This is no video.\n")


@pytest.mark.parametrize(
    ("reason", "status"), [("MEDIA_UNREADABLE", 2), ("SERVICE_UNAVAILABLE", 1)]
)
def test_a_failed_analysis_says_why_and_is_deleted(
    gateway, script, video, capfd, reason, status
) -> None:
    failure = {"reason": reason, "message": "It broke."}
    script.events = (("analysis", analysis("FAILED", failure=failure)),)
    assert run(["analyze", str(video), "--server", gateway]) == status
    assert capfd.readouterr() == ("", "emotionmap: error: It broke.\n")
    assert script.deleted.is_set()


def test_an_analysis_cancelled_elsewhere_fails(gateway, script, video, capfd) -> None:
    script.events = (("analysis", analysis("CANCELLED")),)
    assert run(["analyze", str(video), "--server", gateway]) == 1
    assert "cancelled" in capfd.readouterr().err


def test_a_gateway_that_goes_away_is_a_failure(script, video) -> None:
    script.events, script.hang = UNFINISHED, True
    with serving_gateway(script) as (address, end):
        ender = threading.Thread(target=lambda: (script.watched.wait(10), end()))
        ender.start()
        with pytest.raises(Failure, match="went away") as caught:
            analyze(AnalyzeRequest(video, server=address), patience_s=0.2)
        ender.join()
    assert caught.value.exit_status == 1


def test_no_gateway_is_a_failure(script, video, capfd) -> None:
    with serving_gateway(script) as (address, _):
        pass
    assert run(["analyze", str(video), "--server", address]) == 1
    assert capfd.readouterr().err.startswith("emotionmap: error: The server cannot be reached")


def test_a_timeout_stops_and_deletes(gateway, script, video, capfd) -> None:
    script.events, script.hang = UNFINISHED, True
    assert run(["analyze", str(video), "--server", gateway, "--timeout", "0.5"]) == 1
    assert "not finished in time" in capfd.readouterr().err
    assert script.deleted.is_set()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_deletes_the_analysis(gateway, script, video, number) -> None:
    script.events, script.hang = UNFINISHED, True
    command = [Path(sys.executable).with_name("emotionmap"), "analyze", video, "--server", gateway]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert script.watched.wait(30)
        process.send_signal(number)
        out, err = process.communicate(timeout=30)
    assert (process.returncode, out) == (130, b"")
    assert err.splitlines()[-1] == b"emotionmap: interrupted"
    assert script.deleted.is_set()


def directory(path):
    path.mkdir()


def empty(path):
    path.touch()


def too_large(path):
    with path.open("wb") as file:
        file.truncate(500_000_001)  # sparse


def fifo(path):
    os.mkfifo(path)


@pytest.mark.parametrize("make", [lambda path: None, directory, empty, too_large, fifo])
def test_what_is_no_video_is_refused_before_anything_starts(
    make, tmp_path, capfd, monkeypatch
) -> None:
    monkeypatch.setattr(module, "running", None)  # would fail if anything were started
    make(tmp_path / "x\ny.mp4")
    assert run(["analyze", str(tmp_path / "x\ny.mp4")]) == 2
    out, err = capfd.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert err.startswith("emotionmap: error: ")


def test_500_mb_are_not_too_large(tmp_path) -> None:
    path = tmp_path / "x.mp4"
    with path.open("wb") as file:
        file.truncate(500_000_000)
    module.check_video(path)
    assert path.stat().st_size == 500_000_000


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["fly"],
        ["analyze"],
        ["analyze", "{video}", "--format", "xml"],
        ["analyze", "{video}", "--frob"],
        ["analyze", "{video}", "--set", "interval"],
        ["analyze", "{video}", "--set", "=1"],
        ["analyze", "{video}", "--set", "colour=red"],
        ["analyze", "{video}", "--set", "interval=0.1"],
        ["analyze", "{video}", "--timeout", "0"],
        ["analyze", "{video}", "--timeout", "nan"],
        ["analyze", "{video}", "--keep"],
        ["analyze", "{video}", "--server", "ftp://x"],
        ["analyze", "{video}", "--server", "127.0.0.1:none"],
        ["analyze", "{video}", "--server", "http://a\x01b"],
        ["analyze", "{video}", "--out", "{folder}"],
        ["analyze", "{video}", "--out", "{video}"],
        ["analyze", "{video}", "--out", "{folder}/no/such/x.json"],
        ["up", "--port", "70000"],
        ["up", "--port", "8477", "--grpc-port", "8477"],
    ],
)
def test_a_bad_command_line_is_one_line_and_2(arguments, video, capfd, monkeypatch) -> None:
    monkeypatch.setattr(module, "running", None)
    filled = [text.format(video=video, folder=video.parent) for text in arguments]
    assert run(filled) == 2
    out, err = capfd.readouterr()
    assert out == ""
    assert err.count("\n") == 1


@pytest.mark.parametrize("arguments", [["--help"], ["analyze", "--help"], ["--version"]])
def test_help_ends_with_0(arguments, capfd) -> None:
    with pytest.raises(SystemExit) as caught:
        run(arguments)
    assert caught.value.code == 0
    assert "emotionmap" in capfd.readouterr().out


def test_folders_of_killed_runs_are_swept_and_those_of_live_ones_are_not(
    tmp_path, monkeypatch
) -> None:
    monkeypatch.setattr(module.tempfile, "gettempdir", lambda: str(tmp_path))
    stale, live, foreign = (tmp_path / f"emotionmap-{name}" for name in ("a", "b", "c"))
    foreign.mkdir()
    with locked(stale):
        pass
    with locked(live):
        module._sweep()
    assert not stale.exists()
    assert live.exists()
    assert foreign.exists()
