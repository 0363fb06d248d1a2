"""Keys name files below the object folder and nothing else."""

from __future__ import annotations

import pytest
from emotionmap_media.objects import resolve
from emotionmap_runtime.errors import ServiceError


@pytest.mark.parametrize(
    "key",
    [
        "",
        "/etc/passwd",
        "../a",
        "a/../b",
        "a//b",
        "a/",
        "A",
        "a b",
        "http://x/y",
        "a\0b",
        "é",
        "./a",
        "a" * 257,
        "a\n",
        "-\\x",
        "a/./b",
    ],
)
def test_malformed_keys_are_refused(tmp_path, key):
    with pytest.raises(ServiceError) as caught:
        resolve(key, root=tmp_path, max_bytes=10)
    assert caught.value.reason == "MEDIA_KEY_INVALID"


def test_a_key_names_a_file(tmp_path):
    (tmp_path / "u").mkdir()
    (tmp_path / "u" / "a-b_c.mp4").write_bytes(b"x")
    assert resolve("u/a-b_c.mp4", root=tmp_path, max_bytes=10).read_bytes() == b"x"


@pytest.mark.parametrize(
    ("content", "reason"), [(b"", "MEDIA_EMPTY"), (b"x" * 11, "MEDIA_TOO_LARGE")]
)
def test_sizes_are_checked(tmp_path, content, reason):
    (tmp_path / "a").write_bytes(content)
    with pytest.raises(ServiceError) as caught:
        resolve("a", root=tmp_path, max_bytes=10)
    assert caught.value.reason == reason


def test_folders_missing_files_and_links_out_are_not_found(tmp_path):
    root = tmp_path / "objects"
    (root / "folder").mkdir(parents=True)
    (tmp_path / "secret").write_bytes(b"x")
    (root / "link").symlink_to(tmp_path / "secret")
    for key in ("folder", "missing", "link"):
        with pytest.raises(ServiceError) as caught:
            resolve(key, root=root, max_bytes=10)
        assert caught.value.reason == "MEDIA_NOT_FOUND"
