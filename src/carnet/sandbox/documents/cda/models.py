"""Sections of the narrative models: discharge letter, imaging report, medical summary.

Codes and template ids: CI-SIS LDL-SES 2022.01, IMG-CR-IMG 2024.01 (DICOM PS3.20), VSM 2013. Narrative only: their
entries repeat in code what the text says, and Carnet shows the text.
"""

from carnet.sandbox.documents.content import Block, Section

DISCHARGE_TEMPLATES = ("1.2.250.1.213.1.1.1.29|2022.01",)
IMAGING_TEMPLATES = ("1.2.840.10008.9.1", "1.2.250.1.213.1.1.1.45|2024.01")
SUMMARY_TEMPLATES = ("1.2.250.1.213.1.1.1.13|201310",)
UNSTRUCTURED_TEMPLATES = ("1.3.6.1.4.1.19376.1.2.20",)

_SECTIONS: dict[str, tuple[str, str, str, tuple[str, ...]]] = {
    # discharge letter
    "status": (
        "33557-0",
        "Etat d'achèvement",
        "Statut du document",
        ("1.2.250.1.213.1.1.2.35", "1.2.250.1.213.1.1.2.35.1"),
    ),
    "reason": (
        "42349-1",
        "Raison de la recommandation",
        "Motif de l'hospitalisation",
        ("1.3.6.1.4.1.19376.1.5.3.1.3.1", "1.2.250.1.213.1.1.2.127"),
    ),
    "stay": (
        "42545-4",
        "Evènements observés",
        "Synthèse médicale du séjour",
        ("1.3.6.1.4.1.19376.1.5.3.1.1.21.2.9", "1.2.250.1.213.1.1.2.163", "1.2.250.1.213.1.1.2.163.1"),
    ),
    "given": (
        "18610-6",
        "Traitements administrés",
        "Traitements arrêtés durant le séjour",
        ("1.3.6.1.4.1.19376.1.5.3.1.3.21", "1.2.250.1.213.1.1.2.145"),
    ),
    "leaving": (
        "10183-2",
        "Traitements à la sortie",
        "Traitements à la sortie",
        ("1.3.6.1.4.1.19376.1.5.3.1.3.22", "1.2.250.1.213.1.1.2.146"),
    ),
    "awaited": (
        "30954-2",
        "Résultats d'examens",
        "Résultats d'examens et informations attendus",
        ("1.3.6.1.4.1.19376.1.5.3.1.3.27", "1.2.250.1.213.1.1.2.150"),
    ),
    "plan": (
        "18776-5",
        "Plan de soins",
        "Suites à donner",
        ("2.16.840.1.113883.10.20.1.10", "1.3.6.1.4.1.19376.1.5.3.1.3.36", "1.2.250.1.213.1.1.2.158"),
    ),
    "devices": (
        "46264-8",
        "Dispositifs médicaux",
        "Dispositifs médicaux",
        ("2.16.840.1.113883.10.20.1.7", "1.3.6.1.4.1.19376.1.5.3.1.1.5.3.5", "1.2.250.1.213.1.1.2.1"),
    ),
    "allergies": (
        "48765-2",
        "Allergies et hypersensibilités",
        "Allergies et hypersensibilités",
        ("2.16.840.1.113883.10.20.1.2", "1.3.6.1.4.1.19376.1.5.3.1.3.13", "1.2.250.1.213.1.1.2.137"),
    ),
    # imaging report
    "question": ("55752-0", "Informations cliniques", "Indication", ("1.2.840.10008.9.2",)),
    "technique": ("55111-9", "Description de l'acte d'imagerie", "Technique", ("1.2.840.10008.9.3",)),
    "radiation": ("73569-6", "Exposition aux radiations", "Exposition aux rayonnements", ("1.2.840.10008.9.8",)),
    "findings": ("59776-5", "Résultats", "Résultats", ("2.16.840.1.113883.10.20.6.1.2",)),
    "impression": ("19005-8", "Conclusion", "Conclusion", ("1.2.840.10008.9.5",)),
    # medical summary
    "problems": (
        "11450-4",
        "Liste des problèmes actifs",
        "Pathologies en cours",
        ("2.16.840.1.113883.10.20.1.11", "1.3.6.1.4.1.19376.1.5.3.1.3.6", "1.2.250.1.213.1.1.2.132"),
    ),
    "history": (
        "11348-0",
        "Antécédents médicaux",
        "Antécédents médicaux",
        ("1.3.6.1.4.1.19376.1.5.3.1.3.8", "1.2.250.1.213.1.1.2.134"),
    ),
    "surgery": (
        "47519-4",
        "Historique des actes",
        "Antécédents chirurgicaux",
        ("2.16.840.1.113883.10.20.1.12", "1.3.6.1.4.1.19376.1.5.3.1.3.11", "1.2.250.1.213.1.1.2.136"),
    ),
    "habits": (
        "29762-2",
        "Habitus, Mode de vie",
        "Mode de vie",
        ("2.16.840.1.113883.10.20.1.15", "1.3.6.1.4.1.19376.1.5.3.1.3.16", "1.2.250.1.213.1.1.2.141"),
    ),
    "treatment": (
        "10160-0",
        "Traitements",
        "Traitements au long cours",
        ("2.16.840.1.113883.10.20.1.8", "1.3.6.1.4.1.19376.1.5.3.1.3.19", "1.2.250.1.213.1.1.2.143"),
    ),
    "vigilance": (
        "30954-2",
        "Résultats d'examens",
        "Points de vigilance",
        ("1.3.6.1.4.1.19376.1.5.3.1.3.27", "1.2.250.1.213.1.1.2.150"),
    ),
}


def section(name: str, *blocks: Block, title: str = "") -> Section:
    """A section of one of the models, by its short name. KeyError when there is none."""
    code, display, usual_title, roots = _SECTIONS[name]
    return Section(title=title or usual_title, blocks=blocks, code=code, display=display, templates=roots)


def free(title: str, *blocks: Block) -> Section:
    """A section outside any model: it has a title only."""
    return Section(title=title, blocks=blocks)
