"""A fake detector that knows one face by heart: scikit-image's astronaut."""

from __future__ import annotations

import cv2
from emotionmap_face.detect import Detection, Surroundings, distinct

from tests.contract.detector_contract import FACE, astronaut

FACE_PX = 20
STEP = 1.12
LIKENESS = 0.8


class KnownFace:
    """Finds the astronaut by how her face looks; fulfils `FaceDetector`."""

    def __init__(self):
        face = astronaut()[FACE.top : FACE.bottom, FACE.left : FACE.right]
        self._face = cv2.resize(face, (FACE_PX, FACE_PX), interpolation=cv2.INTER_AREA)

    def scan(self, gray, *, min_face_px, is_thorough):
        found, side_px = [], float(min_face_px)
        while side_px <= min(gray.shape):
            factor = FACE_PX / side_px
            small = cv2.resize(gray, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
            found += self._search(Surroundings(small, 0, 0, factor), gray)
            side_px *= STEP
        return distinct(found)

    def follow(self, gray, box):
        found = self.scan(gray, min_face_px=20, is_thorough=True)
        near = [d for d in found if d.box.overlap(box) > 0]
        return max(near, key=lambda d: d.box.overlap(box), default=None)

    def confirms(self, gray, detection):
        return True

    def _search(self, image, gray):
        if min(image.pixels.shape) < FACE_PX:
            return []
        likeness = cv2.matchTemplate(image.pixels, self._face, cv2.TM_CCOEFF_NORMED)
        _, best, _, (x, y) = cv2.minMaxLoc(likeness)
        if not LIKENESS < best <= 1.001:  # of a flat picture it may be anything
            return []
        return [Detection(image.to_frame((x, y, FACE_PX, FACE_PX), gray), min(best, 1.0))]
