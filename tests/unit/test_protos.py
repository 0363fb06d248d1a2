"""The committed stubs are what the protos generate."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import pytest
from grpc_tools import protoc

PROTO = Path(__file__).parents[2] / "proto"
WELL_KNOWN = str(files("grpc_tools") / "_proto")


@pytest.fixture(scope="module")
def generated(tmp_path_factory) -> Path:
    out = str(tmp_path_factory.mktemp("stubs"))
    protos = sorted(str(path) for path in (PROTO / "emotionmap/v1").glob("*.proto"))
    include = ["", f"-I{PROTO}", f"-I{WELL_KNOWN}"]
    services = [path for path in protos if path.endswith("_service.proto")]
    assert protoc.main([*include, f"--python_out={out}", f"--pyi_out={out}", *protos]) == 0
    assert protoc.main([*include, f"--grpc_python_out={out}", *services]) == 0
    return Path(out)


def test_stubs_equal_the_protos(generated) -> None:
    def tree(root):
        stubs = [path for path in root.rglob("*_pb2*") if path.suffix in {".py", ".pyi"}]
        return {str(path.relative_to(root)): path.read_text() for path in stubs}

    assert tree(generated) == tree(PROTO / "python")
