"""A persona is someone who can log in at one provider, and what that provider says about them.

FranceConnect: identity pivot of its documentation (mes.md §3.11). Pro Santé Connect: claims of its userinfo
(mes.md §3.11). Claims are computed once, at start-up; `sub` is added by the provider.
"""

from typing import Any

import msgspec

from carnet.sandbox.population.agents import AGENTS, Agent
from carnet.sandbox.population.data import Organisation, Person, Population, Professional

PROFESSION_OID = "1.2.250.1.213.1.1.5.5"
SECTOR_OID = "1.2.250.1.71.4.2.4"


class Persona(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the choose-a-persona page. `token_claims` also travel inside access tokens."""

    login: str
    name: str
    about_fr: str
    about_en: str
    fixed_sub: str | None = None
    claims: dict[str, Any]
    token_claims: dict[str, Any] = {}

    def about(self, language: str) -> str:
        """The line that says who this is, in the reader's language."""
        return self.about_en if language == "en" else self.about_fr


def citizens(population: Population) -> tuple[Persona, ...]:
    """Those who have a FranceConnect account: adults, but for those who have none."""
    return tuple(_citizen(person) for person in population.persons if person.account)


def professionals(population: Population) -> tuple[Persona, ...]:
    """Every professional of the population."""
    return tuple(_professional(one, population.workplace(one)) for one in population.professionals)


def agents() -> tuple[Persona, ...]:
    """Those who work at the desk, and the pilot."""
    return tuple(_agent(one) for one in AGENTS)


def _agent(one: Agent) -> Persona:
    given, _, usual = one.name.partition(" ")
    return Persona(
        login=one.login,
        name=one.name,
        about_fr=one.about_fr,
        about_en=one.about_en,
        claims={"given_name": given, "usual_name": usual, "email": one.email, "siret": "00000000000000"},
    )


def _citizen(person: Person) -> Persona:
    claims: dict[str, Any] = {
        "given_name": person.given_names[0],
        "given_name_array": list(person.given_names),
        "family_name": person.birth_name.upper(),
        "birthdate": person.birth_date.isoformat(),
        "gender": "female" if person.sex == "F" else "male",
        "birthplace": "" if person.birth_place.startswith("99") else person.birth_place,
        "birthcountry": person.country,
        "email": person.email,
    }
    if person.used_name:
        claims["preferred_username"] = person.used_name.upper()
    return Persona(
        login=person.login,
        name=f"{person.used_given or person.given_names[0]} {person.used_name or person.birth_name}",
        about_fr=person.about_fr,
        about_en=person.about_en,
        claims=claims,
    )


def _professional(one: Professional, place: Organisation) -> Persona:
    identity = {
        "SubjectNameID": one.national_id,
        "preferred_username": one.national_id,
        "SubjectRole": [f"{one.profession}^{PROFESSION_OID}"],
        "SubjectOrganization": place.name,
        "SubjectOrganizationID": place.national_id,
    }
    claims = identity | {
        "family_name": one.family.upper(),
        "given_name": one.given,
        "codeCivilite": one.civility,
        "Secteur_Activite": f"{place.facility_type}^{SECTOR_OID}",
        "Mode_Acces_Raison": "",
        "Acces_Regulation_Medicale": "FAUX",
        "Palier_Authentification": "APPPRIP3^1.2.250.1.213.1.5.1.1.1",
        "PSI_Locale": "1.2.250.1.213.1.3.1.1",
        "UITVersion": "1.0",
        "otherIds": [{"identifiant": one.national_id, "origine": "RPPS", "qualite": 1}],
        "SubjectRefPro": {"codeCivilite": one.civility, "exercices": [_practice(one, place)]},
    }
    return Persona(
        login=one.login,
        name=one.display,
        about_fr=f"{one.profession_label}, {place.name}",
        about_en=f"{one.profession_label}, {place.name}",
        fixed_sub=f"f:7c1f9a52-0c3b-4d1e-9f2b-0000c0ffee00:{one.national_id}",
        claims=claims,
        token_claims=identity,
    )


def _practice(one: Professional, place: Organisation) -> dict[str, Any]:
    return {
        "codeProfession": one.profession,
        "codeCategorieProfessionnelle": "C",
        "codeCiviliteDexercice": one.title,
        "nomDexercice": one.family.upper(),
        "prenomDexercice": one.given,
        "codeTypeSavoirFaire": "S" if one.specialty else "",
        "codeSavoirFaire": one.specialty,
        "activities": [
            {
                "codeModeExercice": "S" if place.practice_setting != "AMBULATOIRE" else "L",
                "codeSecteurDactivite": place.facility_type,
                "codeSectionPharmacien": "A" if one.profession == "21" else "",
                "codeRole": "",
                "numeroFinessSite": place.finess,
                "numeroFinessetablissementJuridique": place.finess,
                "identifiantTechniqueDeLaStructure": place.national_id,
                "raisonSocialeSite": place.name,
                "enseigneCommercialeSite": "",
                "codePostalSite": place.address.postal_code,
                "libelleCommuneSite": place.address.city,
            }
        ],
    }
