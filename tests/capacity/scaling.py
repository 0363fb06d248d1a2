"""An autoscaler and the replicas that it starts and stops, as Kubernetes' and KEDA's do. Pure.

Source:
    Kubernetes, Horizontal Pod Autoscaling: ceil(signal / target), a tolerance of a tenth, at most
    twice as many or four more at a time, and the highest wish of the window before fewer.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.capacity.world import Pool

TOLERANCE = 0.1
AT_LEAST_MORE = 4


@dataclass(slots=True)
class Replicas:
    """The replicas of a pool.

    Attributes:
        count: Those that work.
        spent_s: Time times replicas, until now.
    """

    pool: Pool
    count: int = field(init=False)
    spent_s: float = field(init=False, default=0.0)
    _poll_s: float = field(init=False)
    _starting: deque[float] = field(init=False, default_factory=deque)
    _wishes: deque[tuple[float, int]] = field(init=False, default_factory=deque)

    def __post_init__(self) -> None:
        self.count = self.pool.replicas
        self._poll_s = self.pool.scaling.poll_s if self.pool.scaling else math.inf

    @property
    def capacity(self) -> float:
        """What they do in a second."""
        return self.count * self.pool.each

    @property
    def next_s(self) -> float:
        """When something happens next."""
        return min(self._poll_s, self._starting[0] if self._starting else math.inf)

    def happen(self, now_s: float, signals: Mapping[str, float]) -> None:
        """Do what is due.

        Args:
            now_s: The time.
            signals: Sums over all replicas; "busy" in replicas that are wholly used.
        """
        while self._starting and self._starting[0] <= now_s:
            self._starting.popleft()
            self.count += 1
        if now_s >= self._poll_s and self.pool.scaling is not None:
            self._poll_s += self.pool.scaling.poll_s
            self._scale(now_s, signals[self.pool.scaling.signal])

    def _scale(self, now_s: float, signal: float) -> None:
        scaling = self.pool.scaling
        assert scaling is not None
        asked = self.count + len(self._starting)
        wish = math.ceil(signal / scaling.target - 1e-9)
        # Within the tolerance of what works now, nothing is changed.
        if abs(signal / (scaling.target * self.count) - 1) <= TOLERANCE:
            wish = asked
        wish = max(self.pool.replicas, min(scaling.most, wish))
        self._wishes.append((now_s, wish))
        while self._wishes[0][0] < now_s - scaling.calm_s:
            self._wishes.popleft()
        if wish > asked:
            more = min(wish - asked, max(asked, AT_LEAST_MORE))
            self._starting.extend([now_s + scaling.start_s] * more)
        else:
            self.count = min(self.count, max(self._highest_wish(), self.pool.replicas))

    def _highest_wish(self) -> int:
        return max(wish for _, wish in self._wishes)
