"""National numbers for invented people: each has a correct key, none is handed out in reality.

The sandbox computes keys on its own, so that a fault in `identity` cannot hide behind a shared mistake.
Sources: INSEE (NIR), annexes of the RPPS and FINESS file descriptions (Luhn key).
"""

from datetime import date

CORSICA = {"2A": "19", "2B": "18"}


def nir_number(*, sex: str, born: date, place: str, order: int) -> str:
    """The thirteen characters before the key: sex, year, month, five-character birth place, order of birth."""
    return f"{'1' if sex == 'M' else '2'}{born:%y%m}{place}{order:03d}"


def nir_key(number: str) -> str:
    """Two digits: 97 minus the remainder of the number by 97."""
    department = number[5:7]
    digits = number[:5] + CORSICA.get(department, department) + number[7:]
    return f"{97 - int(digits) % 97:02d}"


def luhn_sum(digits: str) -> int:
    """Sum of the Luhn scheme over the digits; a complete number gives a multiple of ten."""
    total = 0
    for position, char in enumerate(reversed(digits)):
        value = int(char) * (2 if position % 2 else 1)
        total += value - 9 if value > 9 else value  # noqa: PLR2004  # the sum of the two digits of the double
    return total


def with_luhn(base: str) -> str:
    """The base followed by its Luhn digit."""
    return base + str(-luhn_sum(base + "0") % 10)
