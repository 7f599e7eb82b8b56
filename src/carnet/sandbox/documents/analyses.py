"""The analyses our laboratory does, with their LOINC codes and usual ranges (adults; some depend on sex).

Ranges are those commonly printed in France; they illustrate, they do not teach medicine.
"""

from carnet.sandbox.documents.content import Analyte

BIOCHEMISTRY = ("18719-5", "Biochimie")
BLOOD_COUNT = ("18723-7", "Hématologie")
CLOTTING = ("18720-3", "Hémostase")
SEROLOGY = ("18727-8", "Sérologie")
MICROBIOLOGY = ("18725-2", "Microbiologie")

_NUMBERS: tuple[tuple[str, tuple[str, str], str, str, str, str, float | None, float | None, int], ...] = (
    # name, chapter, LOINC, label, unit, UCUM, low, high, decimals
    ("glucose", BIOCHEMISTRY, "14749-6", "Glucose à jeun", "mmol/L", "mmol/L", 3.9, 6.1, 1),
    ("hba1c", BIOCHEMISTRY, "4548-4", "Hémoglobine A1c (HbA1c)", "%", "%", 4.0, 6.0, 1),
    ("creatinine_m", BIOCHEMISTRY, "14682-9", "Créatinine", "µmol/L", "umol/L", 59, 104, 0),
    ("creatinine_f", BIOCHEMISTRY, "14682-9", "Créatinine", "µmol/L", "umol/L", 45, 84, 0),
    (
        "gfr",
        BIOCHEMISTRY,
        "62238-1",
        "Débit de filtration glomérulaire estimé (CKD-EPI)",
        "mL/min/1,73 m²",
        "mL/min/{1.73_m2}",
        60,
        None,
        0,
    ),
    ("cholesterol", BIOCHEMISTRY, "14647-2", "Cholestérol total", "mmol/L", "mmol/L", None, 5.2, 2),
    ("hdl", BIOCHEMISTRY, "14646-4", "Cholestérol HDL", "mmol/L", "mmol/L", 1.0, None, 2),
    ("ldl", BIOCHEMISTRY, "39469-2", "Cholestérol LDL (calculé)", "mmol/L", "mmol/L", None, 3.4, 2),
    ("triglycerides", BIOCHEMISTRY, "14927-8", "Triglycérides", "mmol/L", "mmol/L", None, 1.7, 2),
    ("albuminuria", BIOCHEMISTRY, "9318-7", "Rapport albumine/créatinine urinaire", "mg/g", "mg/g", None, 30, 0),
    ("sodium", BIOCHEMISTRY, "2951-2", "Sodium", "mmol/L", "mmol/L", 136, 145, 0),
    ("potassium", BIOCHEMISTRY, "2823-3", "Potassium", "mmol/L", "mmol/L", 3.5, 5.1, 1),
    ("alat", BIOCHEMISTRY, "1742-6", "Alanine aminotransférase (ALAT)", "UI/L", "U/L", None, 45, 0),
    ("asat", BIOCHEMISTRY, "1920-8", "Aspartate aminotransférase (ASAT)", "UI/L", "U/L", None, 40, 0),
    ("ggt", BIOCHEMISTRY, "2324-2", "Gamma-glutamyltransférase (GGT)", "UI/L", "U/L", None, 60, 0),
    ("crp", BIOCHEMISTRY, "1988-5", "Protéine C réactive (CRP)", "mg/L", "mg/L", None, 5, 0),
    ("tsh", BIOCHEMISTRY, "3016-3", "Thyréostimuline (TSH)", "mUI/L", "m[IU]/L", 0.4, 4.0, 2),
    ("ft4", BIOCHEMISTRY, "14920-3", "Thyroxine libre (T4 libre)", "pmol/L", "pmol/L", 12, 22, 1),
    ("ferritin", BIOCHEMISTRY, "2276-4", "Ferritine", "µg/L", "ug/L", 15, 200, 0),
    ("vitamin_d", BIOCHEMISTRY, "62292-8", "Vitamine D (25-OH D2 + D3)", "ng/mL", "ng/mL", 30, 60, 0),
    ("urate", BIOCHEMISTRY, "14933-6", "Acide urique", "µmol/L", "umol/L", 208, 428, 0),
    ("troponin", BIOCHEMISTRY, "67151-1", "Troponine T ultrasensible", "ng/L", "ng/L", None, 14, 0),
    ("nt_probnp", BIOCHEMISTRY, "33762-6", "NT-proBNP", "ng/L", "pg/mL", None, 300, 0),
    ("psa", BIOCHEMISTRY, "2857-1", "Antigène prostatique spécifique (PSA)", "ng/mL", "ng/mL", None, 4.0, 2),
    ("hcg", BIOCHEMISTRY, "21198-7", "hCG, sous-unité bêta", "UI/L", "[IU]/L", None, 5, 0),
    ("hemoglobin_m", BLOOD_COUNT, "718-7", "Hémoglobine", "g/dL", "g/dL", 13.0, 17.0, 1),
    ("hemoglobin_f", BLOOD_COUNT, "718-7", "Hémoglobine", "g/dL", "g/dL", 12.0, 16.0, 1),
    ("hematocrit", BLOOD_COUNT, "4544-3", "Hématocrite", "%", "%", 36, 50, 0),
    ("mcv", BLOOD_COUNT, "787-2", "Volume globulaire moyen", "fL", "fL", 80, 100, 0),
    ("leukocytes", BLOOD_COUNT, "6690-2", "Leucocytes", "G/L", "10*9/L", 4.0, 10.0, 1),
    ("neutrophils", BLOOD_COUNT, "751-8", "Polynucléaires neutrophiles", "G/L", "10*9/L", 1.8, 7.5, 1),
    ("lymphocytes", BLOOD_COUNT, "731-0", "Lymphocytes", "G/L", "10*9/L", 1.0, 4.0, 1),
    ("platelets", BLOOD_COUNT, "777-3", "Plaquettes", "G/L", "10*9/L", 150, 400, 0),
    ("inr", CLOTTING, "6301-6", "INR", "", "1", None, 1.2, 1),
    ("prothrombin", CLOTTING, "5894-1", "Taux de prothrombine", "%", "%", 70, None, 0),
    ("toxo_igg", SEROLOGY, "8039-0", "Toxoplasmose, IgG", "UI/mL", "[IU]/mL", None, 10, 0),
    ("rubella_igg", SEROLOGY, "8014-3", "Rubéole, IgG", "UI/mL", "[IU]/mL", 10, None, 0),
)
_WORDS = (
    ("hbs", SEROLOGY, "5196-1", "Hépatite B, antigène HBs", "Négatif"),
    ("hiv", SEROLOGY, "56888-1", "VIH 1 et 2, anticorps et antigène p24", "Négatif"),
    ("ns1", SEROLOGY, "75377-2", "Dengue, antigène NS1", "Négatif"),
    ("urine_culture", MICROBIOLOGY, "630-4", "Examen cytobactériologique des urines, culture", "Absence de germe"),
)


def _table() -> dict[str, tuple[tuple[str, str], Analyte]]:
    numbers = {
        name: (
            chapter,
            Analyte(loinc=loinc, label=label, unit=unit, ucum=ucum, low=low, high=high, decimals=decimals),
        )
        for name, chapter, loinc, label, unit, ucum, low, high, decimals in _NUMBERS
    }
    words = {
        name: (chapter, Analyte(loinc=loinc, label=label, expected=expected))
        for name, chapter, loinc, label, expected in _WORDS
    }
    return numbers | words


TABLE = _table()


def analysis(name: str, sex: str) -> tuple[tuple[str, str], Analyte]:
    """The chapter (code, title) and the analysis of that name, for that sex. KeyError when unknown."""
    return TABLE.get(f"{name}_{sex.lower()}") or TABLE[name]
