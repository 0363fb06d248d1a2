"""Finds the models that this server can load, and tells which of them is the default.

A model is a folder with a `manifest.json`. Sources, the first of which counts most: the folder that
is named by a setting, the installed models, the shipped ones. A model takes the place of one of the
same name in a later source; two of one name in one source are refused, for nobody could tell them
apart.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from emotionmap_face.manifest import MANIFEST_FILE, WeightsError, read_manifest

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def find_models(*, named: Path | None, roots: Sequence[Path], default: str) -> list[Path]:
    """Return the folders of the models to load, the default first, the others by name.

    Args:
        named: A folder that must hold a model, and whose sub-folders hold none.
        roots: Folders that may hold a model, and so may each of their sub-folders.
        default: Name of the default; empty for the first model that lies in `named` or directly
            in a root.

    Raises:
        WeightsError: A manifest cannot be read, two models of a source have one name, or there is
            no default.
    """
    sources = [[named]] if named is not None else []
    sources += [_model_folders(root) for root in roots]
    found: dict[str, Path] = {}
    for folders in sources:
        found = _by_name(folders) | found
    default = default or _first_name([*([named] if named is not None else []), *roots])
    if default not in found:
        known = ", ".join(sorted(found)) or "none"
        raise WeightsError(f"There is no face model {default!r}; the models found are: {known}.")
    return [found.pop(default), *(found[name] for name in sorted(found))]


def _model_folders(root: Path) -> list[Path]:
    if not root.is_dir():
        return []
    try:
        # Hidden folders are none: Kubernetes keeps what a volume shows once more in "..data".
        inner = sorted(path for path in root.iterdir() if not path.name.startswith("."))
    except OSError as error:
        raise WeightsError(f"Cannot read {root}: {error.strerror}.") from error
    return [folder for folder in (root, *inner) if _has_manifest(folder)]


def _has_manifest(folder: Path) -> bool:
    # Also true of a link to nothing: that is a broken model, not the absence of one.
    return os.path.lexists(folder / MANIFEST_FILE)


def _by_name(folders: Sequence[Path]) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for folder in folders:
        name = read_manifest(folder).name
        if name in found:
            raise WeightsError(f"{found[name]} and {folder} both hold a model named {name}.")
        found[name] = folder
    return found


def _first_name(folders: Sequence[Path]) -> str:
    for folder in folders:
        if _has_manifest(folder):
            return read_manifest(folder).name
    raise WeightsError(f"Cannot read {folders[-1] / MANIFEST_FILE}: there is no default model.")
