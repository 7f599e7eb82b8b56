"""The door of identity."""

from carnet.identity.actions.acting import go_into
from carnet.identity.actions.agents import AGENT_KINDS, add_agent, end_agent
from carnet.identity.actions.apps import register_app
from carnet.identity.actions.attempts import Attempt, keep_attempt, take_attempt
from carnet.identity.actions.directory import (
    DirectoryFeed,
    FeedAddress,
    FeedOrganisation,
    FeedProfessional,
    import_directory,
)
from carnet.identity.actions.launches import (
    LAUNCH_LIFE,
    OWN_PAGES,
    Code,
    Launch,
    make_code,
    make_launch,
    take_code,
    take_launch,
)
from carnet.identity.actions.sessions import (
    Login,
    NewSession,
    end_other_sessions,
    end_session,
    refuse_sign_in,
    sign_in,
    sign_out,
)
from carnet.identity.actions.software import register_software, set_software_status
from carnet.identity.actions.tokens import note_token, refuse_token, spend_assertion
from carnet.identity.agents import AgentRefused, Recognised, desk_name, recognise_agent
from carnet.identity.claims import ProfessionalClaims, read_pivot, read_professional
from carnet.identity.data import (
    IdentityStatus,
    IdentityTraits,
    Ins,
    Sex,
    parse_birth_date,
    parse_ins,
    parse_traits,
)
from carnet.identity.devices import device_label
from carnet.identity.ins_service import InsService
from carnet.identity.oidc import Proof, ProviderSettings, RelyingParty
from carnet.identity.professionals import NotRecognised, recognise_professional
from carnet.identity.queries.accounts import Account, find_account
from carnet.identity.queries.agents import agents_on_duty
from carnet.identity.queries.apps import SmartApp, find_app
from carnet.identity.queries.closing import end_sessions_of
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
from carnet.identity.queries.sessions import find_session, list_sessions
from carnet.identity.queries.standing import is_live
from carnet.identity.queries.workplaces import Workplace, workplaces
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
from carnet.identity.rules.vigilance import (
    Difference,
    Gap,
    Trait,
    VigilanceResult,
    compare,
    normalised_birth_name,
    problems_of,
)
from carnet.identity.scopes import Scope, ScopeContext, asks_too_widely, grant, parse_scope, scope_allows
from carnet.identity.sessions import (
    Acting,
    Door,
    SessionLimits,
    SessionLine,
    SignedIn,
    WebSession,
    digest_of,
    is_form_token,
)

__all__ = [
    "AGENT_KINDS",
    "LAUNCH_LIFE",
    "OID_PROFESSIONAL",
    "OID_STRUCTURE",
    "OWN_PAGES",
    "Account",
    "Acting",
    "AgentRefused",
    "Attempt",
    "CareOrganisation",
    "CareSoftware",
    "Code",
    "Difference",
    "DirectoryFeed",
    "Door",
    "FeedAddress",
    "FeedOrganisation",
    "FeedProfessional",
    "Gap",
    "IdentityStatus",
    "IdentityTraits",
    "Ins",
    "InsService",
    "Launch",
    "Listed",
    "Login",
    "NewSession",
    "NotRecognised",
    "Professional",
    "ProfessionalClaims",
    "ProfessionalId",
    "ProfessionalRegister",
    "Proof",
    "ProviderSettings",
    "Recognised",
    "RelyingParty",
    "Scope",
    "ScopeContext",
    "SessionLimits",
    "SessionLine",
    "Sex",
    "SignedIn",
    "SmartApp",
    "StructureId",
    "StructureRegister",
    "Trait",
    "VigilanceResult",
    "WebSession",
    "Workplace",
    "add_agent",
    "agents_on_duty",
    "asks_too_widely",
    "compare",
    "desk_name",
    "device_label",
    "digest_of",
    "end_agent",
    "end_other_sessions",
    "end_session",
    "end_sessions_of",
    "find_account",
    "find_app",
    "find_session",
    "go_into",
    "grant",
    "import_directory",
    "is_form_token",
    "is_live",
    "keep_attempt",
    "list_sessions",
    "make_code",
    "make_launch",
    "normalised_birth_name",
    "note_token",
    "organisation",
    "parse_birth_date",
    "parse_finess",
    "parse_ins",
    "parse_professional_id",
    "parse_scope",
    "parse_structure_id",
    "parse_traits",
    "problems_of",
    "professional",
    "read_pivot",
    "read_professional",
    "recognise_agent",
    "recognise_professional",
    "refuse_sign_in",
    "refuse_token",
    "register_app",
    "register_software",
    "scope_allows",
    "search_directory",
    "set_software_status",
    "sign_in",
    "sign_out",
    "software",
    "spend_assertion",
    "take_attempt",
    "take_code",
    "take_launch",
    "workplaces",
]
