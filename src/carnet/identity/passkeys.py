"""Passkeys: what a browser is asked, and whether its answer is genuine. WebAuthn level 3, through py_webauthn.

The person proves presence and themselves to their own device (user verification is required: what they have and what
they know or are), and the device signs for this site only: nothing that can be typed into another one. The list of
accepted devices is open: no attestation is asked for. The library is loaded when somebody first uses a key: it takes
half a second that most processes never need. Ignored here: where challenges and keys are kept.
"""

import base64
import binascii
from urllib.parse import urlsplit

import msgspec

from carnet.kernel.errors import Invalid, Problem

_LONGEST_ANSWER = 20_000
NOT_GENUINE = Problem(
    code="passkey-refused",
    fr="Cette clé d'accès n'a pas été reconnue. Réessayez, ou choisissez un autre moyen.",
    en="This passkey was not recognised. Please try again, or choose another way.",
)


class RelyingSite(msgspec.Struct, frozen=True):
    """The site keys are made for. host: what they are bound to; origin: the only pages they answer."""

    host: str
    origin: str


class NewPasskey(msgspec.Struct, frozen=True, kw_only=True):
    """A key a device just made. signatures: its counter."""

    credential: bytes
    public_key: bytes
    signatures: int


def relying_site(base_url: str) -> RelyingSite | None:
    """Return the site of `base_url`, None when browsers make no passkeys there (an address in figures, plain http)."""
    parts = urlsplit(base_url)
    host = parts.hostname or ""
    named = not host.replace(".", "").isdigit() and ":" not in host
    safe = parts.scheme == "https" or host == "localhost"
    return RelyingSite(host, f"{parts.scheme}://{parts.netloc}") if named and safe else None


def ask_new(site: RelyingSite, *, handle: bytes, name: str, challenge: bytes, known: tuple[bytes, ...]) -> str:
    """Return, as JSON, what `navigator.credentials.create` is given. handle: random id of the account."""
    import webauthn  # noqa: PLC0415 - half a second only who uses keys needs
    from webauthn.helpers import structs  # noqa: PLC0415 - half a second only who uses keys needs

    options = webauthn.generate_registration_options(
        rp_id=site.host,
        rp_name="Carnet",
        user_id=handle,
        user_name=name,
        user_display_name=name,
        challenge=challenge,
        authenticator_selection=structs.AuthenticatorSelectionCriteria(
            resident_key=structs.ResidentKeyRequirement.REQUIRED,
            user_verification=structs.UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[structs.PublicKeyCredentialDescriptor(id=one) for one in known],
    )
    return webauthn.options_to_json(options)


def take_new(site: RelyingSite, answer: str, *, challenge: bytes) -> NewPasskey:
    """Return the key in a browser's answer. Raises Invalid when anything about it is not genuine."""
    import webauthn  # noqa: PLC0415 - half a second only who uses keys needs
    from webauthn.helpers.exceptions import WebAuthnException  # noqa: PLC0415 - half a second only who uses keys needs

    try:
        made = webauthn.verify_registration_response(
            credential=_bounded(answer),
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=site.origin,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, TypeError, KeyError) as error:
        raise Invalid(NOT_GENUINE) from error
    return NewPasskey(credential=made.credential_id, public_key=made.credential_public_key, signatures=made.sign_count)


def ask_proof(site: RelyingSite, *, challenge: bytes, known: tuple[bytes, ...] = ()) -> str:
    """Return, as JSON, what `navigator.credentials.get` is given. known: keys that may answer, or any."""
    import webauthn  # noqa: PLC0415 - half a second only who uses keys needs
    from webauthn.helpers import structs  # noqa: PLC0415 - half a second only who uses keys needs

    options = webauthn.generate_authentication_options(
        rp_id=site.host,
        challenge=challenge,
        allow_credentials=[structs.PublicKeyCredentialDescriptor(id=one) for one in known],
        user_verification=structs.UserVerificationRequirement.REQUIRED,
    )
    return webauthn.options_to_json(options)


def credential_of(answer: str) -> bytes:
    """Return the id of the key that answered. Raises Invalid when there is none."""
    try:
        told = msgspec.json.decode(_bounded(answer), type=_Answer).id
        return base64.urlsafe_b64decode(told + "=" * (-len(told) % 4))
    except (msgspec.DecodeError, binascii.Error, ValueError) as error:
        raise Invalid(NOT_GENUINE) from error


def check_proof(site: RelyingSite, answer: str, *, challenge: bytes, public_key: bytes, signatures: int) -> int:
    """Return the key's new counter. Raises Invalid when the answer is not genuine, replayed, or the key was copied."""
    import webauthn  # noqa: PLC0415 - half a second only who uses keys needs
    from webauthn.helpers.exceptions import WebAuthnException  # noqa: PLC0415 - half a second only who uses keys needs

    try:
        proved = webauthn.verify_authentication_response(
            credential=_bounded(answer),
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=site.origin,
            credential_public_key=public_key,
            credential_current_sign_count=signatures,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, TypeError, KeyError) as error:
        raise Invalid(NOT_GENUINE) from error
    return proved.new_sign_count


class _Answer(msgspec.Struct):
    id: str


def _bounded(answer: str) -> str:
    if not 0 < len(answer) <= _LONGEST_ANSWER:
        raise Invalid(NOT_GENUINE)
    return answer
