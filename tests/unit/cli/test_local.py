"""Five processes as one: started together, healed, stopped in order, never orphaned.

The processes are stand-ins (fake_service.py), run the way the real ones are.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx
import pytest
from emotionmap_cli import local, ports, supervision
from emotionmap_cli.failures import BadInput, Failure
from emotionmap_cli.local import SERVICES, locked, running
from emotionmap_cli.supervision import Child, Supervisor, delay_s, describe_exit, python_command

REPOSITORY = Path(__file__).parents[3]
DEADLINE_S = 30
"""Longest wait for a process to start or to go, on a loaded machine."""


def stand_in(_module):
    return python_command("tests.unit.cli.fake_service")


def silent(_module):
    return [sys.executable, "-c", "import time; time.sleep(600)"]


def failing(module):
    if module == "emotionmap_face":
        return [sys.executable, "-c", "raise SystemExit('the weights are missing')"]
    return silent(module)


@pytest.fixture(autouse=True)
def importable(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(REPOSITORY))


def until(fact):
    deadline_s = time.monotonic() + DEADLINE_S
    while not fact():
        assert time.monotonic() < deadline_s
        time.sleep(0.02)


def is_alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"


def is_ready(system):
    try:
        return httpx.get(f"{system.base_url}/readyz", trust_env=False).status_code == 200
    except httpx.TransportError:
        return False


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """One system for the tests that leave it running."""
    patch = pytest.MonkeyPatch()
    patch.setenv("PYTHONPATH", str(REPOSITORY))
    with running(tmp_path_factory.mktemp("data"), command=stand_in) as system:
        yield system
    patch.undo()


def test_all_five_run_and_are_ready(shared) -> None:
    assert set(shared.processes) == set(SERVICES)
    assert all(process.poll() is None for process in shared.processes.values())
    assert is_ready(shared)
    assert len({os.getsid(process.pid) for process in shared.processes.values()}) == 5


@pytest.mark.parametrize("service", SERVICES)
def test_a_killed_service_comes_back_on_its_port(shared, service) -> None:
    before = shared.processes
    shared.kill(service)
    until(lambda: shared.processes[service].pid != before[service].pid)
    until(lambda: is_ready(shared))
    others = [name for name in SERVICES if name != service]
    assert all(shared.processes[name].pid == before[name].pid for name in others)
    shared.check()


def test_a_second_user_of_the_folder_is_told(shared) -> None:
    with pytest.raises(Failure, match="Another EmotionMap"), running(shared.data_dir):
        pass
    assert is_ready(shared)


def test_a_taken_port_is_told(shared, tmp_path) -> None:
    port = int(shared.base_url.rpartition(":")[2])
    with pytest.raises(Failure, match=f"Port {port}"), running(tmp_path, http_port=port):
        pass


def test_an_address_of_another_machine_is_told(tmp_path) -> None:
    with (
        pytest.raises(Failure, match=r"address 203\.0\.113\.5"),
        running(tmp_path, host="203.0.113.5"),
    ):
        pass


@pytest.mark.skipif(ports._binding_error("::1", 0) is not None, reason="no IPv6 here")
def test_ipv6_is_an_address_like_any_other(tmp_path) -> None:
    with running(tmp_path, host="::1", command=stand_in) as system:
        assert system.base_url.startswith("http://[::1]:")
        assert system.grpc_target.startswith("[::1]:")


def test_a_relative_folder_of_a_folder_that_is_gone_is_told(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    tmp_path.rmdir()
    with pytest.raises(Failure, match="cannot be used"), running(Path("data")):
        pass


def test_the_end_stops_all_gateway_first(tmp_path) -> None:
    with running(tmp_path, command=stand_in) as system:
        pids = [process.pid for process in system.processes.values()]
        logs = {name: tmp_path / "logs" / f"{name}.log" for name in SERVICES}
    assert not any(is_alive(pid) for pid in pids)
    stopped_ns = {name: log.stat().st_mtime_ns for name, log in logs.items()}
    assert all(log.read_text() == "ready\nstopped\n" for log in logs.values())
    assert min(stopped_ns, key=stopped_ns.get) == "gateway"


def test_a_folder_is_free_again_afterwards(tmp_path) -> None:
    for _ in range(2):
        with running(tmp_path, command=stand_in):
            pass
    assert (tmp_path / "logs" / "face.log.1").read_text() == "ready\nstopped\n"
    with locked(tmp_path):
        pass


def test_a_service_that_cannot_start_is_named_with_its_last_words(tmp_path) -> None:
    with (
        pytest.raises(Failure, match=r"face service does not run(.|\n)*the weights are missing"),
        running(tmp_path, command=failing),
    ):
        pass


def test_never_ready_is_told(tmp_path) -> None:
    with (
        pytest.raises(Failure, match=r"not ready after 0.5 s"),
        running(tmp_path, command=silent, ready_timeout_s=0.5),
    ):
        pass


PARENT = """
import sys, time
from pathlib import Path
from emotionmap_cli.local import running
from tests.unit.cli.test_local import stand_in
with running(Path(sys.argv[1]), command=stand_in) as system:
    print(*(process.pid for process in system.processes.values()), flush=True)
    time.sleep(600)
"""


def test_no_service_outlives_a_killed_command(tmp_path) -> None:
    command = [sys.executable, "-c", PARENT, tmp_path]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        pids = [int(pid) for pid in parent.stdout.readline().split()]
        assert len(pids) == 5
        assert all(is_alive(pid) for pid in pids)
        os.kill(pids[0], signal.SIGSTOP)  # a service that hangs goes too
        parent.kill()
    until(lambda: not any(is_alive(pid) for pid in pids))
    with locked(tmp_path):
        pass


def child(tmp_path, code):
    return Child(
        name="x",
        command=[sys.executable, "-c", code],
        environment=dict(os.environ),
        log=tmp_path / "x.log",
    )


def test_a_stubborn_child_is_killed(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(supervision, "STOP_GRACE_S", 0.2)
    code = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        "print(1, flush=True); time.sleep(600)"
    )
    stubborn = child(tmp_path, code)
    supervisor = Supervisor([stubborn], report=print)
    supervisor.start()
    until(lambda: stubborn.log_tail() == "1")
    supervisor.stop()
    assert stubborn.process.returncode == -signal.SIGKILL


def test_what_a_child_leaves_behind_is_ended(tmp_path) -> None:
    code = (
        "import subprocess, sys; p = subprocess.Popen([sys.executable, '-c',"
        " 'import time; time.sleep(600)']); print(p.pid, flush=True); p.wait()"
    )
    parent = child(tmp_path, code)
    supervisor = Supervisor([parent], report=lambda line: None)
    supervisor.start()
    until(parent.log_tail)
    grandchild = int(parent.log_tail().splitlines()[0])
    parent.process.kill()
    until(lambda: not is_alive(grandchild))
    supervisor.stop()
    assert not is_alive(grandchild)


def test_a_child_that_keeps_dying_is_given_up(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(supervision, "FIRST_DELAY_S", 0.01)
    lines = []
    dying = child(tmp_path, "import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    supervisor = Supervisor([dying], report=lines.append)
    supervisor.start()
    until(lambda: supervisor.failure)
    supervisor.stop()
    assert dying.deaths >= supervision.MAX_DEATHS
    assert "x service does not run" in supervisor.failure
    assert lines[0] == "The x service was ended by SIGKILL; starting it again."


def test_restarts_slow_down_to_a_limit() -> None:
    assert [delay_s(deaths) for deaths in (1, 2, 3)] == [0.1, 0.2, 0.4]
    assert delay_s(100) == supervision.MAX_DELAY_S


def test_an_exit_is_described() -> None:
    assert describe_exit(-9) == "was ended by SIGKILL"
    assert describe_exit(3) == "exited with status 3"


def test_options_are_checked_before_anything_starts() -> None:
    local.check_options({"interval": 2})
    with pytest.raises(BadInput, match="colour"):
        local.check_options({"colour": "red"})


def test_a_folder_that_cannot_be_made_is_told(tmp_path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Failure, match="cannot be used"), locked(tmp_path / "file" / "data"):
        pass


def test_system_runs_from_a_thread(tmp_path) -> None:
    """A fixture or a notebook may start it elsewhere than on the main thread."""
    codes = []

    def use():
        with running(tmp_path, command=stand_in) as system:
            codes.append(httpx.get(f"{system.base_url}/readyz", trust_env=False).status_code)

    thread = threading.Thread(target=use)
    thread.start()
    thread.join(DEADLINE_S)
    assert codes == [200]
