"""A file is there and right, or not there; what has come is kept, whatever the network does."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import resource
import threading

import pytest
from emotionmap_cli.failures import Failure
from emotionmap_cli.fetch import MIN_STEP_BYTES, Patience, Unreachable, client_for, fetch
from emotionmap_cli.ports import free_ports
from emotionmap_cli.published import PublicFile

from tests.unit.cli.fake_mirror import mirroring

CONTENT = os.urandom(50_000)
PATIENCE = Patience(tries=3, pause_s=0.001, max_pause_s=0.01, connect_s=5, silence_s=0.5)


@pytest.fixture
def mirror():
    with mirroring(CONTENT) as server:
        yield server


@pytest.fixture
def get(mirror, tmp_path):
    """Return a function that fetches the mirror's file into tmp_path/models."""

    def run(*, patience=PATIENCE, on_bytes=lambda *_: None, **changes):
        known = {"sha256": hashlib.sha256(CONTENT).hexdigest(), "size_bytes": len(CONTENT)}
        file = PublicFile(f"{mirror.url}/file", "deep/file.bin", **(known | changes))
        with client_for(patience) as client:
            folder = tmp_path / "models"
            return fetch(client, file, folder, on_bytes=on_bytes, patience=patience)

    return run


def target(tmp_path):
    return tmp_path / "models/deep/file.bin"


def part(tmp_path):
    return tmp_path / "models/deep/file.bin.part"


def leave_part(tmp_path, content):
    part(tmp_path).parent.mkdir(parents=True)
    part(tmp_path).write_bytes(content)


def ranges(mirror):
    return [headers.get("range") for headers in mirror.asked]


@pytest.mark.parametrize("size_bytes", [len(CONTENT), None])
def test_a_file_arrives_whole_and_once(get, mirror, tmp_path, size_bytes):
    seen = []
    assert get(size_bytes=size_bytes, on_bytes=lambda *step: seen.append(step))
    assert target(tmp_path).read_bytes() == CONTENT
    assert seen[-1] == (len(CONTENT), len(CONTENT))
    assert not get(size_bytes=size_bytes)
    assert ranges(mirror) == [None]
    assert [path.name for path in target(tmp_path).parent.iterdir()] == ["file.bin"]


def test_nothing_may_be_compressed_on_the_way(get, mirror):
    mirror.moods = ["gzip"]
    with pytest.raises(Failure, match="compressed, unasked"):
        get()
    assert mirror.asked[0]["accept-encoding"] == "identity"


@pytest.mark.parametrize("size_bytes", [len(CONTENT), None])
def test_a_cut_connection_is_gone_on_with(get, mirror, tmp_path, size_bytes):
    mirror.moods = ["cut", "cut"]
    get(size_bytes=size_bytes)
    assert target(tmp_path).read_bytes() == CONTENT
    assert ranges(mirror) == [None, "bytes=25000-", "bytes=37500-"]
    assert mirror.asked[1]["if-range"] == '"one"'


def test_a_file_that_changed_meanwhile_is_begun_again(get, mirror, tmp_path):
    mirror.moods = ["cut"]

    def change(*_):
        mirror.etag = '"two"'

    get(on_bytes=change)
    assert target(tmp_path).read_bytes() == CONTENT


def test_a_run_goes_on_where_the_last_one_stopped(get, mirror, tmp_path):
    mirror.moods = ["cut", "cut", "cut"]
    with pytest.raises(Failure, match=r"0\.0 MB are kept for the next run"):
        get()
    kept = part(tmp_path).stat().st_size
    assert 0 < kept < len(CONTENT)
    assert not target(tmp_path).exists()
    get()
    assert target(tmp_path).read_bytes() == CONTENT
    assert ranges(mirror)[-1] == f"bytes={kept}-"


def test_progress_earns_new_tries(mirror, tmp_path):
    mirror.content = os.urandom(12 * MIN_STEP_BYTES)
    mirror.moods = ["cut"] * 3
    file = PublicFile(f"{mirror.url}/f", "f", hashlib.sha256(mirror.content).hexdigest())
    with client_for(PATIENCE) as client:
        patience = Patience(tries=2, pause_s=0.001)
        assert fetch(client, file, tmp_path, patience=patience)


@pytest.mark.parametrize("left", [b"x" * 100, CONTENT[:100], CONTENT, CONTENT + b"x"])
@pytest.mark.parametrize("size_bytes", [len(CONTENT), None])
def test_whatever_an_earlier_run_left_the_result_is_right(get, tmp_path, left, size_bytes):
    leave_part(tmp_path, left)
    get(size_bytes=size_bytes)
    assert target(tmp_path).read_bytes() == CONTENT
    assert not part(tmp_path).exists()


@pytest.mark.parametrize("mood", ["no range", "other range", "chunked"])
def test_a_server_may_be_clumsy_with_ranges(get, mirror, tmp_path, mood):
    leave_part(tmp_path, CONTENT[:100])
    mirror.moods = [mood]
    get()
    assert target(tmp_path).read_bytes() == CONTENT


def test_a_redirect_is_followed(get, mirror, tmp_path):
    leave_part(tmp_path, CONTENT[:100])
    mirror.moods = ["redirect"]
    get()
    assert target(tmp_path).read_bytes() == CONTENT
    assert ranges(mirror) == ["bytes=100-"] * 2


def test_a_file_of_another_digest_is_refused_and_deleted(get, tmp_path):
    with pytest.raises(Failure, match=r"has SHA-256 [0-9a-f]{64}, but 0{64} is expected") as caught:
        get(sha256="0" * 64)
    assert "\n" not in str(caught.value)
    assert list(target(tmp_path).parent.iterdir()) == []


def test_a_file_of_another_length_is_refused_before_it_comes(get, tmp_path):
    leave_part(tmp_path, CONTENT[:100])
    with pytest.raises(Failure, match="50000 bytes long, not 49999"):
        get(size_bytes=len(CONTENT) - 1)
    assert part(tmp_path).read_bytes() == CONTENT[:100]


def test_more_than_the_file_has_is_refused(get, mirror, tmp_path):
    mirror.moods = ["chunked"]
    with pytest.raises(Failure, match="longer than 49999 bytes"):
        get(size_bytes=len(CONTENT) - 1)
    assert list(target(tmp_path).parent.iterdir()) == []


def test_a_damaged_file_is_replaced_only_by_a_right_one(get, mirror, tmp_path):
    target(tmp_path).parent.mkdir(parents=True)
    target(tmp_path).write_bytes(b"damaged")
    mirror.moods = [404]
    with pytest.raises(Failure, match="answers 404 Not Found"):
        get()
    assert target(tmp_path).read_bytes() == b"damaged"
    get()
    assert target(tmp_path).read_bytes() == CONTENT


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_a_refusal_is_final(get, mirror, status):
    mirror.moods = [status]
    with pytest.raises(Failure, match=f"127.0.0.1 answers {status}"):
        get()
    assert len(mirror.asked) == 1


def test_a_busy_server_is_asked_again(get, mirror, tmp_path):
    mirror.moods = [503, 429]
    get()
    assert target(tmp_path).read_bytes() == CONTENT


def test_a_server_that_stays_busy_is_given_up(get, mirror, tmp_path):
    mirror.moods = [503] * 9
    with pytest.raises(Failure, match="it answers 503"):
        get()
    assert len(mirror.asked) == PATIENCE.tries
    assert list(target(tmp_path).parent.iterdir()) == []


def test_redirects_end(get, mirror):
    mirror.moods = ["redirect"] * 99
    with pytest.raises(Failure, match="redirects"):
        get()


def test_silence_is_not_waited_out(get, mirror, tmp_path):
    mirror.moods = ["stall"]
    get(patience=Patience(tries=3, pause_s=0.001, silence_s=0.1))
    assert target(tmp_path).read_bytes() == CONTENT


def test_a_trickle_is_not_waited_out(get, mirror, tmp_path):
    mirror.moods = ["drip"]
    get(patience=Patience(tries=3, pause_s=0.001, slow_s=0.1, slow_bytes=30_000))
    assert target(tmp_path).read_bytes() == CONTENT
    assert len(mirror.asked) == 2


def test_a_host_that_is_not_there_is_told_from_one_that_fails(tmp_path):
    [port] = free_ports(1)
    file = PublicFile(f"http://127.0.0.1:{port}/f", "f", "0" * 64)
    with client_for(PATIENCE) as client, pytest.raises(Unreachable, match="cannot be reached"):
        fetch(client, file, tmp_path, patience=PATIENCE)
    assert list(tmp_path.iterdir()) == []


def test_a_proxy_that_cannot_be_used_is_named(monkeypatch):
    monkeypatch.setenv("ALL_PROXY", "gopher://127.0.0.1:1")
    with pytest.raises(Failure, match="proxy"):
        client_for(PATIENCE)


def test_proxies_of_the_environment_are_used(get, mirror, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", mirror.url)
    monkeypatch.setenv("NO_PROXY", "")
    monkeypatch.delenv("http_proxy", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    get()
    assert mirror.asked[0]["host"] == mirror.url.removeprefix("http://")


def test_nothing_is_written_outside_the_folder(mirror, tmp_path):
    (tmp_path / "models").mkdir()
    (tmp_path / "models/deep").symlink_to(tmp_path)
    for path in ("deep/f", "../f", str(tmp_path / "f")):
        file = PublicFile(f"{mirror.url}/f", path, hashlib.sha256(CONTENT).hexdigest())
        with client_for(PATIENCE) as client, pytest.raises(Failure, match="is not inside"):
            fetch(client, file, tmp_path / "models", patience=PATIENCE)
    assert mirror.asked == []


def test_a_link_in_place_of_the_part_is_not_followed(get, tmp_path):
    (tmp_path / "precious").write_bytes(b"precious")
    target(tmp_path).parent.mkdir(parents=True)
    part(tmp_path).symlink_to(tmp_path / "precious")
    with pytest.raises(Failure, match="cannot be written"):
        get()
    assert (tmp_path / "precious").read_bytes() == b"precious"


def test_two_processes_do_not_write_one_file(get, tmp_path):
    leave_part(tmp_path, b"")
    with part(tmp_path).open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        with pytest.raises(Failure, match=r"Another process is fetching file\.bin"):
            get()


def test_a_full_disk_is_told_and_what_came_is_kept(get, mirror, tmp_path):
    """Stands in for a full disk: no file may be longer than 20,000 bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, before[1]))
    try:
        with pytest.raises(Failure, match=os.strerror(errno.EFBIG)):
            get()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert part(tmp_path).stat().st_size == 20_000
    get()
    assert target(tmp_path).read_bytes() == CONTENT


def test_a_file_that_finds_no_room_is_not_begun(get, mirror, tmp_path):
    mirror.moods = ["chunked"]
    with pytest.raises(Failure, match=f"{os.strerror(errno.ENOSPC)}: 1000000000000000.0 MB"):
        get(size_bytes=10**21)
    assert list(target(tmp_path).parent.iterdir()) == []


def test_ctrl_c_leaves_what_has_come(get, mirror, tmp_path):
    mirror.moods = ["stall"]

    def interrupt(*_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        get(on_bytes=interrupt)
    assert part(tmp_path).stat().st_size > 0
    assert threading.active_count() < 20
    get()
    assert target(tmp_path).read_bytes() == CONTENT
