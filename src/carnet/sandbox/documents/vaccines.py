"""Vaccines of the French calendar, with their CIS code (public medicines database) and ATC class."""

from carnet.sandbox.documents.content import VaccineProduct

HEXAVALENT = VaccineProduct(
    cis="62966063",
    name="INFANRIX HEXA, poudre et suspension pour suspension injectable en seringue préremplie",
    atc="J07CA09",
    atc_label="diphtérie, Haemophilus influenzae B, coqueluche, poliomyélite, tétanos, hépatite B",
    against="Diphtérie, tétanos, poliomyélite, coqueluche, Hib, hépatite B",
)
PNEUMOCOCCUS_13 = VaccineProduct(
    cis="67786749",
    name="PREVENAR 13, suspension injectable",
    atc="J07AL02",
    atc_label="pneumocoques, antigène polyosidique purifié conjugué",
    against="Pneumocoques",
)
PNEUMOCOCCUS_20 = VaccineProduct(
    cis="62189757",
    name="PREVENAR 20, suspension injectable en seringue préremplie",
    atc="J07AL02",
    atc_label="pneumocoques, antigène polyosidique purifié conjugué",
    against="Pneumocoques",
)
MENINGOCOCCUS_ACWY = VaccineProduct(
    cis="69241562",
    name="NIMENRIX, poudre et solvant pour solution injectable",
    atc="J07AH08",
    atc_label="méningocoques A, C, Y, W-135, polyosides purifiés tétravalents conjugués",
    against="Méningocoques A, C, W et Y",
)
MENINGOCOCCUS_B = VaccineProduct(
    cis="64493883",
    name="BEXSERO, suspension injectable en seringue préremplie",
    atc="J07AH09",
    atc_label="méningocoque B, vaccin multicomposant",
    against="Méningocoque B",
)
MMR = VaccineProduct(
    cis="61896473",
    name="PRIORIX, poudre et solvant pour solution injectable en seringue préremplie",
    atc="J07BD52",
    atc_label="rougeole, oreillons et rubéole, virus vivants atténués",
    against="Rougeole, oreillons, rubéole",
)
TETRAVALENT = VaccineProduct(
    cis="66543281",
    name="TETRAVAC-ACELLULAIRE, suspension injectable en seringue préremplie",
    atc="J07CA02",
    atc_label="diphtérie, coqueluche, poliomyélite, tétanos",
    against="Diphtérie, tétanos, coqueluche, poliomyélite",
)
BOOSTER_4 = VaccineProduct(
    cis="67619892",
    name="REPEVAX, suspension injectable en seringue préremplie",
    atc="J07CA02",
    atc_label="diphtérie, coqueluche, poliomyélite, tétanos",
    against="Diphtérie, tétanos, coqueluche, poliomyélite",
)
BOOSTER_3 = VaccineProduct(
    cis="60917345",
    name="REVAXIS, suspension injectable en seringue préremplie",
    atc="J07CA01",
    atc_label="diphtérie, poliomyélite, tétanos",
    against="Diphtérie, tétanos, poliomyélite",
)
HPV = VaccineProduct(
    cis="65017887",
    name="GARDASIL 9, suspension injectable en seringue préremplie",
    atc="J07BM03",
    atc_label="papillomavirus humains (types 6, 11, 16, 18, 31, 33, 45, 52, 58)",
    against="Papillomavirus humains",
)
FLU = VaccineProduct(
    cis="69675854",
    name="VAXIGRIP, suspension injectable en seringue préremplie",
    atc="J07BB02",
    atc_label="grippe, virus inactivé fragmenté ou antigènes de surface",
    against="Grippe saisonnière",
)
FLU_HIGH_DOSE = VaccineProduct(
    cis="62048742",
    name="EFLUELDA, suspension injectable en seringue préremplie",
    atc="J07BB02",
    atc_label="grippe, virus inactivé fragmenté ou antigènes de surface",
    against="Grippe saisonnière",
)
COVID = VaccineProduct(
    cis="65456578",
    name="COMIRNATY 30 microgrammes/dose, dispersion injectable",
    atc="J07BN01",
    atc_label="Covid-19, vaccin à ARNm",
    against="Covid-19",
)
ZOSTER = VaccineProduct(
    cis="62887096",
    name="SHINGRIX, poudre et suspension pour suspension injectable",
    atc="J07BK03",
    atc_label="zona, antigène purifié",
    against="Zona",
)
RSV_ANTIBODY = VaccineProduct(
    cis="62438151",
    name="BEYFORTUS 50 mg, solution injectable en seringue préremplie",
    atc="J06BD08",
    atc_label="nirsévimab",
    against="Virus respiratoire syncytial (anticorps)",
)
THIGH = ("16217661000119109", "cuisse gauche")
