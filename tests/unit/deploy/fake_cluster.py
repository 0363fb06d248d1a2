"""A small Kubernetes API over HTTP: keeps objects, applies server-side, rolls workloads out."""

from __future__ import annotations

import json
import re
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from kubernetes import client

from deploy.tool.cluster import Cluster

BROKEN = "broken"
"""Part of the image's tag of pods that never get ready."""


def merged(old, new):
    """Return an object with another's fields laid over it, lists whole."""
    if isinstance(old, dict) and isinstance(new, dict):
        return old | {key: merged(old.get(key), value) for key, value in new.items()}
    return new


class FakeCluster:
    """What the API keeps.

    Args:
        looks: How often a workload is looked at before its rollout is done.
    """

    def __init__(self, looks=2):
        self.objects = {}
        self.requests = []
        self.refused = self.unknown = ""
        self._looks = looks
        self._left = {}

    def apply(self, path, body):
        old = self.objects.get(path, {"metadata": {"generation": 0}})
        new = merged(old, body)
        changed = new.get("spec") != old.get("spec")
        new["metadata"]["generation"] = old["metadata"]["generation"] + changed
        if changed:
            self._left[path] = self._looks
        self.objects[path] = new
        return new

    def read(self, path):
        found = self.objects.get(path)
        if found is not None and found["kind"] in {"Deployment", "StatefulSet"}:
            self._left[path] -= 1
            found["status"] = self._status(found, is_done=self._left[path] <= 0)
        return found

    def pods(self, path, labels):
        name = labels.removeprefix("app.kubernetes.io/name=")
        return [
            pod
            for place, pod in self.objects.items()
            if place.startswith(f"{path}/") and re.match(rf"{name}-\w+$", pod["metadata"]["name"])
        ]

    def _status(self, workload, *, is_done):
        image = workload["spec"]["template"]["spec"]["containers"][0]["image"]
        is_broken = BROKEN in image
        count = 1 if is_done and not is_broken else 0
        stuck = {"type": "Progressing", "status": "False", "message": "it does not get ready"}
        return {
            "observedGeneration": workload["metadata"]["generation"],
            "replicas": 1,
            "updatedReplicas": 1,
            "readyReplicas": count,
            "currentRevision": "b" if count else "a",
            "updateRevision": "b",
            "conditions": [stuck] if is_broken and is_done else [],
        }


def _handler(cluster):
    class Handler(BaseHTTPRequestHandler):
        wbufsize = 65_536  # one packet an answer

        def do_GET(self):
            url = urlsplit(self.path)
            labels = parse_qs(url.query).get("labelSelector")
            if labels:
                self._answer(200, {"items": cluster.pods(url.path, labels[0])})
                return
            found = cluster.read(url.path)
            self._answer(200 if found else 404, found or {"message": "not found"})

        def do_PATCH(self):
            assert self.headers["Content-Type"] == "application/apply-patch+yaml"
            assert parse_qs(urlsplit(self.path).query)["fieldManager"]
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if body["kind"] == cluster.refused:
                self._answer(403, {"message": f"{body['kind']} is forbidden"})
                return
            if body["kind"] == cluster.unknown:
                self._answer(404, {"message": "page not found"})
                return
            self._answer(200, cluster.apply(urlsplit(self.path).path, body))

        def do_DELETE(self):
            self._answer(200, cluster.objects.pop(urlsplit(self.path).path))

        def _answer(self, status, body):
            cluster.requests.append((self.command, urlsplit(self.path).path))
            data = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_):
            """Keep quiet."""

    return Handler


@contextmanager
def running(cluster, namespace="emotionmap"):
    """Give what speaks with a fake cluster over HTTP, until the block ends."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(cluster))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    settings = client.Configuration(host=f"http://127.0.0.1:{server.server_port}")
    try:
        with client.ApiClient(settings) as api:
            yield Cluster(api, namespace)
            api.rest_client.pool_manager.clear()
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def pod(name, *, is_ready=True, cards=0):
    """Return a pod as a cluster tells it."""
    limits = {"nvidia.com/gpu": str(cards)} if cards else {}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "labels": {"app.kubernetes.io/version": "0.1.0"}},
        "spec": {"containers": [{"resources": {"limits": limits}}]},
        "status": {"conditions": [{"type": "Ready", "status": str(is_ready)}]},
    }
