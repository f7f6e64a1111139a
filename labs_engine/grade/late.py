"""What lateness costs."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

_UNITS = {"minute": 60.0, "hour": 3600.0, "day": 86400.0, "week": 604800.0}
_SHORT = {"s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0}
_FORM = re.compile(
    r"(?P<rate>\d+(?:\.\d+)?)(?P<percent>%?)/(?P<unit>minute|hour|day|week)"
    r"(?:\s+max\s+(?P<most>\d+(?:\.\d+)?)(?P<most_percent>%?))?"
    r"(?:\s+grace\s+(?P<grace>\d+(?:\.\d+)?)(?P<grace_unit>s|min|h|d))?"
)


class LatePolicyError(ValueError):
    """A text that is no policy; the message says how one is written."""


@dataclass(frozen=True)
class LatePolicy:
    """A rate for each unit of time that has begun.

    Attributes:
        rate: Deduction for a unit: a share of the possible points, or points.
        share: Whether rate and most are shares.
        unit: Seconds of a unit.
        most: The most that is taken off.
        grace: Seconds that cost nothing. A submission that is later is charged from the deadline on.
        text: The policy as it was written.
    """

    rate: float = 0.0
    share: bool = True
    unit: float = 86400.0
    most: float = math.inf
    grace: float = 0.0
    text: str = ""

    @classmethod
    def parse(cls, text: str) -> LatePolicy:
        """Read a policy: '10%/day', '0.5/hour', '10%/day max 50% grace 15min'.

        Args:
            text: A rate in per cent of the points that there are, or in points, for a minute, hour, day or week;
                after it the most that is taken off, and what costs nothing (s, min, h or d).

        Raises:
            LatePolicyError: It is written in another way.

        Example:
            >>> policy = LatePolicy.parse("10%/day max 50% grace 15min")
            >>> policy.penalty(600, reached=18, possible=20), policy.penalty(26 * 3600, reached=18, possible=20)
            (0.0, 4.0)
        """
        found = _FORM.fullmatch(" ".join(text.split()))
        if not found or (found["most"] and bool(found["most_percent"]) != bool(found["percent"])):
            raise LatePolicyError(
                f"{text!r} is no policy for late submissions. Write '10%/day' or '0.5/hour'; "
                "after it 'max 50%' and 'grace 15min' if you like"
            )
        scale = 100.0 if found["percent"] else 1.0
        return cls(
            rate=float(found["rate"]) / scale,
            share=bool(found["percent"]),
            unit=_UNITS[found["unit"]],
            most=float(found["most"]) / scale if found["most"] else math.inf,
            grace=float(found["grace"]) * _SHORT[found["grace_unit"]] if found["grace"] else 0.0,
            text=" ".join(text.split()),
        )

    def penalty(self, late_seconds: float, reached: float, possible: float) -> float:
        """Return the points taken off, never more than were reached.

        Args:
            late_seconds: Seconds after the deadline.
            reached: Points of the submission.
            possible: Highest possible number of points.
        """
        if late_seconds <= self.grace or late_seconds <= 0:
            return 0.0
        off = min(self.rate * math.ceil(late_seconds / self.unit), self.most)
        return round(min(off * possible if self.share else off, reached), 2)


NO_PENALTY = LatePolicy()
