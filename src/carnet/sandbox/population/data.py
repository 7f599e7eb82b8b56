"""Shapes of the fictitious country: who lives in it, who cares for them, with which software.

Plain facts, no behaviour beyond what follows from them. Ignores rights and spaces: a persona is only someone who can
show up at a door.
"""

import hashlib
import unicodedata
from datetime import date
from typing import Literal

import msgspec

from carnet.sandbox.population import identifiers

TEST_NIR_OID = "1.2.250.1.213.1.4.10"
MSS_DOMAIN = "pro.mssante.invalid"
"""Of the simulated operator of the trust space."""
PATIENTS_DOMAIN = "patient.carnet.invalid"
"""Of the persons' mailboxes: `CARNET_MSS_DOMAIN` as it comes."""
SANDBOX_PASSWORD = "bac-a-sable"  # noqa: S105  # every persona's password, printed for whoever runs the sandbox


class Address(msgspec.Struct, frozen=True, kw_only=True):
    """A postal address in France: number, street, postal code, city."""

    number: str
    street: str
    postal_code: str
    city: str


class Organisation(msgspec.Struct, frozen=True, kw_only=True):
    """A place of care. `finess_base` holds 8 digits; `finess` adds the Luhn key (9 digits)."""

    key: str
    name: str
    finess_base: str
    facility_type: str
    facility_label: str
    practice_setting: str
    practice_label: str
    address: Address
    phone: str

    @property
    def finess(self) -> str:
        """The nine digits of the FINESS number, Luhn key included."""
        return identifiers.with_luhn(self.finess_base)

    @property
    def national_id(self) -> str:
        """Structure identifier of OID 1.2.250.1.71.4.2.2: prefix 1, then the FINESS number."""
        return f"1{self.finess}"

    @property
    def mailbox(self) -> str:
        """The address those who work there share; "" for a pharmacy, whose visitors write to its professional."""
        shared = f"secretariat.{self.key}@{MSS_DOMAIN}".replace("_", "-")
        return "" if self.facility_type == "SA33" else shared


class Software(msgspec.Struct, frozen=True, kw_only=True):
    """A care software as one organisation runs it: its client id is unique to the pair."""

    client_id: str
    name: str
    version: str
    organisation: str


class Professional(msgspec.Struct, frozen=True, kw_only=True):
    """A health professional: profession code of TRE_G15, specialty of TRE_R38 (doctors), one workplace."""

    login: str
    civility: Literal["M", "MME"]
    title: Literal["DR", "PR", ""] = ""
    family: str
    given: str
    rpps_base: str
    profession: str
    profession_label: str
    specialty: str = ""
    organisation: str

    @property
    def rpps(self) -> str:
        """The eleven digits of the RPPS number, Luhn key included."""
        return identifiers.with_luhn(self.rpps_base)

    @property
    def national_id(self) -> str:
        """Professional identifier of OID 1.2.250.1.71.4.2.1: prefix 8, then the RPPS number."""
        return f"8{self.rpps}"

    @property
    def mailbox(self) -> str:
        """Their address at the simulated operator of the trust space."""
        return f"{self.login}@{MSS_DOMAIN}".replace("_", "-")

    @property
    def role_code(self) -> str:
        """Code of JDV_J01 (author specialty), such as `G15_10/SM54` or `G15_60`."""
        return f"G15_{self.profession}/{self.specialty}" if self.specialty else f"G15_{self.profession}"

    @property
    def display(self) -> str:
        """How letters name them: `Dr Aurèle Brindavoine`."""
        return " ".join(part for part in (self.title.capitalize(), self.given, self.family) if part)


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """A fictitious insured person: the INS, its five traits, and what a story needs to know.

    birth_place: INSEE code at birth (country code 99xxx when born abroad); nir_place: the five characters inside the
    number when they differ (Corsica before 1976). `parents` and `partner` are logins. `stories` name the histories
    told about this person; `gp` is the login of the regular doctor. letter: no space yet, told by post.
    """

    login: str
    birth_name: str
    given_names: tuple[str, ...]
    sex: Literal["F", "M"]
    birth_date: date
    birth_place: str
    birth_place_name: str
    order: int
    address: Address
    nir_place: str | None = None
    used_name: str | None = None
    used_given: str | None = None
    country: str = "99100"
    phone: str = ""
    gp: str = "brindavoine"
    account: bool = True
    letter: bool = False
    parents: tuple[str, ...] = ()
    partner: str | None = None
    stories: tuple[str, ...] = ()
    about_fr: str = ""
    about_en: str = ""

    @property
    def matricule(self) -> str:
        """The fifteen characters of the NIR, key included (97 − number mod 97; 2A counts as 19, 2B as 18)."""
        number = identifiers.nir_number(
            sex=self.sex, born=self.birth_date, place=self.nir_place or self.birth_place, order=self.order
        )
        return number + identifiers.nir_key(number)

    @property
    def oid(self) -> str:
        """The OID under which the matricule is issued: always the test one."""
        return TEST_NIR_OID

    @property
    def card_serial(self) -> str:
        """The last eleven digits of the serial number of their Vitale card, made from the matricule."""
        return f"{int(hashlib.sha256(self.matricule.encode()).hexdigest(), 16) % 10**11:011d}"

    @property
    def registered_name(self) -> str:
        """Birth name as the civil register writes it in the INS: capitals without accents."""
        return civil(self.birth_name)

    @property
    def registered_given(self) -> str:
        """All given names, in order, as the INS service answers them."""
        return " ".join(civil(name) for name in self.given_names)

    @property
    def first_given(self) -> str:
        """The first given name, in capitals without accents."""
        return civil(self.given_names[0])

    @property
    def display(self) -> str:
        """How a letter names them: used given and family name, accents kept."""
        return f"{self.used_given or self.given_names[0]} {self.used_name or self.birth_name}"

    @property
    def email(self) -> str:
        """An address in a domain that can never exist (RFC 2606)."""
        return f"{self.login}@courriel.example"

    def age(self, on: date) -> int:
        """Full years on a given day."""
        return on.year - self.birth_date.year - ((on.month, on.day) < (self.birth_date.month, self.birth_date.day))


class Population(msgspec.Struct, frozen=True, kw_only=True):
    """Everyone and everything, as one seed file tells it. `today` is the last day the histories know."""

    today: date
    organisations: tuple[Organisation, ...]
    softwares: tuple[Software, ...]
    professionals: tuple[Professional, ...]
    persons: tuple[Person, ...]

    def organisation(self, key: str) -> Organisation:
        """Find by key; KeyError when the seed has no such organisation."""
        return {o.key: o for o in self.organisations}[key]

    def professional(self, login: str) -> Professional:
        """Find by login; KeyError when unknown."""
        return {p.login: p for p in self.professionals}[login]

    def person(self, login: str) -> Person:
        """Find by login; KeyError when unknown."""
        return {p.login: p for p in self.persons}[login]

    def workplace(self, professional: Professional) -> Organisation:
        """The organisation a professional works in."""
        return self.organisation(professional.organisation)

    def children_of(self, parent: Person) -> tuple[Person, ...]:
        """Those whose legal representatives include this person."""
        return tuple(p for p in self.persons if parent.login in p.parents)


def civil(name: str) -> str:
    """Capitals without accents, ligatures opened, hyphens and apostrophes kept (INS implementation guide)."""
    opened = name.replace("œ", "oe").replace("Œ", "OE").replace("æ", "ae").replace("Æ", "AE").replace("’", "'")
    return "".join(c for c in unicodedata.normalize("NFD", opened) if not unicodedata.combining(c)).upper()
