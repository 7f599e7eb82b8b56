"""What a login name and a password must be. Pure: hashing and storage are elsewhere.

Source: mes.md §2.2 A4 (login of 8 characters or more, only `. - _` beside letters and digits, no e-mail, NIR or IBAN;
password of 9 or more with four kinds of characters, nothing personal, not weak, not used before).
"""

import re
import unicodedata
from collections.abc import Iterable

from carnet.kernel.errors import Invalid, Problem

SHORTEST_LOGIN, LONGEST_LOGIN = 8, 60
SHORTEST_PASSWORD, LONGEST_PASSWORD = 9, 128
_LOGIN = re.compile(rf"[A-Za-z0-9._-]{{{SHORTEST_LOGIN},{LONGEST_LOGIN}}}")
_NIR = re.compile(r"[1-478]\d{4}(?:\d{2}|2[AB])\d{6}(?:\d{2})?", re.IGNORECASE)
_IBAN = re.compile(r"[A-Za-z]{2}\d{2}[A-Za-z0-9]{11,30}")
_LEAST_DIFFERENT = 5
_RUN = 4
_SHORTEST_PERSONAL = 4
_COMMON = (
    "password",
    "motdepasse",
    "azerty",
    "qwerty",
    "qwertz",
    "soleil",
    "doudou",
    "bonjour",
    "chouchou",
    "loulou",
    "marseille",
    "iloveyou",
    "jetaime",
    "admin",
    "welcome",
    "bienvenue",
    "letmein",
    "dragon",
    "monkey",
    "football",
    "princesse",
    "coucou",
    "azertyuiop",
    "carnet",
    "sante",
    "changeme",
)
_ROWS = ("abcdefghijklmnopqrstuvwxyz", "0123456789", "azertyuiop", "qsdfghjklm", "wxcvbn", "qwertyuiop", "asdfghjkl")

_EMAIL = re.compile(r"[^@\s<>,;:\"()\[\]\\]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250}[A-Za-z0-9])")
_NUMBER = re.compile(r"\+[1-9]\d{7,14}")
_MOBILE = re.compile(r"0[67]\d{8}")
BAD_EMAIL = Problem(
    code="email",
    fr="Cette adresse e-mail n'est pas valable.",
    en="This e-mail address is not valid.",
    path="adresse",
)
BAD_NUMBER = Problem(
    code="phone",
    fr="Ce numéro n'est pas celui d'un mobile : 06 12 34 56 78, ou +33 6 12 34 56 78.",
    en="This is not a mobile number: 06 12 34 56 78, or +33 6 12 34 56 78.",
    path="adresse",
)

LOGIN = Problem(
    code="login-form",
    fr="L'identifiant a 8 à 60 caractères : lettres sans accent, chiffres, point, tiret, souligné.",
    en="The login has 8 to 60 characters: letters without accents, digits, dot, hyphen, underscore.",
    path="identifiant",
)
LOGIN_PERSONAL = Problem(
    code="login-personal",
    fr="L'identifiant ne peut pas être un e-mail, un numéro de sécurité sociale ou un compte bancaire.",
    en="The login may not be an e-mail address, a social security number or a bank account.",
    path="identifiant",
)
KINDS = Problem(
    code="password-kinds",
    fr="Il faut au moins 9 caractères, avec une minuscule, une majuscule, un chiffre et un autre signe.",
    en="It takes at least 9 characters, with a small letter, a capital, a digit and another sign.",
    path="mot_de_passe",
)
PERSONAL = Problem(
    code="password-personal",
    fr="Le mot de passe ne doit contenir ni votre nom, ni votre date de naissance, ni votre identifiant.",
    en="The password may not hold your name, your date of birth or your login.",
    path="mot_de_passe",
)
WEAK = Problem(
    code="password-weak",
    fr="Ce mot de passe se devine trop facilement : évitez les mots courants et les suites.",
    en="This password is too easy to guess: avoid common words and sequences.",
    path="mot_de_passe",
)
USED_BEFORE = Problem(
    code="password-used",
    fr="Vous avez déjà utilisé ce mot de passe ici : choisissez-en un autre.",
    en="You have used this password here before: choose another one.",
    path="mot_de_passe",
)


def check_login(text: str) -> str:
    """Return the login as it is compared (no case). Raises Invalid."""
    if "@" in text or _NIR.fullmatch(text.replace(" ", "")) or _IBAN.fullmatch(text.replace(" ", "")):
        raise Invalid(LOGIN_PERSONAL)
    if _LOGIN.fullmatch(text) is None:
        raise Invalid(LOGIN)
    return text.casefold()


def check_password(text: str, *, personal: Iterable[str]) -> str:
    """Return the password as it is hashed (NFC). personal: names, dates, login. Raises Invalid with every reason."""
    password = unicodedata.normalize("NFC", text)
    problems = []
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD or not _four_kinds(password):
        problems.append(KINDS)
    bare = _bare(password)
    if any(part in bare for word in personal for part in _parts(word)):
        problems.append(PERSONAL)
    if len(set(password)) < _LEAST_DIFFERENT or any(word in bare for word in _COMMON) or _runs(bare):
        problems.append(WEAK)
    if problems:
        raise Invalid(*problems)
    return password


def read_destination(text: str, *, sms: bool) -> str:
    """Return where codes go: an e-mail address, or a mobile number in E.164. Raises Invalid."""
    if not sms:
        if _EMAIL.fullmatch(text.strip()) is None:
            raise Invalid(BAD_EMAIL)
        return text.strip()
    plain = re.sub(r"[\s.()-]", "", text)
    number = f"+33{plain[1:]}" if _MOBILE.fullmatch(plain) else plain
    if _NUMBER.fullmatch(number) is None:
        raise Invalid(BAD_NUMBER)
    return number


def _four_kinds(text: str) -> bool:
    kinds = (str.islower, str.isupper, str.isdigit, lambda one: not one.isalnum())
    return all(any(kind(one) for one in text) for kind in kinds)


def _bare(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(one for one in plain if not unicodedata.combining(one))


def _parts(word: str) -> set[str]:
    """Return what of a personal word must not appear: its words, and a date in the orders people write."""
    bare = _bare(word)
    found = {one for one in re.split(r"[\W_]+", bare) if len(one) >= _SHORTEST_PERSONAL}
    dated = re.fullmatch(r"(\d{4})-(\d{2})-(\d{2})", word)
    if dated:
        year, month, day = dated.groups()
        found |= {year, day + month + year, year + month + day, day + month + year[2:]}
    return found


def _runs(text: str) -> bool:
    """Tell whether four neighbours of the alphabet, the digits or a keyboard follow one another, or one repeats."""
    for start in range(len(text) - _RUN + 1):
        piece = text[start : start + _RUN]
        if len(set(piece)) == 1 or any(piece in row or piece[::-1] in row for row in _ROWS):
            return True
    return False
