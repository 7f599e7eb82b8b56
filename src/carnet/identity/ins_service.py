"""From the birth identity of somebody who just proved it to their national health identity (INS).

Plays the part of INSi's "recherche par saisie de traits": exactly one answer or none is used. Several people with the
same traits is not a guess to make: the person is told what to do. Source: référentiel INS v2, téléservice INSi.
"""

import msgspec

from carnet.identity.data import IdentityTraits, Ins, parse_ins
from carnet.identity.outside import Outside
from carnet.infra.installation import current
from carnet.kernel.errors import Invalid, Problem

INS_DOWN = Problem(
    code="ins-service-down",
    fr="Le service national qui confirme votre identité de santé ne répond pas. Réessayez dans quelques minutes.",
    en="The national service that confirms your health identity does not answer. Please try again in a few minutes.",
)
INS_NONE = Problem(
    code="ins-none",
    fr="Aucune identité nationale de santé ne correspond à votre état civil.",
    en="No national health identity matches your civil status.",
)
INS_SEVERAL = Problem(
    code="ins-several",
    fr="Plusieurs identités nationales de santé correspondent à votre état civil : le service d'aide les distinguera.",
    en="Several national health identities match your civil status: the help desk can tell them apart.",
)


class _Found(msgspec.Struct):
    status: str
    ins: dict[str, str] | None = None


class InsService:
    """Client of the INS service. base_url: its address, without a trailing slash; searches are posted to `/search`."""

    def __init__(self, base_url: str, *, seconds: float = 5.0) -> None:
        self._search = f"{base_url.rstrip('/')}/search"
        self._outside = Outside(down=INS_DOWN, seconds=seconds)

    async def find(self, traits: IdentityTraits) -> Ins:
        """Return the INS of `traits`. Raises Invalid (none, several, incomplete traits) or Unavailable."""
        wanted = {
            "birth_name": traits.birth_name,
            "given_name": traits.given_names[0] if traits.given_names else "",
            "sex": str(traits.sex),
            "birth_date": traits.birth_date,
        }
        if traits.birth_place:
            wanted["birth_place"] = traits.birth_place
        answer = await self._outside.post_json(self._search, wanted)
        if answer.status in {400, 422}:
            raise Invalid(INS_NONE)
        try:
            found = msgspec.json.decode(answer.body, type=_Found)
        except msgspec.DecodeError as error:
            raise self._outside.unavailable() from error
        if found.status == "several":
            raise Invalid(INS_SEVERAL)
        if found.status != "found" or found.ins is None:
            raise Invalid(INS_NONE)
        accepted = current().limits.accepted_ins_oids
        return parse_ins(matricule=found.ins.get("matricule", ""), oid=found.ins.get("oid", ""), accepted_oids=accepted)

    async def close(self) -> None:
        """Close the connections."""
        await self._outside.close()
