"""Two addresses are one place however they are written, and never because they look alike."""

import pytest

from carnet.identity.rules.postal import door, home

LILACS = ("31400", "12", "r", "des", "lilas")


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        (("12 RUE DES LILAS",), LILACS),
        (("Résidence du Parc", "BÂT. A", "12, rue des Lilas", "BP 40"), LILACS),
        (("12 rue des Lilas", "3e étage"), LILACS),
        (("3ème étage", "Résidence du Parc"), None),
        (("12 bis rue des Lilas",), ("31400", "12", "b", "r", "des", "lilas")),
        (("14 RUE DES LILAS",), ("31400", "14", "r", "des", "lilas")),
        (("Le Bourg",), None),
        (("BP 12",), None),
        (("3",), None),
        (("12 34",), None),
        ((), None),
    ],
)
def test_a_door(lines, found):
    assert door(lines, "31400") == found


def test_without_a_postcode_it_is_nowhere():
    assert door(("12 RUE DES LILAS",), "") is home(("12 RUE DES LILAS",), "") is None


def test_two_flats_are_two_homes_of_one_door():
    one, other = ("APPARTEMENT 3", "12 RUE DES LILAS"), ("Appt 4", "12 rue des Lilas")
    assert door(one, "31400") == door(other, "31400")
    assert home(one, "31400") != home(other, "31400")
    assert home(("Appt 3", "12, rue des Lilas"), "31400") == home(one, "31400")
