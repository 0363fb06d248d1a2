"""What docs/operations.md says of backups: a dump taken while work runs is all a gateway needs."""

from __future__ import annotations

import subprocess

import pytest

from tests.contract.gateway_fakes import fake_services
from tests.contract.gateway_process import gateway_process
from tests.contract.gateway_script import Anywhere, Script
from tests.contract.gateway_system import VIDEO, wait_for
from tests.postgres_server import postgres_server, program
from tests.s3_server import s3_server

SEGMENTS = 4


@pytest.fixture
def script():
    script = Script(Anywhere(), duration_s=3 * SEGMENTS)
    script.gate.set()
    return script


@pytest.fixture
def gateway(script, tmp_path):
    """Give what makes a database, and what runs a gateway on one; all have one object store."""
    with (
        postgres_server() as new_database,
        s3_server() as store_url,
        fake_services(script) as services,
    ):

        def run(url):
            return gateway_process(
                services, tmp_path, database_url=url, object_store_url=store_url, lease_s=1
            )

        yield new_database, run


def state(http, path):
    return http.get(path).json()["state"]


def create(http):
    response = http.post("/v1/analyses", files={"file": ("clip.mp4", VIDEO)})
    assert response.status_code == 202, response.text
    return response.headers["location"]


def test_a_restored_dump_has_all_that_was_done_and_goes_on_with_the_rest(gateway, script, tmp_path):
    new_database, run = gateway
    lost, kept, dump = new_database("lost"), new_database("kept"), str(tmp_path / "dump")
    with run(lost) as (_, http), http:
        done = create(http)
        wait_for(lambda: state(http, done) == "SUCCEEDED")
        timeline = http.get(f"{done}/timeline").content
        script.gate.clear()
        running = create(http)
        wait_for(lambda: http.get(running).json()["progress"] > 0)
        command = [program("pg_dump"), "--format=custom", f"--file={dump}", lost]
        subprocess.run(command, check=True)
    begun = len(script.decodes)
    command = [program("pg_restore"), "--clean", "--if-exists", "--no-owner", f"--dbname={kept}"]
    subprocess.run([*command, dump], check=True)
    script.gate.set()
    with run(kept) as (_, http), http:
        assert http.get(f"{done}/timeline").content == timeline
        assert http.get(f"{done}/media").content == VIDEO
        wait_for(lambda: state(http, running) == "SUCCEEDED")
        assert http.get(f"{running}/events").text.count("event: intervals") == SEGMENTS
    again = [each.range.start_offset.seconds for each in script.decodes[begun:]]
    assert sorted(again) == [3, 6, 9]
