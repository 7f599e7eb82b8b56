"""What of `carnet run` may end without taking the house down, and when it is begun again.

Nobody waits for what seals, witnesses and follows the journal: acts are committed without them, and sealed when they
are back. Begun again after a second, then each time after twice as long, at most every minute. It ignores why.
"""

SHORTEST, LONGEST = 1.0, 60.0


class Restarts:
    """The programs that are begun again, by name, with their commands; seconds are those of a monotonic clock."""

    def __init__(self) -> None:
        self.commands: dict[str, tuple[str, ...]] = {}
        self._began: dict[str, float] = {}
        self._pause: dict[str, float] = {}
        self._due: dict[str, float] = {}

    def began(self, name: str, command: tuple[str, ...], *, now: float) -> None:
        """Remember that a program runs since `now`."""
        self.commands[name], self._began[name] = command, now
        self._due.pop(name, None)

    def ended(self, name: str, *, now: float) -> float | None:
        """Say that a program was found ended; return after how many seconds it is begun again, None when said before.

        What ran for longer than the longest pause is no longer taken for what fails again and again.
        """
        if name in self._due:
            return None
        ran = now - self._began[name]
        self._pause[name] = SHORTEST if ran > LONGEST else min(2 * self._pause.get(name, SHORTEST / 2), LONGEST)
        self._due[name] = now + self._pause[name]
        return self._pause[name]

    def is_due(self, name: str, *, now: float) -> bool:
        """Whether a program that ended is to be begun again now."""
        return now >= self._due.get(name, float("inf"))
