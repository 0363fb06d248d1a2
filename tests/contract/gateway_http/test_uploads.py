"""Bodies are bounded in size and time, and leave nothing when they fail."""

from __future__ import annotations

import socket
import time

import pytest

from tests.contract.gateway_system import MAX_BYTES, VIDEO, gateway_system, wait_for

BOUNDARY = {"Content-Type": "multipart/form-data; boundary=b"}


@pytest.mark.parametrize(
    ("headers", "content", "status", "reason"),
    [
        ({"Content-Type": "video/mp4"}, VIDEO, 415, "CONTENT_TYPE_UNSUPPORTED"),
        ({"Content-Type": "multipart/form-data"}, b"", 400, "FORM_INVALID"),
        (BOUNDARY, b"--b--\r\n", 400, "FORM_INVALID"),
        (BOUNDARY, b"nothing of the kind", 400, "FORM_INVALID"),
        (
            BOUNDARY,
            b'--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\ncut off',
            400,
            "FORM_INVALID",
        ),
        (
            BOUNDARY,
            b'--b\r\nContent-Disposition: form-data; name="film"\r\n\r\nx\r\n--b--\r\n',
            400,
            "FORM_INVALID",
        ),
    ],
)
def test_malformed_forms_are_refused(system, headers, content, status, reason):
    response = system.http.post("/v1/analyses", headers=headers, content=content)
    assert (response.status_code, response.json()["reason"]) == (status, reason)


@pytest.mark.parametrize(
    ("name", "title"),
    [('say "hi" 100%.mp4', 'say "hi" 100%.mp4'), ("two\nlines.mp4", "two lines.mp4")],
)
def test_a_name_is_what_it_was_before_it_was_escaped(system, name, title):
    response = system.http.post("/v1/analyses", files={"file": (name, VIDEO)})
    assert response.json()["title"] == title


@pytest.mark.parametrize("extra_bytes", [1, 1_000_000])
def test_too_large_a_video_is_refused_and_nothing_is_kept(system, extra_bytes):
    files = system.files()
    response = system.create(video=bytes(MAX_BYTES + extra_bytes))
    assert (response.status_code, response.json()["reason"]) == (413, "MEDIA_TOO_LARGE")
    assert system.files() == files


def test_the_largest_video_is_taken(system):
    assert system.create(video=bytes(MAX_BYTES)).status_code == 202


def test_a_length_over_the_limit_is_refused_before_a_byte_is_read(system):
    head = _head({"Content-Length": "900000000", "Expect": "100-continue"})
    with socket.create_connection(("127.0.0.1", system.http_port), timeout=5) as client:
        client.sendall(head)
        assert client.recv(100).startswith(b"HTTP/1.1 413")


def test_a_body_without_length_is_cut_off_at_the_limit(system):
    def endless():
        yield b'--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
        for _ in range(40):
            yield bytes(100_000)

    response = system.http.post("/v1/analyses", headers=BOUNDARY, content=endless())
    assert (response.status_code, response.json()["reason"]) == (413, "MEDIA_TOO_LARGE")


def test_a_client_that_leaves_in_mid_upload_leaves_nothing(system):
    files = system.files()
    with socket.create_connection(("127.0.0.1", system.http_port), timeout=5) as client:
        client.sendall(_head({"Content-Length": "2000000"}) + _PART + bytes(500_000))
        wait_for(lambda: system.files() != files)
    wait_for(lambda: system.files() == files)
    assert system.files() == files


def test_an_upload_that_stalls_is_ended(system):
    files = system.files()
    with socket.create_connection(("127.0.0.1", system.http_port), timeout=10) as client:
        client.sendall(_head({"Content-Length": "2000000"}) + _PART + bytes(500_000))
        answer = b"".join(iter(lambda: client.recv(1000), b""))  # to the end of the connection
    assert answer.startswith(b"HTTP/1.1 408")
    assert b"UPLOAD_TOO_SLOW" in answer
    assert system.files() == files


_PART = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'


def _head(headers):
    lines = {"Host": "gateway", **BOUNDARY, **headers}
    text = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"POST /v1/analyses HTTP/1.1\r\n{text}\r\n".encode()


def test_a_head_that_is_too_long_is_refused(system):
    with socket.create_connection(("127.0.0.1", system.http_port), timeout=5) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 70_000)
        assert client.recv(100).startswith(b"HTTP/1.1 4")


def test_a_long_body_of_a_short_request_is_refused(system, finished):
    path = f"/v1/analyses/{finished}/highlights"
    response = system.http.post(path, content=bytes(70_000))
    assert (response.status_code, response.json()["reason"]) == (413, "REQUEST_TOO_LARGE")


def test_a_body_that_turns_out_too_long_is_cut_off(system, finished):
    path = f"/v1/analyses/{finished}/highlights"
    response = system.http.post(path, content=iter([bytes(50_000)] * 2))
    assert response.status_code == 400


def test_a_body_that_never_ends_is_cut_off(system, finished, monkeypatch):
    monkeypatch.setattr("emotionmap_gateway.http.body_limit.RECEIVE_S", 0.2)
    head = (
        f"POST /v1/analyses/{finished}/highlights HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", system.http_port), timeout=5) as client:
        client.sendall(head.encode() + b"{")
        assert client.recv(100).startswith(b"HTTP/1.1 400")


def test_a_trickling_upload_is_ended(tmp_path):
    limits = {"upload_idle_s": 5, "upload_window_s": 0.5, "upload_min_bytes": 1000}
    with gateway_system(tmp_path, **limits) as slow:
        head = _head({"Content-Length": "2000000"}) + _PART
        with socket.create_connection(("127.0.0.1", slow.http_port), timeout=10) as client:
            client.sendall(head)
            for _ in range(20):
                client.sendall(b"x")
                time.sleep(0.05)
            assert client.recv(100).startswith(b"HTTP/1.1 408")
        assert slow.files() == []
