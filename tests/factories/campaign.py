"""The opening campaign as an operator runs it: import, tell, open; and what its letters and tables then say."""

import re

import psycopg
import pypdfium2

from carnet.identity.api import parse_ins
from carnet.infra import clock
from carnet.spaces.api import Telling, import_beneficiaries, inform, open_due_spaces
from factories.beneficiaries import OID, beneficiary_matricule, line
from factories.world import AT, OPERATOR

SITE = "https://carnet.test"
CODE = re.compile(r"[2-9A-HJ-NP-Z]{4}(?:-[2-9A-HJ-NP-Z]{4}){2}")


def telling(tmp_path, transport=None, **given):
    folder = tmp_path / "lettres"
    return Telling(site=SITE, folder=folder, sender="Carnet\nBP 1\n75000 PARIS", transport=transport, **given)


def rows(house, sql, *params):
    with psycopg.connect(house.url("postgres")) as conn:
        return conn.execute(sql, params).fetchall()


def states(house):
    return dict(rows(house, "SELECT state, count(*) FROM carnet.enrolment GROUP BY state"))


def ins_of(number):
    return parse_ins(matricule=beneficiary_matricule(number), oid=OID)


async def imported(batch, made, at=AT, **given):
    return await import_beneficiaries(actor=OPERATOR, batch=batch, source=made, at=at, **given)


async def told(batch, tmp_path, departement="31", transport=None, at=AT, most=1000, **given):
    """A run of `at`: the clock stands still meanwhile."""
    with clock.frozen(at):
        asked = telling(tmp_path, transport, **given)
        return await inform(actor=OPERATOR, batch=batch, departement=departement, telling=asked, most=most, at=at)


async def opened(batch, at, **given):
    return await open_due_spaces(actor=OPERATOR, batch=batch, at=at, **given)


def born(number):
    return line(number).split(";")[5]


def letter_codes(folder):
    found = {}
    for path in sorted(folder.glob("lot-*.pdf")):
        for page in pypdfium2.PdfDocument(path):
            text = page.get_textpage().get_text_bounded()
            found[int(re.search(r"(\d+) RUE DES ESSAIS", text)[1])] = CODE.search(text)[0]
    return found
