"""Who acts for the person, and what an invitation says, from and for the pages."""

from datetime import datetime, time, timedelta
from uuid import UUID

from carnet.access.api import PURPOSES, DelegationLine, Need, Wanted, delegations
from carnet.design.language import PARIS
from carnet.identity.api import SignedIn, parse_birth_date, parse_ins
from carnet.infra.installation import current
from carnet.interfaces.portal.forms import end_of_day, start_of_day
from carnet.interfaces.portal.presenters.carers import AGENDA_ONLY, UNTIL, CarerFacts
from carnet.interfaces.portal.sources.own_rules import own_look
from carnet.journeys.api import whoever
from carnet.kernel.errors import Invalid, NotFound, Problem
from carnet.spaces.api import Delegate, view_in

NO_FIRST_DAY, NO_DAY = (
    Problem("date", "Choisissez un jour à venir.", "Choose a day to come.", field) for field in ("debut", "fin")
)
NO_NAME = Problem("name", "Écrivez ce nom.", "Write this name.")
NO_NUMBER = Problem(
    "number", "Écrivez ce numéro de sécurité sociale.", "Write this social security number.", "matricule"
)
NO_BIRTH = Problem("birth", "Écrivez la date de naissance.", "Write the birth date.", "naissance")
NOT_DECLARED = Problem("declaration", "Cochez cette case pour continuer.", "Tick this box to go on.", "declare")
ORDER = ("matricule", "nom", "prenom", "naissance", "declare")
"""The fields of who is invited, as the page shows them: what lacks is told in that order."""
LONGEST = 80


async def gather_carers(*, signed_in: SignedIn, at: datetime) -> tuple[CarerFacts, ...]:
    """Return everybody who acts, acted or is asked to act for the person, newest first."""
    async with own_look(signed_in, need=Need.MANAGE_CARERS, at=at) as (opened, seen):
        lines = await delegations(opened, keys=seen.opened_keys)
    return tuple(to_facts(one, at=at) for one in lines)


def to_facts(one: DelegationLine, *, at: datetime) -> CarerFacts:
    """Return what pages show of a delegation."""
    return CarerFacts(
        id=one.delegation_id.hex,
        name=one.delegate.name,
        kind=one.kind,
        basis=one.basis,
        standing=str(one.standing(at)),
        starts_at=one.starts_at,
        ends_at=one.ends_at,
        answer_by=one.answer_by,
        withheld=one.withheld,
        messages=one.messages and one.kind == "carer",
        documents=one.documents,
        agenda=one.agenda and one.kind == "carer",
    )


async def find_carer(*, signed_in: SignedIn, carer: UUID | None, at: datetime) -> CarerFacts:
    """Return one carer of the person's. Raises NotFound."""
    found = await gather_carers(signed_in=signed_in, at=at)
    one = next((one for one in found if carer is not None and one.id == carer.hex and one.kind == "carer"), None)
    if one is None:
        raise NotFound
    return one


async def read_invited(form: dict[str, str], *, signed_in: SignedIn) -> Delegate:
    """Return whom the form names. Raises Invalid with the form's fields as paths."""
    problems = [] if form.get("declare") == "1" else [NOT_DECLARED]
    oid = (await whoever(signed_in)).ins.oid
    accepted, typed = current().limits.accepted_ins_oids, form.get("matricule", "")
    name, given = (" ".join(form.get(field, "").split())[:LONGEST] for field in ("nom", "prenom"))
    problems += (
        Problem(NO_NAME.code, NO_NAME.fr, NO_NAME.en, field)
        for field, said in (("nom", name), ("prenom", given))
        if not said
    )
    problems += () if typed.strip() else (NO_NUMBER,)
    problems += () if form.get("naissance") else (NO_BIRTH,)
    if problems:
        raise Invalid(*sorted(problems, key=lambda one: ORDER.index(one.path or "")))
    ins = parse_ins(matricule=typed, oid=oid, accepted_oids=accepted, path="matricule")
    born = parse_birth_date(form["naissance"], path="naissance")
    return Delegate(ins=ins, birth_name=name, given_name=given, birth_date=born, name=f"{given} {name}")


def read_wanted(form: dict[str, str], withheld: list[str], *, at: datetime) -> Wanted:
    """Return what for and until when. Raises Invalid when a day chosen is none."""
    chosen = form.get("motif", "")
    starts_at, purpose = at, chosen if chosen in PURPOSES else ""
    if chosen == UNTIL or not purpose:
        if form.get("debut"):
            starts_at = max(at, start_of_day(form["debut"], problem=NO_FIRST_DAY))
        ends_at = end_of_day(form.get("fin", ""), problem=NO_DAY)
    else:
        last = at.astimezone(PARIS).date() + timedelta(days=PURPOSES[purpose])
        ends_at = datetime.combine(last, time(), PARIS)
    only = form.get("partie") == AGENDA_ONLY
    return Wanted(
        starts_at=starts_at,
        ends_at=ends_at,
        purpose=purpose,
        withheld=() if only else tuple(withheld),
        messages=form.get("messages") == "1",
        documents=not only,
        agenda=only or form.get("agenda") == "1",
    )


async def name_of_helped(signed_in: SignedIn, *, need: Need, at: datetime) -> str:
    """Return the name of the person whose space the session is in, for who may do what it is shown for."""
    async with own_look(signed_in, need=need, at=at) as (w, _):
        return (await view_in(w)).person.display_name
