"""The words of e-mails about the life of a space: what became of it, never what was in it. French and English."""

from html import escape

from carnet.notifications.rules.words import PHRASES, Words

ERASED = "erased"

_WORDS = {
    ("close", "fr"): Words(
        "Votre espace est fermé",
        "Votre espace est fermé. Plus personne n'y entre. Ce qu'il contenait est gardé sous clé pendant dix ans.",
        "Pour le rouvrir, ou pour faire effacer vos données plus tôt, connectez-vous. Si cela ne vient pas de vous, "
        "connectez-vous et rouvrez-le.",
    ),
    ("close", "en"): Words(
        "Your space is closed",
        "Your space is closed. Nobody enters it any more. What it held is kept locked away for ten years.",
        "To reopen it, or to have your data erased sooner, sign in. If this was not you, sign in and reopen it.",
    ),
    ("suspend", "fr"): Words(
        "Votre espace est suspendu",
        "Votre espace est suspendu pour protéger vos données. Plus personne n'y entre pour le moment.",
        "Connectez-vous pour savoir jusqu'à quand, et comment vous opposer à sa fermeture.",
    ),
    ("suspend", "en"): Words(
        "Your space is suspended",
        "Your space is suspended to protect your data. Nobody enters it for now.",
        "Sign in to learn until when, and how to object to its closing.",
    ),
    ("ask-deletion", "fr"): Words(
        "L'effacement de votre espace est demandé",
        "L'effacement de ce que contenait votre espace est demandé.",
        "Connectez-vous pour en voir la date. Jusque-là, vous pouvez l'annuler, surtout si cela ne vient pas de vous.",
    ),
    ("ask-deletion", "en"): Words(
        "The erasure of your space was asked",
        "The erasure of what your space held was asked.",
        "Sign in to see its date. Until then you can cancel it, above all if this was not you.",
    ),
    ("cancel-deletion", "fr"): Words(
        "L'effacement de votre espace est annulé",
        "L'effacement de ce que contenait votre espace est annulé. Votre espace reste fermé.",
        "Pour le rouvrir, connectez-vous.",
    ),
    ("cancel-deletion", "en"): Words(
        "The erasure of your space is cancelled",
        "The erasure of what your space held is cancelled. Your space stays closed.",
        "To reopen it, sign in.",
    ),
    ("take-back-death", "fr"): Words(
        "Votre espace n'est plus bloqué",
        "Un décès avait été noté par erreur pour votre espace : c'est corrigé. Votre espace est de nouveau comme il "
        "était. Les autorisations et les aidants d'avant ont pris fin : vous seul décidez de les redonner.",
        "Connectez-vous pour voir qui est venu et qui peut voir. Si votre espace n'est pas comme avant, appelez le "
        "3422.",
    ),
    ("take-back-death", "en"): Words(
        "Your space is not blocked any more",
        "A death was noted for your space by mistake: this is put right. Your space is as it was. The permissions and "
        "the carers of before have ended: you alone decide whether to give them again.",
        "Sign in to see who came and who can see. If your space is not as it was, call 3422.",
    ),
    ("credential-added", "fr"): Words(
        "Un moyen de connexion a été ajouté",
        "Un moyen de connexion vient d'être ajouté à votre espace. Il peut servir dès maintenant.",
        "Si cela ne vient pas de vous, connectez-vous et retirez-le, ou appelez le 3422.",
    ),
    ("credential-added", "en"): Words(
        "A way of signing in was added",
        "A way of signing in was just added to your space. It can be used right now.",
        "If this was not you, sign in and remove it, or call 3422.",
    ),
    ("credential-waits", "fr"): Words(
        "Un moyen de connexion sera ajouté dans trois jours",
        "Un moyen de connexion vient d'être ajouté à votre espace avec votre identité numérique. Il servira dans trois "
        "jours.",
        "Si cela ne vient pas de vous, connectez-vous avant et retirez-le, ou appelez le 3422.",
    ),
    ("credential-waits", "en"): Words(
        "A way of signing in will be added in three days",
        "A way of signing in was just added to your space with your digital identity. It will work in three days.",
        "If this was not you, sign in before that and remove it, or call 3422.",
    ),
    (ERASED, "fr"): Words(
        "Votre espace est effacé",
        "Ce que contenait votre espace est effacé, pour toujours. Le certificat qui le prouve porte le numéro :",
        "Gardez ce numéro : lui seul permet de retrouver le certificat, à l'adresse ci-dessous.",
    ),
    (ERASED, "en"): Words(
        "Your space is erased",
        "What your space held is erased, for ever. The certificate that proves it has the number:",
        "Keep this number: nothing else finds the certificate, at the address below.",
    ),
}
_SAME = {"close-suspended": "close"}


def life_letter(event: str, *, language: str, link: str, number: str = "") -> tuple[str, str, str] | None:
    """Return subject, plain text and HTML of what happened; None for an event nobody is written to about."""
    spoken = language if language in PHRASES else "fr"
    words, phrases = _WORDS.get((_SAME.get(event, event), spoken)), PHRASES[spoken]
    if words is None:
        return None
    shown = [number] if number else []
    text = "\n\n".join((phrases.greeting, words.happened, *shown, words.to_do, link)) + "\n"
    body = "".join(f"<p>{escape(line)}</p>" for line in (phrases.greeting, words.happened))
    body += "".join(f"<p><strong>{escape(line)}</strong></p>" for line in shown) + f"<p>{escape(words.to_do)}</p>"
    head = f'<meta charset="utf-8"><title>{escape(words.subject)}</title>'
    anchor = f'<p><a href="{escape(link, quote=True)}">{escape(link)}</a></p>'
    return (
        words.subject,
        text,
        f'<!doctype html><html lang="{spoken}"><head>{head}</head><body>{body}{anchor}</body></html>\n',
    )


def life_text(event: str, *, language: str) -> str:
    """Return the same for a text message, without a link: one in a message nobody expected is not to be followed."""
    words = _WORDS[event, language if language in PHRASES else "fr"]
    return f"Carnet. {words.happened} {words.to_do}"
