"""Client assertions that must never be believed, by name. Each is made from a registered software's own keys or not.

Sources: RFC 8725 §2 (threats), the negative tests of SMART Backend Services, threats T33 and T34.
"""

import hashlib
import hmac
import json
from collections.abc import Callable

from joserfc import jws, jwt
from joserfc.jwe import JWERegistry
from joserfc.jwk import OctKey

from carnet.infra import clock
from factories.tokens import TOKEN_ENDPOINT, assertion, claims_for, ec_key, public, rsa_key, segment

STRANGER = ec_key(kid="k1")
STRANGER_RSA = rsa_key(kid="k2")
P256 = ec_key("P-256", kid="k1")
SHORT_RSA = rsa_key(1024, kid="k2")


def now() -> int:
    return int(clock.now().timestamp())


def unsigned(care, alg: str, **header) -> str:
    return f"{segment({'alg': alg, 'typ': 'JWT', 'kid': 'k1'} | header)}.{segment(claims_for(care.client_id))}."


def mac(care, secret: bytes, alg: str = "HS256", **header) -> str:
    digest = {"HS256": hashlib.sha256, "HS384": hashlib.sha384, "HS512": hashlib.sha512}[alg]
    signed = f"{segment({'alg': alg, 'typ': 'JWT', 'kid': 'k1'} | header)}.{segment(claims_for(care.client_id))}"
    return f"{signed}.{segment(hmac.new(secret, signed.encode(), digest).digest())}"


def parts(care, **changes) -> list[str]:
    return assertion(care.ec, care.client_id, **changes).split(".")


def swapped_claims(care, **changes) -> str:
    head, _, signature = parts(care)
    return f"{head}.{segment(claims_for(care.client_id, **changes))}.{signature}"


def swapped_header(care, **header) -> str:
    _, claims, signature = parts(care)
    return f"{segment({'alg': 'ES384', 'typ': 'JWT', 'kid': 'k1'} | header)}.{claims}.{signature}"


def with_header(care, **header) -> str:
    """Rightly signed, header included."""
    return assertion(care.ec, care.client_id, header=header)


def raw_payload(care, payload: bytes) -> str:
    return jws.serialize_compact({"alg": "ES384", "kid": "k1"}, payload, care.ec, algorithms=["ES384"])


def detached(care) -> str:
    head, _, signature = parts(care)
    return f"{head}..{signature}"


def general_json(care) -> str:
    head, claims, signature = parts(care)
    return json.dumps({"payload": claims, "signatures": [{"protected": head, "signature": signature}]})


def encrypted(care) -> str:
    secret = OctKey.import_key("0" * 32)
    header = {"alg": "A256KW", "enc": "A256GCM"}
    registry = JWERegistry(algorithms=["A256KW", "A256GCM"])
    return jwt.encode(header, claims_for(care.client_id), secret, registry=registry)


Forge = Callable[..., str]
FORGED: dict[str, Forge] = {
    "alg none": lambda c: unsigned(c, "none"),
    "alg None": lambda c: unsigned(c, "None"),
    "alg NONE": lambda c: unsigned(c, "NONE"),
    "alg nOnE": lambda c: unsigned(c, "nOnE"),
    "alg empty": lambda c: unsigned(c, ""),
    "alg none with a signature": lambda c: unsigned(c, "none") + parts(c)[2],
    "alg none over a good signature": lambda c: swapped_header(c, alg="none"),
    "alg null": lambda c: f"{segment({'alg': None, 'kid': 'k1'})}.{segment(claims_for(c.client_id))}.{parts(c)[2]}",
    "alg a list": lambda c: swapped_header(c, alg=["ES384"]),
    "alg absent": lambda c: f"{segment({'kid': 'k1'})}.{segment(claims_for(c.client_id))}.{parts(c)[2]}",
    "alg es384": lambda c: swapped_header(c, alg="es384"),
    "alg ES384 with blanks": lambda c: swapped_header(c, alg=" ES384 "),
    "alg ES256 by a P-256 key": lambda c: assertion(P256, c.client_id, alg="ES256"),
    "alg ES384 header, P-256 signature": lambda c: (
        f"{parts(c)[0]}.{parts(c)[1]}.{assertion(P256, c.client_id, alg='ES256').split('.')[2]}"
    ),
    "alg RS256 by the registered key": lambda c: assertion(c.rsa, c.client_id, alg="RS256"),
    "alg RS512 by the registered key": lambda c: assertion(c.rsa, c.client_id, alg="RS512"),
    "alg PS384 by the registered key": lambda c: assertion(c.rsa, c.client_id, alg="PS384"),
    "alg HS256 with the public key": lambda c: mac(c, json.dumps(public(c.ec)["keys"][0]).encode()),
    "alg HS384 with the public key": lambda c: mac(c, json.dumps(public(c.ec)["keys"][0]).encode(), "HS384"),
    "alg HS256 with the public PEM": lambda c: mac(c, c.rsa.as_pem(private=False), kid="k2"),
    "alg HS384 with the public PEM": lambda c: mac(c, c.rsa.as_pem(private=False), "HS384", kid="k2"),
    "alg HS256 with an empty secret": lambda c: mac(c, b""),
    "alg HS256 with the client id": lambda c: mac(c, c.client_id.encode()),
    "alg HS512 with the kid": lambda c: mac(c, b"k1", "HS512"),
    "a stranger's key, same kid": lambda c: assertion(STRANGER, c.client_id),
    "a stranger's RSA key, same kid": lambda c: assertion(STRANGER_RSA, c.client_id, alg="RS384"),
    "a short RSA key": lambda c: assertion(SHORT_RSA, c.client_id, alg="RS384"),
    "the key inside the header": lambda c: assertion(
        STRANGER, c.client_id, header={"jwk": dict(STRANGER.as_dict(private=False))}
    ),
    "the key inside the header, no kid": lambda c: assertion(
        STRANGER, c.client_id, header={"jwk": dict(STRANGER.as_dict(private=False)), "kid": None}
    ),
    "jku": lambda c: assertion(STRANGER, c.client_id, header={"jku": "https://evil.test/jwks"}),
    "jku, rightly signed": lambda c: with_header(c, jku="https://evil.test/jwks"),
    "x5u": lambda c: assertion(STRANGER, c.client_id, header={"x5u": "https://evil.test/cert.pem"}),
    "x5c": lambda c: assertion(STRANGER, c.client_id, header={"x5c": ["TUlJ"]}),
    "crit": lambda c: swapped_header(c, crit=["exp"]),
    "b64 false": lambda c: swapped_header(c, b64=False, crit=["b64"]),
    "zip": lambda c: swapped_header(c, zip="DEF"),
    "kid absent": lambda c: assertion(c.ec, c.client_id, header={"kid": None}),
    "kid unknown": lambda c: assertion(c.ec, c.client_id, header={"kid": "k9"}),
    "kid of the other key": lambda c: assertion(c.ec, c.client_id, header={"kid": "k2"}),
    "kid with a path": lambda c: assertion(c.ec, c.client_id, header={"kid": "../../../dev/null"}),
    "kid with SQL": lambda c: assertion(c.ec, c.client_id, header={"kid": "k1' OR '1'='1"}),
    "kid a number": lambda c: swapped_header(c, kid=1),
    "kid a list": lambda c: swapped_header(c, kid=["k1"]),
    "typ of an access token": lambda c: with_header(c, typ="at+jwt"),
    "typ of a logout token": lambda c: with_header(c, typ="logout+jwt"),
    "typ a number": lambda c: swapped_header(c, typ=1),
    "expired a second ago": lambda c: assertion(c.ec, c.client_id, iat=now() - 200, exp=now() - 1),
    "expired now": lambda c: assertion(c.ec, c.client_id, exp=now()),
    "exp absent": lambda c: assertion(c.ec, c.client_id, exp=None),
    "exp in six minutes": lambda c: assertion(c.ec, c.client_id, exp=now() + 360),
    "exp in six minutes, no iat": lambda c: assertion(c.ec, c.client_id, exp=now() + 360, iat=None),
    "exp in an hour": lambda c: assertion(c.ec, c.client_id, exp=now() + 3600),
    "exp near, iat an hour ago": lambda c: assertion(c.ec, c.client_id, iat=now() - 3600, exp=now() + 60),
    "exp a text": lambda c: assertion(c.ec, c.client_id, exp=str(now() + 60)),
    "exp true": lambda c: raw_payload(c, json.dumps(claims_for(c.client_id) | {"exp": True}).encode()),
    "exp in milliseconds": lambda c: assertion(c.ec, c.client_id, exp=(now() + 60) * 1000),
    "exp infinite": lambda c: raw_payload(c, json.dumps(claims_for(c.client_id) | {"exp": float("inf")}).encode()),
    "exp negative": lambda c: assertion(c.ec, c.client_id, exp=-1),
    "iat in the future": lambda c: assertion(c.ec, c.client_id, iat=now() + 90),
    "nbf in the future": lambda c: assertion(c.ec, c.client_id, nbf=now() + 90),
    "nbf a text": lambda c: assertion(c.ec, c.client_id, nbf="soon"),
    "aud absent": lambda c: assertion(c.ec, c.client_id, aud=None),
    "aud of another server": lambda c: assertion(c.ec, c.client_id, aud="https://other.test/oauth/token"),
    "aud of the site": lambda c: assertion(c.ec, c.client_id, aud="https://carnet.test"),
    "aud of the FHIR base": lambda c: assertion(c.ec, c.client_id, aud="https://carnet.test/fhir"),
    "aud with a slash more": lambda c: assertion(c.ec, c.client_id, aud=TOKEN_ENDPOINT + "/"),
    "aud with a prefix": lambda c: assertion(c.ec, c.client_id, aud=f"https://evil.test/?{TOKEN_ENDPOINT}"),
    "aud several": lambda c: assertion(c.ec, c.client_id, aud=[TOKEN_ENDPOINT, "https://other.test"]),
    "aud empty list": lambda c: assertion(c.ec, c.client_id, aud=[]),
    "aud an object": lambda c: assertion(c.ec, c.client_id, aud={TOKEN_ENDPOINT: True}),
    "iss of another": lambda c: assertion(c.ec, c.client_id, iss="lps-somebody-else"),
    "sub of another": lambda c: assertion(c.ec, c.client_id, sub="lps-somebody-else"),
    "iss absent": lambda c: assertion(c.ec, c.client_id, iss=None),
    "sub absent": lambda c: assertion(c.ec, c.client_id, sub=None),
    "iss a list": lambda c: assertion(c.ec, c.client_id, iss=[c.client_id]),
    "iss with a NUL": lambda c: assertion(c.ec, c.client_id, iss=c.client_id + "\x00"),
    "iss with SQL": lambda c: assertion(c.ec, c.client_id, iss="' OR 1=1 --", sub="' OR 1=1 --"),
    "jti absent": lambda c: assertion(c.ec, c.client_id, jti=None),
    "jti empty": lambda c: assertion(c.ec, c.client_id, jti=""),
    "jti a number": lambda c: assertion(c.ec, c.client_id, jti=7),
    "jti endless": lambda c: assertion(c.ec, c.client_id, jti="j" * 257),
    "jti with a NUL": lambda c: assertion(c.ec, c.client_id, jti="a\x00b"),
    "claims changed after signing": lambda c: swapped_claims(c, jti="another"),
    "another assertion's signature": lambda c: f"{parts(c)[0]}.{parts(c)[1]}.{parts(c, jti='x')[2]}",
    "signature of zeros": lambda c: ".".join([*parts(c)[:2], segment(bytes(96))]),
    "signature empty": lambda c: ".".join([*parts(c)[:2], ""]),
    "signature cut": lambda c: ".".join(parts(c))[:-2],
    "signature in DER": lambda c: ".".join([*parts(c)[:2], segment(b"\x30\x64" + bytes(100))]),
    "signature padded": lambda c: ".".join(parts(c)) + "=",
    "signature with a stray character": lambda c: ".".join([*parts(c)[:2], "!" + parts(c)[2]]),
    "payload detached": detached,
    "payload not JSON": lambda c: raw_payload(c, b"hello"),
    "payload a list": lambda c: raw_payload(c, b"[]"),
    "payload null": lambda c: raw_payload(c, b"null"),
    "JSON serialisation": general_json,
    "five parts": lambda c: ".".join([*parts(c), "a", "b"]),
    "two parts": lambda c: ".".join(parts(c)[:2]),
    "one part": lambda _: "eyJ",
    "nothing": lambda _: "",
    "only dots": lambda _: "..",
    "not ASCII": lambda c: ".".join(parts(c)) + "é",
    "a space before": lambda c: " " + ".".join(parts(c)),
    "a line feed after": lambda c: ".".join(parts(c)) + "\n",
    "a header that is a list": lambda c: f"{segment(['ES384'])}.{parts(c)[1]}.{parts(c)[2]}",
    "a huge token": lambda c: assertion(c.ec, c.client_id, padding="x" * 20_000),
    "encrypted": encrypted,
}
