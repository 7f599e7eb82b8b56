"""The page of the copy that says what a space knows of its person, in French and English, without a script.

Each field of the facts becomes a line; a value without a word of ours is written as it is, so that nothing is left out
because nobody translated it.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from html import escape
from typing import Any

import msgspec

from carnet.design.language import Language
from carnet.journeys.copy_message_words import END, head

PAGES = {"fr": "donnees/espace.html", "en": "donnees/espace.en.html"}
WORDS: dict[str, tuple[str, str]] = {
    "title": ("Ce que mon espace sait de moi", "What my space knows of me"),
    "back": ("Retour à la copie", "Back to the copy"),
    "none": ("Rien.", "Nothing."),
    "yes": ("oui", "yes"),
    "no": ("non", "no"),
    "other": ("English", "Français"),
    "person": ("Mon identité", "My identity"),
    "name": ("Nom", "Name"),
    "matricule": ("Matricule INS", "INS number"),
    "birth_name": ("Nom de naissance", "Birth name"),
    "given_names": ("Prénoms", "Given names"),
    "usual_name": ("Nom utilisé", "Name in use"),
    "birth_date": ("Date de naissance", "Birth date"),
    "sex": ("Sexe", "Sex"),
    "birth_place": ("Lieu de naissance (code)", "Birth place (code)"),
    "contact": ("Comment me joindre", "How to reach me"),
    "email": ("E-mail", "E-mail"),
    "email_to_confirm": ("E-mail à confirmer", "E-mail to confirm"),
    "former_email": ("Ancien e-mail", "Former e-mail"),
    "apart": ("Pour ce que je garde à part", "For what I keep apart"),
    "apart_to_confirm": ("Pour ce que je garde à part, à confirmer", "For what I keep apart, to confirm"),
    "from_the_insurer": ("Selon l'assurance maladie", "According to the health insurance"),
    "phone": ("Téléphone", "Telephone"),
    "lines": ("Adresse", "Address"),
    "postcode": ("Code postal", "Postcode"),
    "town": ("Commune", "Town"),
    "representatives": ("Représentants connus", "Known representatives"),
    "settings": ("Mes réglages", "My settings"),
    "language": ("Langue", "Language"),
    "notice_channels": ("Comment je suis prévenu", "How I am told"),
    "quiet_subjects": ("Sans e-mail pour", "No e-mail about"),
    "masked_by_default": ("Nouveaux documents masqués aux professionnels", "New documents masked from professionals"),
    "allow_centre_15": ("Accès du SAMU en urgence", "Access of the ambulance service in an emergency"),
    "allow_bris_de_glace": ("Accès d'un professionnel en urgence", "Access of a professional in an emergency"),
    "allow_masked_in_emergency": ("Documents masqués montrés en urgence", "Masked documents shown in an emergency"),
    "nobody_after_my_death": ("Après mon décès, personne ne peut rien demander", "After my death, nobody may ask"),
    "strong_consent": ("Accord renforcé", "Strengthened consent"),
    "life": ("L'histoire de mon espace", "The history of my space"),
    "state": ("État", "State"),
    "told_at": ("Information envoyée le", "Information sent on"),
    "told_by": ("Envoyée par", "Sent by"),
    "opens_at": ("Ouverture prévue le", "Opening planned for"),
    "opened_at": ("Ouvert le", "Opened on"),
    "activated_at": ("Activé le", "Activated on"),
    "terms": ("Conditions acceptées", "Conditions accepted"),
    "terms_at": ("Conditions acceptées le", "Conditions accepted on"),
    "welcomed_at": ("Premiers choix le", "First choices on"),
    "motive": ("Motif", "Motive"),
    "since": ("Depuis le", "Since"),
    "closed_at": ("Fermé le", "Closed on"),
    "due_event": ("Suite prévue", "What comes next"),
    "due_at": ("Prévue le", "Planned for"),
    "erased_at": ("Effacé le", "Erased on"),
    "access": ("Qui a accès, qui est bloqué", "Who has access, who is blocked"),
    "teams": ("Mes équipes de soins", "My care teams"),
    "attending_doctor": ("Mon médecin traitant", "My attending doctor"),
    "own_rules": ("Ce que je cache ou garde à part", "What I hide or keep apart"),
    "topics_kept_apart": ("Sujets gardés à part", "Topics kept apart"),
    "documents_kept_apart": ("Documents gardés à part", "Documents kept apart"),
    "restrictions": ("Restrictions", "Restrictions"),
    "emergencies": ("Accès en urgence", "Emergency accesses"),
    "disputes": ("Accès contestés", "Contested accesses"),
    "acting_for_me": ("Qui agit pour moi", "Who acts for me"),
    "i_act_for": ("Pour qui j'agis", "For whom I act"),
    "ways_in": ("Mes moyens de connexion", "My ways of signing in"),
    "sessions": ("Mes connexions récentes", "My recent sign-ins"),
    "effect": ("Effet", "Effect"),
    "permit": ("autorisé", "authorised"),
    "block": ("bloqué", "blocked"),
    "identifier": ("Identifiant", "Identifier"),
    "profession": ("Profession", "Profession"),
    "starts_at": ("Du", "From"),
    "ends_at": ("Au", "To"),
    "origin": ("Origine", "Origin"),
    "shared": ("Vaut pour son équipe de soins", "Holds for their care team"),
    "secret": ("Mes représentants n'en savent rien", "My representatives are told nothing of it"),
    "messages": ("Lit et écrit mes messages", "Reads and writes my messages"),
    "documents": ("Mes documents lui sont confiés", "Is given my documents"),
    "agenda": ("Lit mon agenda et y écrit", "Reads my calendar and writes in it"),
    "is_administrator": ("Médecin administrateur", "Administrator doctor"),
    "first_used_at": ("Première venue", "First came"),
    "names": ("Membres", "Members"),
    "recorded_at": ("Enregistré le", "Recorded on"),
    "rpps": ("RPPS", "RPPS"),
    "declared_at": ("Déclaré le", "Declared on"),
    "mode": ("Mode", "Mode"),
    "granted_at": ("Ouvert le", "Opened on"),
    "approved_by": ("Confirmé par", "Confirmed by"),
    "reason": ("Raison donnée", "Reason given"),
    "outcome": ("Réponse", "Answer"),
    "statement": ("Ce que j'ai dit", "What I said"),
    "kind": ("Qui", "Who"),
    "basis": ("À quel titre", "In what capacity"),
    "purpose": ("Pourquoi", "What for"),
    "withheld": ("Sans ces catégories", "Without these categories"),
    "standing": ("Où en est-on", "Where it stands"),
    "proof": ("Preuve montrée", "Proof shown"),
    "accepted_at": ("Accepté le", "Accepted on"),
    "refused_at": ("Refusé le", "Refused on"),
    "ended_at": ("Terminé le", "Ended on"),
    "ended_by": ("Terminé par", "Ended by"),
    "answer_by": ("Réponse attendue avant le", "Answer expected before"),
    "discreet_from": ("Sujets sensibles réservés dès le", "Sensitive topics kept back from"),
    "looks_only_from": ("Ne peut que lire dès le", "May only read from"),
    "until": ("Jusqu'au", "Until"),
    "waiting": ("En attente", "Waiting"),
    "issuer": ("Fournisseur", "Provider"),
    "label": ("Nom du moyen", "Its name"),
    "created_at": ("Depuis le", "Since"),
    "usable_from": ("Utilisable dès le", "Usable from"),
    "last_used_at": ("Dernière fois le", "Last time on"),
    "last_login_at": ("Dernière fois le", "Last time on"),
    "last_seen_at": ("Vu le", "Seen on"),
    "device": ("Appareil", "Device"),
    "door": ("Entrée", "Entrance"),
    "category": ("Catégorie", "Category"),
    "received_from": ("Reçu à partir du", "Received from"),
    "professions": ("Professions", "Professions"),
    "finess": ("Établissements", "Organisations"),
    "everyone": ("Tout le monde", "Everybody"),
    "by_delegate": ("Par un représentant", "By a representative"),
    "not-noted": ("non noté", "not noted"),
    "OPEN": ("ouvert", "open"),
    "ACTIVE": ("ouvert et utilisé", "open and in use"),
    "SUSPENDED": ("suspendu", "suspended"),
    "CLOSED": ("fermé", "closed"),
    "post": ("courrier", "post"),
    "portal": ("dans l'espace", "in the space"),
    "weekly": ("chaque semaine", "every week"),
    "representative": ("représentant légal", "legal representative"),
    "carer": ("aidant", "carer"),
    "parental": ("autorité parentale", "parental authority"),
    "chosen": ("choisi par moi", "chosen by me"),
    "professional": ("professionnel", "professional"),
    "organisation": ("établissement", "organisation"),
    "team": ("équipe", "team"),
    "active": ("en cours", "under way"),
    "over": ("terminé", "ended"),
    "refused": ("refusé", "refused"),
    "expired": ("sans réponse à temps", "no answer in time"),
    "later": ("à venir", "to come"),
    "provider": ("fournisseur d'identité", "identity provider"),
    "passkey": ("clé d'accès", "passkey"),
    "password": ("identifiant et mot de passe", "login and password"),
    "note": ("Remarque", "Note"),
    "unreadable": ("n'a pas pu être lu : appelez le 3422", "could not be read: call 3422"),
    "hide": ("caché à", "hidden from"),
    "only": ("montré seulement à", "shown only to"),
}
THEIRS: dict[str, tuple[str, str]] = {
    "title": ("Ce que l'espace sait de cette personne", "What the space knows of this person"),
    "person": ("Identité", "Identity"),
    "settings": ("Réglages", "Settings"),
    "life": ("L'histoire de l'espace", "The history of the space"),
    "attending_doctor": ("Médecin traitant", "Attending doctor"),
    "own_rules": ("Ce que ses représentants cachent", "What their representatives hide"),
}
"""What reads otherwise in the copy of a child's space."""
_LEFT_OUT = frozenset({"authorisation_id", "emergency", "team", "case", "restriction_id", "logical_id", "oid"})
"""Ids that say nothing to a person; `donnees/espace.json` has them."""


def space_page(language: Language, facts: Mapping[str, Any], *, mine: bool = True) -> Iterator[bytes]:
    """Yield the page. facts: what `copy_space.SpaceFacts` tells by name, times as `datetime`.

    mine: for the person; else for who represents them.
    """
    other = "en" if language.code == "fr" else "fr"
    index = {"fr": "../index.html", "en": "../index.en.html"}[language.code]
    links = ((index, _said(language, "back")), (PAGES[other].removeprefix("donnees/"), _said(language, "other")))
    yield head(language, title=_heading(language, "title", mine=mine), links=links)
    for name, value in facts.items():
        yield f"<h2>{escape(_heading(language, name, mine=mine))}</h2>\n".encode()
        yield from _section(language, value)
    yield END


def _heading(language: Language, word: str, *, mine: bool) -> str:
    if mine or word not in THEIRS:
        return _said(language, word)
    return THEIRS[word][0 if language.code == "fr" else 1]


def _section(language: Language, value: Any) -> Iterator[bytes]:
    shown = [_lines(language, _fields(one)) for one in (value if isinstance(value, tuple | list) else (value,))]
    if not any(shown):
        yield f"<p>{_said(language, 'none')}</p>\n".encode()
    for lines in filter(None, shown):
        yield f"<dl>{lines}</dl>\n".encode()


def _lines(language: Language, fields: Mapping[str, Any]) -> str:
    return "".join(_line(language, name, value) for name, value in fields.items() if name not in _LEFT_OUT)


def _line(language: Language, name: str, value: Any) -> str:
    """Return one field; what only groups others, under a name without a word, is told field by field."""
    if name not in WORDS and isinstance(value, msgspec.Struct | Mapping):
        return _lines(language, _fields(value))
    text = _value(language, value)
    return f"<dt>{escape(_said(language, name))}</dt><dd>{text}</dd>\n" if text else ""


def _fields(value: Any) -> Mapping[str, Any]:
    if isinstance(value, msgspec.Struct):
        return msgspec.structs.asdict(value)
    return value if isinstance(value, Mapping) else {}


def _value(language: Language, value: Any) -> str:
    """Return a value as HTML, empty when there is nothing to tell."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return _said(language, "yes" if value else "no")
    if isinstance(value, datetime):
        return escape(language.moment(value))
    if isinstance(value, msgspec.Struct | Mapping):
        lines = _lines(language, _fields(value))
        return f"<dl>{lines}</dl>" if lines else ""
    if isinstance(value, Iterable) and not isinstance(value, str):
        return ", ".join(filter(None, (_value(language, one) for one in value)))
    return escape(_said(language, str(value)))


def _said(language: Language, word: str) -> str:
    known = WORDS.get(word)
    return word if known is None else known[0 if language.code == "fr" else 1]
