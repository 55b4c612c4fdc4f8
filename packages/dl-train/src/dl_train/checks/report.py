"""What checks found."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, Literal

Level = Literal["ok", "warning", "error"]

_MARKS: Final[dict[Level, str]] = {"ok": "✓", "warning": "!", "error": "✗"}
_PLURALS: Final = {"error": ("error", "errors"), "warning": ("warning", "warnings")}


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Parameters
    ----------
    level : {"ok", "warning", "error"}
        Whether all is well, something is odd, or training cannot succeed.
    subject : str
        What was looked at.
    message : str
        What was found, and what to do.
    """

    level: Level
    subject: str
    message: str


@dataclass
class Report:
    """Findings of several checks; printed, it is a list.

    Parameters
    ----------
    findings : list of Finding

    Examples
    --------
    >>> report = Report()
    >>> report.add("ok", "inputs", "(32, 4) float32")
    >>> report.add("error", "targets", "class 10 of 10, counted from 0")
    >>> print(report)
    ✓ inputs   (32, 4) float32
    ✗ targets  class 10 of 10, counted from 0
    1 error
    >>> report.ok
    False
    """

    findings: list[Finding] = field(default_factory=list)

    def add(self, level: Level, subject: str, message: str) -> None:
        """Add a finding."""
        self.findings.append(Finding(level, subject, message))

    def extend(self, findings: Iterable[Finding]) -> None:
        """Add findings."""
        self.findings.extend(findings)

    @property
    def errors(self) -> list[Finding]:
        """What keeps training from succeeding."""
        return [finding for finding in self.findings if finding.level == "error"]

    @property
    def warnings(self) -> list[Finding]:
        """What is odd."""
        return [finding for finding in self.findings if finding.level == "warning"]

    @property
    def ok(self) -> bool:
        """Whether there are no errors."""
        return not self.errors

    def raise_errors(self) -> None:
        """Raise an error if there are any.

        Raises
        ------
        ValueError
            With the whole report.
        """
        if not self.ok:
            raise ValueError(f"the model cannot be trained so:\n{self}")

    def __str__(self) -> str:
        width = max((len(finding.subject) for finding in self.findings), default=0)
        lines = [f"{_MARKS[one.level]} {one.subject:<{width}}  {one.message}" for one in self.findings]
        counts = {"error": len(self.errors), "warning": len(self.warnings)}
        summary = [f"{count} {_PLURALS[level][count > 1]}" for level, count in counts.items() if count]
        return "\n".join([*lines, ", ".join(summary) or "all is well"])

    __repr__ = __str__
