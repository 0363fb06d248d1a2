"""The client that the page uses, tus-js-client, gets its uploads through, cut off or not."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.contract.cutting_proxy import Cuts, cutting_proxy
from tests.contract.gateway_http.test_tus_refusals import stored
from tests.contract.threaded_servers import in_thread

WEB = Path(__file__).parents[3] / "web"
SCRIPT = Path(__file__).parents[1] / "tus_uploads.mjs"
UPLOADS = 20
CUTS = 5

needs_client = pytest.mark.skipif(
    shutil.which("node") is None or not (WEB / "node_modules/tus-js-client").is_dir(),
    reason="needs node and `npm ci` in web/",
)


@needs_client
def test_every_upload_of_tus_js_client_arrives_whole(system):
    cuts = Cuts(left=CUTS, after_bytes=700_000)
    with in_thread(lambda: cutting_proxy(system.http_port, cuts)) as port:
        endpoint = f"http://127.0.0.1:{port}/v1/uploads"
        command = ["node", SCRIPT, WEB / "package.json", endpoint, str(UPLOADS)]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert ended.returncode == 0, ended.stderr
    uploads = [json.loads(line) for line in ended.stdout.splitlines()]
    digests = [hashlib.sha256(stored(system, upload["url"])).hexdigest() for upload in uploads]
    assert len(uploads) == UPLOADS
    assert digests == [upload["sha256"] for upload in uploads]
    assert cuts.made == CUTS
    resumed = [upload for upload in uploads if upload["resumedAt"] > 0 and not upload["closes"]]
    closed = [upload for upload in uploads if upload["closes"]]
    assert resumed
    assert all(upload["resumedAt"] >= 600_000 for upload in closed)
    answer = system.http.post("/v1/analyses", json={"upload": uploads[0]["url"].split("/")[-1]})
    assert (answer.status_code, answer.json()["title"]) == (202, "film.mp4")
