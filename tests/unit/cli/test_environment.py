"""What ties the services on one machine: their environment, and the ports that are free there."""

from __future__ import annotations

import socket

from emotionmap_cli.environment import environment, web_dir
from emotionmap_cli.ports import free_ports


def test_the_environment_ties_the_five_together(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("EMOTIONMAP_FACE_PORT", "1")
    ports = {"media": 11, "face": 12, "audio": 13, "fusion": 14, "http": 80, "grpc": 81}
    face = environment("face", ports=ports, host="0.0.0.0", data_dir=tmp_path)
    assert (face["EMOTIONMAP_FACE_PORT"], face["EMOTIONMAP_FACE_HOST"]) == ("12", "127.0.0.1")
    gateway = environment("gateway", ports=ports, host="0.0.0.0", data_dir=tmp_path)
    assert gateway["EMOTIONMAP_GATEWAY_HOST"] == "0.0.0.0"
    assert gateway["EMOTIONMAP_GATEWAY_AUDIO_TARGET"] == "127.0.0.1:13"
    assert gateway["EMOTIONMAP_DATA_DIR"] == str(tmp_path)
    media = environment("media", ports=ports, host="0.0.0.0", data_dir=tmp_path)
    assert {one["MALLOC_ARENA_MAX"] for one in (face, gateway, media)} == {"1"}
    assert media["MALLOC_TRIM_THRESHOLD_"] == gateway["MALLOC_MMAP_THRESHOLD_"] == "8388608"


def test_the_page_is_found_where_it_is_named(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("EMOTIONMAP_WEB_DIR", str(tmp_path))
    assert web_dir() is None
    (tmp_path / "index.html").touch()
    assert web_dir() == tmp_path


def test_free_ports_are_different() -> None:
    ports = free_ports(6)
    assert len(set(ports)) == 6
    for port in ports:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
