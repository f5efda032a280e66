"""What a configuration may change in a standard without copying it, as people write it (pydantic)."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from qa_audit.hours import minutes_of
from qa_audit.records import Severity

Number = Annotated[float, Field(allow_inf_nan=False)]
Points = Annotated[float, Field(ge=0, allow_inf_nan=False)]


def _hours(value: str) -> str:
    try:
        minutes_of(value)
    except ValueError:
        raise ValueError(f"{value} is not like 09:00-23:00") from None
    return value


Hours = Annotated[str, AfterValidator(_hours)]


class Strict(BaseModel):
    """A mapping of a hand-written file: unknown keys are errors."""

    model_config = ConfigDict(extra="forbid")


class GradeFile(Strict):
    """A grade and the lowest score that earns it."""

    name: str
    at_least: Number


class RuleOverride(Strict):
    """What is different for one rule; what is left out stays as the standard has it.

    ``within`` is that of the rule file: per channel the measures of ``limit``, or the window of ``respond`` and
    ``echo``. ``status`` off takes the rule out.
    """

    status: Literal["off", "trial", "live"] | None = None
    severity: Severity | None = None
    points: Points | None = None
    within: dict[str, Any] = {}
    service_hours: Hours | None = None
    hours: Hours | None = None


class SectionOverride(Strict):
    """The most that a section may cost."""

    cap: Points | Literal["none"]
