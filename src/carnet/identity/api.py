"""The door of identity."""

from carnet.identity.actions.directory import DirectoryFeed, FeedAddress, FeedOrganisation, FeedProfessional, import_directory
from carnet.identity.actions.software import register_software, set_software_status
from carnet.identity.data import (
    IdentityStatus,
    IdentityTraits,
    Ins,
    Sex,
    parse_ins,
    parse_traits,
)
from carnet.identity.queries.directory import (
    CareOrganisation,
    CareSoftware,
    Listed,
    Professional,
    organisation,
    professional,
    search_directory,
    software,
)
from carnet.identity.rules.professional_ids import (
    OID_PROFESSIONAL,
    OID_STRUCTURE,
    ProfessionalId,
    ProfessionalRegister,
    StructureId,
    StructureRegister,
    parse_finess,
    parse_professional_id,
    parse_structure_id,
)
from carnet.identity.rules.vigilance import Difference, Gap, Trait, VigilanceResult, compare, problems_of

__all__ = [
    "OID_PROFESSIONAL",
    "OID_STRUCTURE",
    "CareOrganisation",
    "CareSoftware",
    "Difference",
    "DirectoryFeed",
    "FeedAddress",
    "FeedOrganisation",
    "FeedProfessional",
    "Gap",
    "IdentityStatus",
    "IdentityTraits",
    "Ins",
    "Listed",
    "Professional",
    "ProfessionalId",
    "ProfessionalRegister",
    "Sex",
    "StructureId",
    "StructureRegister",
    "Trait",
    "VigilanceResult",
    "compare",
    "import_directory",
    "organisation",
    "parse_finess",
    "parse_ins",
    "parse_professional_id",
    "parse_structure_id",
    "parse_traits",
    "problems_of",
    "professional",
    "register_software",
    "search_directory",
    "set_software_status",
    "software",
]
