"""The smoke analysis, `status` and port-forward of `python -m deploy`."""

from __future__ import annotations

import io
from contextlib import contextmanager

import httpx
import pytest
from rich.console import Console

from deploy.tool import commands, display, smoke, status
from deploy.tool.failures import DeployError
from deploy.tool.forward import forwarding
from deploy.tool.smoke_video import smoke_video
from tests.unit.deploy.fake_cluster import FakeCluster, pod, running

MODELS = {
    "face_models": [{"name": "emotionmap-face", "version": "3"}],
    "voice_models": [{"name": "emotionmap-voice", "version": "2"}],
}
METRICS = 'em_queue_depth 12.0\nem_open_analyses{state="queued"} 3.0\nem_queue_depth_other 9.0\n'


class FakeGateway:
    """Answers as a gateway does: the analysis ends as told, after one look."""

    def __init__(self, end="SUCCEEDED", intervals=2):
        self.requests = []
        self._end = end
        self._timeline = {"intervals": [{}] * intervals}

    def __call__(self, request):
        self.requests.append((request.method, request.url.path))
        if request.url.path.endswith("/timeline"):
            return httpx.Response(200, json=self._timeline)
        state = "QUEUED" if request.method == "POST" else self._end
        return httpx.Response(200, json={"id": "a1", "state": state, "failure": None})


def analyse(answer):
    with httpx.Client(base_url="http://gateway", transport=httpx.MockTransport(answer)) as http:
        return smoke.analyse(http, timeout_s=5, look_every_s=0)


def test_a_video_is_analysed_and_the_analysis_deleted() -> None:
    gateway = FakeGateway()
    outcome = analyse(gateway)
    assert (outcome.intervals, outcome.analysis_id) == (2, "a1")
    assert gateway.requests[0] == ("POST", "/v1/analyses")
    assert gateway.requests[-1] == ("DELETE", "/v1/analyses/a1")


@pytest.mark.parametrize(
    ("gateway", "message"),
    [
        (FakeGateway(end="FAILED"), "the analysis is FAILED"),
        (FakeGateway(intervals=0), "the timeline is empty"),
        (lambda _: httpx.Response(503, text="draining"), "503 draining"),
        (lambda _: httpx.Response(200, text="<html>"), "POST /v1/analyses"),
    ],
)
def test_what_goes_wrong_is_said(gateway, message) -> None:
    with pytest.raises(DeployError, match=message):
        analyse(gateway)


def test_the_smoke_video_is_a_video_of_two_seconds(tmp_path) -> None:
    import av

    (tmp_path / "smoke.mp4").write_bytes(smoke_video())
    with av.open(tmp_path / "smoke.mp4") as container:
        frames = list(container.decode(video=0))
    assert len(frames) == 10
    assert (frames[0].width, frames[0].height) == (64, 64)


def answered(url, *, timeout):
    request = httpx.Request("GET", url)
    if url.endswith("/v1/models"):
        return httpx.Response(200, json=MODELS, request=request)
    return httpx.Response(200, text=METRICS, request=request)


@contextmanager
def forward(what, port):
    yield f"http://{what.replace('/', '-')}:{port}"


def test_status_tells_replicas_versions_models_queues_and_cards(monkeypatch) -> None:
    fake = FakeCluster()
    for each in (pod("face-a", cards=1), pod("face-b", cards=1, is_ready=False), pod("gateway-0")):
        fake.objects[f"/api/v1/namespaces/emotionmap/pods/{each['metadata']['name']}"] = each
    monkeypatch.setattr(httpx, "get", answered)
    with running(fake) as cluster:
        found = {each.name: each for each in status.look(cluster, forward)}
    face = found["face"]
    assert (face.ready, face.version, face.cards, face.queue) == (1, "0.1.0", 2, "12")
    assert face.models == "emotionmap-face 3"
    assert (found["gateway"].queue, found["media"].queue, found["audio"].queue) == ("3", "", "?")


def test_what_does_not_answer_is_a_question_mark() -> None:
    @contextmanager
    def unreachable(what, port):
        raise DeployError(f"{what} cannot be reached")
        yield

    with running(FakeCluster()) as cluster:
        found = {each.name: each for each in status.look(cluster, unreachable)}
    assert (found["face"].models, found["face"].ready) == ("?", 0)


def test_the_table_has_a_line_for_each_service() -> None:
    console = Console(file=io.StringIO(), width=120)
    service = status.ServiceStatus("face", 1, 2, "0.1.0", "emotionmap-face 3", "12", 2)
    console.print(display.status_table([service]))
    assert console.file.getvalue().splitlines()[1].split()[:3] == ["face", "1/2", "0.1.0"]


@pytest.fixture
def kubectl(tmp_path, monkeypatch):
    """Return what puts a kubectl on the path that says something and stays."""

    def put(line):
        script = tmp_path / "kubectl"
        script.write_text(f"#!/bin/sh\necho '{line}'\nexec sleep 30\n")
        script.chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")

    return put


def test_a_port_of_the_cluster_answers_here(kubectl) -> None:
    kubectl("Forwarding from 127.0.0.1:40123 -> 8080")
    with forwarding("service/gateway", 8080, namespace="emotionmap") as url:
        assert url == "http://127.0.0.1:40123"


def test_what_kubectl_says_against_it_is_passed_on(kubectl) -> None:
    kubectl("error: no such service")
    with (
        pytest.raises(DeployError, match="no such service"),
        forwarding("service/gateway", 8080, namespace="emotionmap"),
    ):
        pass


def test_the_command_ends_with_one_and_a_line(monkeypatch, capsys, tmp_path) -> None:
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "none"))
    assert commands.main(["status"]) == 1
    assert capsys.readouterr().err.startswith("deploy: error: no cluster")
