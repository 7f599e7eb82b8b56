"""What each guide says: one idea a sentence, one gesture a step, no word that needs another.

Written by the European rules for information that is easy to read and understand (FALC). Nobody is known here.
"""

from typing import Final

import msgspec

from carnet.design.language import mark


class Guide(msgspec.Struct, frozen=True, kw_only=True):
    """A guide. about: what it is for; steps: one gesture each; good: what is good to know."""

    title: str
    about: str
    steps: tuple[str, ...]
    good: tuple[str, ...]


GUIDES: Final[dict[str, Guide]] = {
    "comprendre": Guide(
        title=mark("Comprendre mon espace de santé"),
        about=mark("Mon espace de santé est un lieu sûr sur internet. J'y range mes papiers de santé."),
        steps=(
            mark("Mon médecin, mon laboratoire ou mon hôpital y met mes papiers."),
            mark("Je peux les lire quand je veux."),
            mark("Je choisis qui peut les lire."),
            mark("Je vois qui est venu les lire."),
        ),
        good=(
            mark("C'est gratuit."),
            mark("Je peux dire non."),
            mark("Mon assurance, ma banque et mon patron ne peuvent pas entrer."),
        ),
    ),
    "refuser": Guide(
        title=mark("Dire non : je ne veux pas d'espace"),
        about=mark("J'ai reçu une lettre ou un e-mail. Je peux dire non. C'est mon droit."),
        steps=(
            mark("Je prends ma lettre. Elle a un code de 12 signes."),
            mark("Je vais sur le site, à la page Opposition."),
            mark("J'écris le code et ma date de naissance."),
            mark("J'appuie sur Je refuse. Je garde le reçu."),
        ),
        good=(
            mark("Je peux aussi appeler le 3422, écrire, ou aller à un guichet."),
            mark("Je ne dis pas pourquoi. Rien ne change pour mes soins."),
            mark("Je peux changer d'avis plus tard."),
        ),
    ),
    "ouvrir": Guide(
        title=mark("Entrer dans mon espace la première fois"),
        about=mark("J'entre avec un compte que j'ai déjà : impôts, assurance maladie ou La Poste."),
        steps=(
            mark("Je vais sur le site. J'appuie sur Se connecter."),
            mark("J'appuie sur FranceConnect. Je choisis mon compte."),
            mark("J'écris mon mot de passe. Je suis seul à le connaître."),
            mark("Je réponds à trois questions. Je pourrai changer mes réponses."),
        ),
        good=(
            mark("Personne ne doit me demander mon mot de passe ou mon code."),
            mark("Si je suis bloqué, j'appelle le 3422."),
        ),
    ),
    "lire": Guide(
        title=mark("Lire un document"),
        about=mark("Quand un document arrive, je suis prévenu."),
        steps=(
            mark("J'entre dans mon espace."),
            mark("J'appuie sur Documents."),
            mark("J'appuie sur le document que je veux lire."),
            mark("Je peux l'imprimer ou le garder."),
        ),
        good=(
            mark("Si je ne comprends pas un mot, je demande à mon médecin."),
            mark("Sur un ordinateur partagé, je me déconnecte à la fin."),
        ),
    ),
    "choisir": Guide(
        title=mark("Choisir qui voit mes documents"),
        about=mark("Je décide. Je peux changer d'avis à tout moment."),
        steps=(
            mark("J'entre dans mon espace. J'appuie sur Accès."),
            mark("Je vois la liste des personnes qui peuvent lire."),
            mark("Pour arrêter, j'appuie sur Bloquer à côté du nom."),
            mark("Pour cacher un seul document, je l'ouvre et j'appuie sur Masquer."),
        ),
        good=(
            mark("Dans Activité, je vois qui est venu, et quand."),
            mark("Je ne connais pas cette personne ? J'appuie sur Je ne connais pas cet accès."),
        ),
    ),
    "fermer": Guide(
        title=mark("Fermer mon espace"),
        about=mark("Je peux fermer mon espace quand je veux. Je ne dis pas pourquoi."),
        steps=(
            mark("J'entre dans mon espace. J'appuie sur mon nom."),
            mark("J'appuie sur Fermer mon espace."),
            mark("Je lis ce qui va se passer. Je confirme."),
        ),
        good=(
            mark("Mes documents sont gardés 10 ans, enfermés. Personne ne les lit."),
            mark("Je peux demander de tout effacer."),
            mark("Je peux aussi appeler le 3422, ou aller à un guichet."),
        ),
    ),
    "apres": Guide(
        title=mark("Après la mort d'un proche : qui peut demander"),
        about=mark("Une personne que j'aime est morte. Son espace de santé est bloqué."),
        steps=(
            mark("Je peux demander si j'hérite, ou si nous étions un couple."),
            mark("Je dis pourquoi : la cause de la mort, sa mémoire, ou mes droits."),
            mark("Je vais à un guichet, ou j'écris. Je montre mes papiers."),
            mark("Je donne le nom d'un médecin. Lui seul pourra lire."),
            mark("Je reçois une lettre. Elle dit oui, ou non et pourquoi."),
        ),
        good=(
            mark("Le médecin lit pendant 30 jours. Il répond à ma question."),
            mark("Moi, je ne lis rien. Ce qui était caché reste caché."),
            mark("La personne a pu dire non avant sa mort. Alors c'est non."),
            mark("Les parents d'un enfant mineur peuvent toujours demander. Ils ne disent pas pourquoi."),
            mark("Je peux dire non pour moi : Réglages, puis Après mon décès."),
        ),
    ),
}
