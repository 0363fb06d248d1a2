"""An analysis that was begun early goes on when its upload does, whoever was killed meanwhile."""

from __future__ import annotations

import pytest

from tests.contract.gateway_fakes import fake_services
from tests.contract.gateway_process import gateway_process
from tests.contract.gateway_script import Script, seconds
from tests.contract.gateway_system import FINAL, VIDEO, wait_for
from tests.contract.tus_client import Tus

HALF = len(VIDEO) // 2


@pytest.fixture
def services(tmp_path):
    script = Script(tmp_path / "objects")
    script.gate.set()
    with fake_services(script) as running:
        yield script, running


def test_a_gateway_that_is_killed_goes_on_with_it(tmp_path, services):
    script, running = services
    with gateway_process(running, tmp_path) as (process, http):
        path = Tus(http).created(len(VIDEO))
        Tus(http).patch(path, VIDEO[:HALF])
        wish = {"upload": path.rpartition("/")[2], "early": True}
        analysis = f"/v1/analyses/{http.post('/v1/analyses', json=wish).json()['id']}"
        wait_for(lambda: http.get(analysis).json()["progress"] > 0.3)
        process.kill()
        process.wait()
    with gateway_process(running, tmp_path) as (_, http):
        assert Tus(http).offset(path) == HALF
        assert http.get(analysis).json()["state"] == "RUNNING"
        assert Tus(http).patch(path, VIDEO[HALF:], HALF).status_code == 204
        assert http.post("/v1/analyses", json=wish).json()["id"] in analysis
        wait_for(lambda: http.get(analysis).json()["state"] in FINAL)
        assert http.get(analysis).json()["state"] == "SUCCEEDED"
    assert sorted(seconds(one.range.start_offset) for one in script.decodes) == [0, 3, 6]
