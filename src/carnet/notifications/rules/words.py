"""The words of an e-mail: neutral, so that whoever reads over a shoulder or runs a mail server learns nothing.

No title, no establishment, no name, no number, no address that says which document (threats T12). French and English.
"""

from html import escape

import msgspec

from carnet.notifications.data import NoticeCode


class Words(msgspec.Struct, frozen=True):
    """Subject, what happened, what to do."""

    subject: str
    happened: str
    to_do: str


class Phrases(msgspec.Struct, frozen=True):
    """What every message says in one language."""

    greeting: str
    link: str
    safety: str
    why: str


DOCUMENTS = {
    "fr": Words(
        "Du nouveau dans votre espace de santé",
        "Quelque chose a changé dans les documents de votre espace de santé.",
        "Connectez-vous pour en savoir plus.",
    ),
    "en": Words(
        "News in your health space",
        "Something changed in the documents of your health space.",
        "Sign in to find out more.",
    ),
}
ACCESS = {
    "fr": Words(
        "Un accès à votre espace de santé",
        "Un professionnel de santé a maintenant accès à votre espace de santé.",
        "Connectez-vous pour voir de qui il s'agit. Si vous n'êtes pas d'accord, vous pouvez mettre fin à cet accès.",
    ),
    "en": Words(
        "Access to your health space",
        "A health professional now has access to your health space.",
        "Sign in to see who. If you do not agree, you can end this access.",
    ),
}
EMERGENCY = {
    "fr": Words(
        "Un accès en urgence à votre espace de santé",
        "Un professionnel de santé a ouvert votre espace de santé en urgence, sans votre accord préalable.",
        "Connectez-vous pour voir de qui il s'agit et pourquoi. Si vous ne connaissez pas cet accès, signalez-le.",
    ),
    "en": Words(
        "Emergency access to your health space",
        "A health professional opened your health space in an emergency, without your prior agreement.",
        "Sign in to see who and why. If you do not recognise this access, report it.",
    ),
}
BLOCKED = {
    "fr": Words(
        "Un changement des accès à votre espace de santé",
        "Quelqu'un que vous avez désigné a changé qui peut consulter votre espace de santé.",
        "Connectez-vous pour voir ce qui a changé. Vous seul pouvez revenir dessus.",
    ),
    "en": Words(
        "A change of who may access your health space",
        "Somebody you designated changed who may consult your health space.",
        "Sign in to see what changed. Only you can undo it.",
    ),
}
COPY = {
    "fr": Words(
        "Ce que vous avez demandé est prêt",
        "Ce que vous avez demandé dans votre espace de santé est prêt, pour quelques jours.",
        "Connectez-vous pour le télécharger. Si vous n'avez rien demandé, fermez vos autres sessions.",
    ),
    "en": Words(
        "What you asked for is ready",
        "What you asked for in your health space is ready, for a few days.",
        "Sign in to download it. If you asked for nothing, close your other sessions.",
    ),
}
MESSAGES = {
    "fr": Words(
        "Du nouveau dans votre espace de santé",
        "Quelque chose vous attend dans la messagerie de votre espace de santé.",
        "Connectez-vous pour en savoir plus.",
    ),
    "en": Words(
        "News in your health space",
        "Something is waiting for you in the messages of your health space.",
        "Sign in to find out more.",
    ),
}
AGENDA = {
    "fr": Words(
        "Un rappel de votre espace de santé",
        "Quelque chose de noté dans l'agenda de votre espace de santé est pour bientôt.",
        "Connectez-vous pour en savoir plus.",
    ),
    "en": Words(
        "A reminder from your health space",
        "Something in the calendar of your health space is coming up.",
        "Sign in to find out more.",
    ),
}
CHILD = {
    "fr": Words(
        "Du nouveau dans un espace de santé",
        "Quelque chose a changé dans l'espace de santé d'un de vos proches.",
        "Connectez-vous, puis allez dans son espace pour en savoir plus.",
    ),
    "en": Words(
        "News in a health space",
        "Something changed in the health space of one of your family.",
        "Sign in, then go into their space to find out more.",
    ),
}
FAMILY = {
    "fr": Words(
        "Du nouveau dans votre espace de santé",
        "Quelque chose a changé parmi ceux qui agissent à la place d'un autre, pour vous ou avec vous.",
        "Connectez-vous, page « Mes proches », pour en savoir plus.",
    ),
    "en": Words(
        "News in your health space",
        "Something changed among those who act on behalf of another, for you or with you.",
        "Sign in, page “My family”, to find out more.",
    ),
}
WEEK_VISITED, WEEK_QUIET = "week-visited", "week-quiet"
"""Stand in for a code in the weekly digest."""
_WEEK_FR, _WEEK_EN = "Votre semaine dans votre espace de santé", "Your week in your health space"
VISITED = {
    "fr": Words(
        _WEEK_FR,
        "Depuis une semaine, d'autres que vous sont venus dans votre espace de santé.",
        "Connectez-vous : votre journal dit qui, quand et à quel titre.",
    ),
    "en": Words(
        _WEEK_EN,
        "Over the past week, others than you came to your health space.",
        "Sign in: your journal says who, when and on which ground.",
    ),
}
QUIET = {
    "fr": Words(
        _WEEK_FR,
        "Depuis une semaine, personne d'autre que vous n'est venu dans votre espace de santé.",
        "Vous pouvez arrêter ce résumé dans les réglages de votre espace.",
    ),
    "en": Words(
        _WEEK_EN,
        "Over the past week, nobody but you came to your health space.",
        "You can stop this summary in the settings of your space.",
    ),
}
RULES_CHANGE = {
    "fr": "La loi change bientôt ce que certains métiers peuvent lire : votre page d'accueil dit quand.",
    "en": "The law will soon change what some professions may read: your first page says when.",
}
"""A sentence of the weekly digest, the same for everybody; without a day, as no message holds a number."""
TABLES: dict[str, dict[str, Words]] = {
    WEEK_VISITED: VISITED,
    WEEK_QUIET: QUIET,
    NoticeCode.ACCES_DMP_PS: ACCESS,
    NoticeCode.ACCES_BRIS_GLACE: EMERGENCY,
    NoticeCode.BLOCAGE_ACCES: BLOCKED,
    NoticeCode.COPIE_PRETE: COPY,
    NoticeCode.RECEPTION_MESSAGE: MESSAGES,
    NoticeCode.ECHEC_MESSAGE: MESSAGES,
    NoticeCode.RAPPEL_AGENDA: AGENDA,
    NoticeCode.RAPPEL_RDV_USAGER: AGENDA,
    NoticeCode.INVITATION_PROCHE: FAMILY,
    NoticeCode.DELEGATION: FAMILY,
    NoticeCode.DELEGATION_FIN: FAMILY,
    NoticeCode.NOUVEAU_PROCHE: CHILD,
}
PHRASES = {
    "fr": Phrases(
        "Bonjour,",
        "Se connecter",
        "Nous ne demandons jamais votre mot de passe ni un code par e-mail.",
        "Vous recevez ce message selon les réglages de votre espace. Ne répondez pas à ce message.",
    ),
    "en": Phrases(
        "Hello,",
        "Sign in",
        "We never ask for your password or for a code by e-mail.",
        "You receive this message according to the settings of your space. Do not reply to this message.",
    ),
}


def words_for(code: str, *, language: str) -> Words:
    """Return the words for `code` in `language` ("fr" or "en"; French when unknown)."""
    table = next((words for known, words in TABLES.items() if known == code), DOCUMENTS)
    return table.get(language, table["fr"])


def plain_text(code: str, *, language: str, sign_in: str, beside: str = "") -> str:
    """Return the message as plain text; `sign_in` is the address of the sign-in page, the same for everybody.

    beside: a sentence more, in a paragraph of its own.
    """
    words, phrases = words_for(code, language=language), PHRASES.get(language, PHRASES["fr"])
    link = f"{phrases.link}{' :' if phrases is PHRASES['fr'] else ':'} {sign_in}"
    parts = (phrases.greeting, f"{words.happened} {words.to_do}", beside, link, phrases.safety, phrases.why)
    return "\n\n".join(filter(None, parts)) + "\n"


def html(code: str, *, language: str, sign_in: str, beside: str = "") -> str:
    """Return the same message as a page that loads nothing."""
    words, phrases = words_for(code, language=language), PHRASES.get(language, PHRASES["fr"])
    small = f"<p><small>{escape(phrases.safety)}<br>{escape(phrases.why)}</small></p>"
    said = filter(None, (phrases.greeting, words.happened, words.to_do, beside))
    body = paragraphs(*said) + button(sign_in, phrases.link) + small
    return page(words.subject, body, language=language)


def page(subject: str, body: str, *, language: str) -> str:
    """Return a message as a page that loads nothing. body: made of the functions below."""
    head = f'<meta charset="utf-8"><title>{escape(subject)}</title>'
    return f'<!doctype html><html lang="{language}"><head>{head}</head><body>{body}</body></html>\n'


def paragraphs(*texts: str) -> str:
    """Return texts, escaped, each in its paragraph."""
    return "".join(f"<p>{escape(text)}</p>" for text in texts)


def button(address: str, label: str) -> str:
    """Return the one link of a message."""
    return f'<p><a href="{escape(address, quote=True)}">{escape(label)}</a></p>'
