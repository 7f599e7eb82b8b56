"""Shapes of the code tables. Only what the rest of Carnet asks for; histories of nomenclatures are left out."""

from enum import StrEnum

import msgspec


class ValueSet(StrEnum):
    """The closed lists that document metadata is checked against (CI-SIS value set in brackets)."""

    TYPE = "type"  # JDV_J66 DMP: 106 clinical codes and 2 technical
    CLASS = "class"  # JDV_J06
    FORMAT = "format"  # JDV_J10 / J60
    FACILITY = "facility"  # JDV_J02
    SETTING = "setting"  # JDV_J04
    CONFIDENTIALITY = "confidentiality"  # JDV_J08
    AUTHOR_SPECIALTY = "author-specialty"  # JDV_J01
    PROFESSION = "profession"  # JDV_J65


class Coding(msgspec.Struct, frozen=True):
    """One code of one system (OID). label_en repeats the French label where nobody translated it."""

    code: str
    system: str
    label_fr: str
    label_en: str

    def label(self, language: str) -> str:
        """Return the label in "en", else in French."""
        return self.label_en if language == "en" else self.label_fr


class DocumentType(msgspec.Struct, frozen=True):
    """A kind of document (XDS typeCode).

    label_fr: wording of the nomenclature, for professionals and software; plain_fr: wording for the person;
    label_en: our translation, for both. class_code: XDS classCode. category: where the person finds it.
    """

    code: str
    system: str
    class_code: str
    category: str
    label_fr: str
    plain_fr: str
    label_en: str

    def label(self, language: str) -> str:
        """Return the nomenclature's wording ("fr") or our translation ("en")."""
        return self.label_en if language == "en" else self.label_fr

    def plain(self, language: str) -> str:
        """Return the wording meant for the person, in "fr" or "en"."""
        return self.label_en if language == "en" else self.plain_fr


class Category(msgspec.Struct, frozen=True):
    """A shelf of the person's documents.

    rank: order on the page. shown: False for shelves whose content has its own page. filterable: offered as a filter.
    person_may_add: offered when the person adds a document. upload_type: typeCode such a document gets.
    """

    code: str
    rank: int
    label_fr: str
    label_en: str
    shown: bool
    filterable: bool
    person_may_add: bool
    upload_type: str

    def label(self, language: str) -> str:
        """Return the label in "en", else in French."""
        return self.label_en if language == "en" else self.label_fr


class ProfessionKind(StrEnum):
    """Why a code is in the list of subject roles: not all of them are health professions."""

    HEALTH = "health"
    TITLE = "title"
    SOCIAL = "social"
    ROLE = "role"
    TRAINING = "training"
    PRODUCER = "producer"


class Profession(msgspec.Struct, frozen=True):
    """A subject role (JDV_J65). The same code means a doctor (TRE_G15) or a doctor in training (TRE_G16)."""

    code: str
    system: str
    kind: ProfessionKind
    label_fr: str
    label_en: str

    def label(self, language: str) -> str:
        """Return the label in "en", else in French."""
        return self.label_en if language == "en" else self.label_fr
