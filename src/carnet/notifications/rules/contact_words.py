"""The words of e-mails about the address itself: neutral like every other, and the only ones that hold a code."""

from html import escape

from carnet.notifications.rules.words import PHRASES, Words, button, page, paragraphs

CODE = "CODE_COURRIEL"
ADDRESS_CHANGED = "CHANGEMENT_COURRIEL"

_WORDS = {
    (CODE, "fr"): Words(
        "Votre code de confirmation",
        "Voici le code qui confirme cette adresse e-mail :",
        "Recopiez-le dans les réglages de votre espace. Il vaut trente minutes. Si vous n'avez rien demandé, ne faites "
        "rien : sans ce code, votre adresse ne sera pas utilisée.",
    ),
    (CODE, "en"): Words(
        "Your confirmation code",
        "Here is the code that confirms this e-mail address:",
        "Type it in the settings of your space. It is valid for thirty minutes. If you asked for nothing, do nothing: "
        "without this code your address will not be used.",
    ),
    (ADDRESS_CHANGED, "fr"): Words(
        "Votre adresse e-mail a changé",
        "Les messages de votre espace ne seront plus envoyés à cette adresse.",
        "Si ce changement ne vient pas de vous, connectez-vous, fermez les autres sessions et remettez votre adresse.",
    ),
    (ADDRESS_CHANGED, "en"): Words(
        "Your e-mail address changed",
        "Messages from your space will no longer be sent to this address.",
        "If you did not make this change, sign in, close the other sessions and set your address again.",
    ),
}


def letter(kind: str, *, language: str, sign_in: str, code: str = "") -> tuple[str, str, str]:
    """Return subject, plain text and HTML of `kind` in `language` ("fr" or "en"; French when unknown)."""
    spoken = language if language in PHRASES else "fr"
    words, phrases = _WORDS[kind, spoken], PHRASES[spoken]
    shown = [code] if code else []
    link = f"{phrases.link}{' :' if spoken == 'fr' else ':'} {sign_in}"
    text = "\n\n".join((phrases.greeting, words.happened, *shown, words.to_do, link)) + "\n"
    strong = f"<p><strong>{escape(code)}</strong></p>" if code else ""
    body = paragraphs(phrases.greeting, words.happened) + strong + paragraphs(words.to_do)
    return words.subject, text, page(words.subject, body + button(sign_in, phrases.link), language=spoken)
