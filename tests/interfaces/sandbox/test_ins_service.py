"""The INS service answers with a number only when exactly one person fits."""

import pytest

NOUR = {"birth_name": "AUBEPINE", "given_name": "NOUR", "sex": "F", "birth_date": "1994-05-17"}


def ask(client, **changes):
    return client.post("/ins/search", json=NOUR | changes)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"birth_name": "aubépine"},
        {"given_name": "Inès"},
        {"given_name": "Nour Inès Jade"},
        {"birth_place": "69383"},
    ],
)
def test_one_person_fits(client, changes):
    answer = ask(client, **changes).json()
    assert answer["status"] == "found"
    assert answer["ins"] == {"matricule": "294056938390135", "oid": "1.2.250.1.213.1.4.10"}
    assert answer["traits"]["given_names"] == "NOUR INES JADE"


@pytest.mark.parametrize(
    "changes", [{"sex": "M"}, {"birth_date": "1994-05-18"}, {"birth_place": "75112"}, {"given_name": "Jean"}]
)
def test_nobody_fits(client, changes):
    assert ask(client, **changes).json() == {"status": "none"}


def test_homonyms_born_the_same_day_need_their_birth_place(client):
    jean = {"birth_name": "Le Papillon", "given_name": "Jean", "sex": "M", "birth_date": "1975-05-05"}
    assert client.post("/ins/search", json=jean).json() == {"status": "several"}
    assert client.post("/ins/search", json=jean | {"birth_place": "57463"}).json()["status"] == "found"


@pytest.mark.parametrize("changes", [{"sex": "X"}, {"birth_date": "17/05/1994"}, {"nir": "1"}])
def test_bad_traits_are_refused(client, changes):
    assert ask(client, **changes).status_code == 400


def test_it_explains_itself(client):
    assert client.get("/ins").json()["operation"] == "POST /ins/search"
