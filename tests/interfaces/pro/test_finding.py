"""Finding a patient by INS, and learning nothing from a number that leads nowhere."""

import re

import pytest

from carnet.access.api import block
from carnet.infra.db import work
from factories.world import AT, fresh_ins, make_person

SPOKEN = re.compile(rb'value="[A-Za-z0-9_-]{43}"')


async def test_a_doctor_finds_a_patient_and_no_address_holds_the_ins(doctor, person):
    address = await doctor.find(person)
    page = await doctor.get(address)

    assert page.status_code == 200
    assert person.traits.birth_name.upper() in page.text.replace("&#39;", "'")
    assert person.ins.matricule not in address
    assert person.ins.matricule not in page.text
    assert str(person.space) not in address + page.text
    assert person.space.hex not in address + page.text


async def test_spaces_in_the_number_are_forgiven(doctor, person):
    m = person.ins.matricule
    answer = await doctor.post(
        "/pro/patient", {"ins": f"{m[0]} {m[1:3]} {m[3:5]} {m[5:7]} {m[7:10]} {m[10:13]} {m[13:]}"}
    )
    assert answer.status_code == 303
