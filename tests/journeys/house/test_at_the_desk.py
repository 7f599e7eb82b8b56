"""Somebody calls for help: the agent finds them, checks who they are, and follows which page they are on; both pages,
and those of the letter and of cases, are looked at as every page of this folder is.
"""

import re

from journeys.house.visitors import DESK, PATIENCE, PHONE


def test_an_agent_helps_somebody_and_follows_their_pages_while_they_share_them(running, given, visitor):
    someone = given("etienne")
    agent = visitor(width=DESK).signs_in_as_agent(running.manifest.agents[0]).expecting_refusals()
    # a wrong name finds nobody
    asked = {"ins": someone["ins"]["matricule"], "naissance": someone["traits"]["birth_date"]}
    agent.fills(**asked, nom="Personne").clicks("Ouvrir le contact").sees_heading("Nouveau contact")
    # the right one opens a contact; without a proof nothing is offered
    agent.fills(**asked, nom=someone["birth_name"]).clicks("Ouvrir le contact").sees_heading("Vérifier l'identité")
    agent.clicks("L'identité est prouvée").sees_heading(re.compile("corriger"))
    contact = re.search(r"/guichet/contact/[0-9a-f-]{36}", agent.page.url)[0]
    agent.page.get_by_label("La personne elle-même").check()
    for proof in ("Numéro de série de sa carte Vitale", "Réponses justes sur son dossier"):
        agent.page.get_by_label(proof).check()
    agent.clicks("L'identité est prouvée").sees_heading("Que demande la personne ?")

    # when the person makes a code on their phone and reads it aloud
    person = visitor(width=PHONE).signs_in(someone).goes_to("/aide/ecran").clicks(re.compile("code"))
    code = person.page.locator(".code-digits span").first.inner_text()
    agent.goes_to(f"{contact}/demarche/screen").fills(code=code).clicks("Suivre ses pages")
    agent.sees_heading("Page de la personne")
    # then the agent knows the page, and nothing on it
    person.goes_to("/documents").sees("sans son contenu")
    agent.page.locator("#ou").get_by_text("Documents").first.wait_for(timeout=PATIENCE)  # it comes by itself
    agent.follows("Actualiser").does_not_see(someone["birth_name"])
    # until the person stops
    person.clicks(re.compile("Arrêter")).does_not_see("sans son contenu")
    agent.goes_to(f"{contact}/ecran").sees_heading("Que demande la personne ?")

    # the other pages of the desk
    for page in (
        f"{contact}/demarche/new-code",
        f"{contact}/demarche/lost-access",
        "/guichet/demandes",
        "/guichet/signalements",
        "/guichet/ayants-droit",
        "/guichet/deces",
        "/guichet/tutelles",
    ):
        agent.goes_to(page)
    # what cannot be finished is left to the desk
    agent.goes_to(contact).page.get_by_label("Démarche à reprendre").select_option("lost-access")
    agent.page.get_by_label("Ce qui manque").select_option("outage")
    agent.clicks("Laisser ouverte").sees_heading("Demandes à reprendre").sees("Le service ne répondait pas")
    agent.goes_to("/guichet/accueil").sees("Mes contacts du jour")
    # at the counter a judgment is copied, and what is missing is told
    agent.page.get_by_label("Au guichet").check()
    agent.fills(**asked, nom=someone["birth_name"]).clicks("Ouvrir le contact").sees_heading("Vérifier l'identité")
    agent.page.get_by_label("La personne elle-même").check()
    agent.page.get_by_label("Passeport").check()
    agent.clicks("L'identité est prouvée").follows(re.compile("Tutelle, curatelle"))
    agent.clicks("Enregistrer la demande").sees_heading(re.compile("corriger"))
    person.leaves()
    agent.leaves()
