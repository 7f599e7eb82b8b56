"""What identity providers say about somebody, read into our own words. Pure.

FranceConnect: the pivot identity. Pro Santé Connect: national number, profession, organisation (its data dictionary).
It ignores whether the token was genuine (`oidc`) and whether we know the person or professional (directory, spaces).
"""

from typing import Any

import msgspec

from carnet.identity.data import IdentityTraits, parse_traits
from carnet.identity.rules.professional_ids import (
    ProfessionalRegister,
    parse_finess,
    parse_professional_id,
)
from carnet.kernel.errors import Invalid, Problem

PROFESSION_OID = "1.2.250.1.213.1.1.5.5"
INCOMPLETE = Problem(
    code="pivot-incomplete",
    fr="Votre fournisseur d'identité n'a pas transmis toute votre identité de naissance.",
    en="Your identity provider did not send your whole birth identity.",
)
NO_RPPS = Problem(
    code="no-rpps",
    fr="Votre identité professionnelle ne porte pas de numéro RPPS.",
    en="Your professional identity carries no RPPS number.",
    path="SubjectNameID",
)
NO_PROFESSION = Problem(
    code="no-profession",
    fr="Votre identité professionnelle doit porter une profession, et une seule.",
    en="Your professional identity must carry one profession, and one only.",
    path="SubjectRole",
)
NO_ORGANISATION = Problem(
    code="no-organisation",
    fr="Votre identité professionnelle ne dit pas pour quelle structure (FINESS) vous exercez.",
    en="Your professional identity does not say for which organisation (FINESS) you practise.",
    path="SubjectOrganizationID",
)


class ProfessionalClaims(msgspec.Struct, frozen=True, kw_only=True):
    """Who Pro Santé Connect says this is. profession: TRE_G15 code; organisation: FINESS (9 characters).

    regulation: they regulate emergency calls (`Acces_Regulation_Medicale`, "VRAI" or "FAUX").
    """

    rpps: str
    profession: str
    organisation: str
    regulation: bool = False


def read_pivot(claims: dict[str, Any]) -> IdentityTraits:
    """Return the birth identity of FranceConnect's claims. Raises Invalid when a trait the INS needs is missing.

    A person born abroad has no birthplace but a birthcountry (INSEE code 99xxx), which is then their birth place.
    """
    given = claims.get("given_name_array")
    names = given if isinstance(given, list) else str(claims.get("given_name") or "").split()
    family, gender, birthdate = (claims.get(name) for name in ("family_name", "gender", "birthdate"))
    if not names or not family or gender not in ("female", "male") or not birthdate:
        raise Invalid(INCOMPLETE)
    return parse_traits(
        birth_name=str(family),
        given_names=tuple(map(str, names)),
        sex=gender,
        birth_date=str(birthdate),
        birth_place=str(claims.get("birthplace") or claims.get("birthcountry") or "") or None,
        usual_name=str(claims.get("preferred_username") or "") or None,
    )


def read_professional(claims: dict[str, Any]) -> ProfessionalClaims:
    """Return the professional of Pro Santé Connect's claims. Raises Invalid, one problem for each thing missing."""
    problems: list[Problem] = []
    rpps = profession = organisation = ""
    try:
        number = parse_professional_id(str(claims.get("SubjectNameID") or ""), check_key=False)
        rpps = number.value if number.register is ProfessionalRegister.RPPS else ""
    except Invalid:
        rpps = ""
    if not rpps:
        problems.append(NO_RPPS)
    roles = claims.get("SubjectRole")
    listed = roles if isinstance(roles, list) else [roles]
    codes = {code for code, _, oid in (str(role).partition("^") for role in listed) if oid == PROFESSION_OID and code}
    if len(codes) == 1:
        profession = codes.pop()
    else:
        problems.append(NO_PROFESSION)
    try:
        organisation = parse_finess(str(claims.get("SubjectOrganizationID") or ""), check_key=False)
    except Invalid:
        problems.append(NO_ORGANISATION)
    if problems:
        raise Invalid(*problems)
    regulation = claims.get("Acces_Regulation_Medicale") == "VRAI"
    return ProfessionalClaims(rpps=rpps, profession=profession, organisation=organisation, regulation=regulation)
