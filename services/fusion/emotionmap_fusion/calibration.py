"""Reads the parameters of the reliability strategy and refuses a file that does not hold them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from emotionmap_fusion.evidence import EMOTIONS
from emotionmap_fusion.reliability import Pool, Reliability

SHIPPED: Final = Path(__file__).with_name("calibration.json")
MAX_BYTES: Final = 64 * 1024

_Exponent = Annotated[float, Field(ge=0, le=10, allow_inf_nan=False)]
_Offset = Annotated[float, Field(ge=-10, le=10, allow_inf_nan=False)]
_Exponents = Annotated[list[_Exponent], Field(min_length=EMOTIONS, max_length=EMOTIONS)]
_Offsets = Annotated[list[_Offset], Field(min_length=EMOTIONS, max_length=EMOTIONS)]
_Figure = Annotated[float, Field(allow_inf_nan=False)]


class CalibrationError(Exception):
    """Parameters that must not be used; the message says why in one sentence."""


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Alone(_Strict):
    exponents: _Exponents
    offsets: _Offsets


class _Both(_Strict):
    face_exponents: _Exponents
    voice_exponents: _Exponents
    offsets: _Offsets


class _Model(_Strict):
    name: str
    version: str
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


class _Models(_Strict):
    face: _Model
    voice: _Model


class Calibration(_Strict):
    """The file, schema `emotionmap.fusion/1`; entry i of a list belongs to the emotion i + 1.

    Attributes:
        face: parameters where only faces count.
        voice: parameters where only voices count.
        both: parameters where both count.
        fitted_on: models whose answers the parameters were fitted on.
        judged_on: models that the figures are of.
        metrics: measured figures, by name.
    """

    schema_name: Literal["emotionmap.fusion/1"] = Field(alias="schema")
    face: _Alone
    voice: _Alone
    both: _Both
    fitted_on: _Models
    judged_on: _Models
    metrics: dict[str, _Figure]

    def strategy(self) -> Reliability:
        """Return the strategy with these parameters."""
        both = self.both
        return Reliability(
            face=_pool([self.face.exponents], self.face.offsets),
            voice=_pool([self.voice.exponents], self.voice.offsets),
            both=_pool([both.face_exponents, both.voice_exponents], both.offsets),
        )


def read_calibration(path: Path = SHIPPED) -> Calibration:
    """Read and check a file of parameters.

    Raises:
        CalibrationError: The file cannot be read or is not of the schema.
    """
    try:
        with path.open("rb") as file:
            text = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise CalibrationError(f"{path}: cannot be read: {error.strerror}.") from error
    if len(text) > MAX_BYTES:
        raise CalibrationError(f"{path}: is larger than {MAX_BYTES} bytes.")
    try:
        return Calibration.model_validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])) or "the file"
        raise CalibrationError(f"{path}: {place}: {first['msg']}.") from error


def _pool(exponents: list[list[float]], offsets: list[float]) -> Pool:
    return Pool(np.array(exponents, np.float64), np.array(offsets, np.float64))
