"""What checking a declared document brings up: every problem at once, and what deserves a word without a refusal."""

from dataclasses import dataclass, field

from carnet.kernel.errors import Invalid, Problem


@dataclass(kw_only=True)
class Findings:
    """Collects under one path prefix; `raise_if_any` ends the checking."""

    path: str
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)

    def problem(self, code: str, fr: str, en: str, element: str | None = None) -> None:
        """Note a reason to refuse. element: below the prefix ("type.coding[0].code"); None points at the whole."""
        self.problems.append(Problem(code, fr, en, self._at(element)))

    def warning(self, code: str, fr: str, en: str, element: str | None = None) -> None:
        """Note something accepted that the sender should know of."""
        self.warnings.append(Problem(code, fr, en, self._at(element)))

    def add(self, problem: Problem, element: str | None = None) -> None:
        """Note a ready-made problem; its own path wins over `element`."""
        self.problems.append(Problem(problem.code, problem.fr, problem.en, problem.path or self._at(element)))

    def raise_if_any(self) -> None:
        """Raise Invalid with every problem noted so far."""
        if self.problems:
            raise Invalid(*self.problems)

    def _at(self, element: str | None) -> str:
        return f"{self.path}.{element}" if element else self.path
