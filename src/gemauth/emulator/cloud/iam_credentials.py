"""IAM Service Account Credentials v1: short-lived tokens and signatures of a service account.

google-oauth.md 5.2. The caller has to hold the permission on the account, or on the first of a
chain of delegates each of which holds it on the next. Texts without a source there are ours.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from gemauth.clock import rfc3339
from gemauth.emulator import ledger
from gemauth.emulator.cloud.rpc import Arguments, Decision, Rpc, invalid_argument
from gemauth.emulator.cloud.service_accounts import ADMIN, resource_of
from gemauth.emulator.cloud.service_accounts import SERVICE as ADMIN_SERVICE
from gemauth.emulator.iam.admission import Carriers
from gemauth.emulator.iam.policy import Who, has_permission
from gemauth.emulator.reply import json_reply, status_reply
from gemauth.emulator.service_route import ServiceRoute
from gemauth.emulator.tokens import system_key
from gemauth.emulator.tokens.assertion import find_account, moment
from gemauth.emulator.tokens.issue import ServiceAccess, ServiceIdentity, issue
from gemauth.emulator.tokens.verify import Refused, verify_bearer
from gemauth.google import refusals
from gemauth.google.endpoints import GEMINI_SERVICE
from gemauth.google.invalid import InvalidRequestError, Violation
from gemauth.google.payload import parse_json
from gemauth.google.scopes import CLOUD_PLATFORM, IAM, canonical, is_scope
from gemauth.google.status import Code, Status, StatusError
from gemauth.oauth import jwt

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import Route

    from gemauth.emulator.context import Context
    from gemauth.emulator.storage.records import ServiceAccount
    from gemauth.emulator.storage.store import Transaction

__all__ = ["RPCS", "allowed_locations"]

SERVICE = "iamcredentials.googleapis.com"
NAME = "google.iam.credentials.v1.IAMCredentials"
LONGEST = 3600  # seconds: more takes an organization policy, and the emulator keeps none
LONGEST_JWT = 12 * 3600  # seconds that signJwt lets `exp` be ahead

_DELEGATE = re.compile(r"projects/-/serviceAccounts/([^/]+)")
_SECONDS = re.compile(r"\d{1,9}(?:\.\d{1,9})?s", re.ASCII)


def generate_access_token(tx: Transaction, arguments: Arguments) -> Mapping[str, Any]:
    """POST …:generateAccessToken {delegates, scope, lifetime}."""
    account = _impersonated(tx, arguments, "getAccessToken")
    scopes = canonical(_texts(arguments.body, "scope"))
    if not scopes:
        raise invalid_argument("scope must name at least one scope.")
    if unknown := [scope for scope in scopes if not is_scope(scope)]:
        raise invalid_argument(f"scope names what is no scope: {unknown[0]}.")
    lifetime = _lifetime(arguments.body.get("lifetime"))
    access = ServiceAccess(account, scopes, lifetime)
    answer = issue(tx, arguments.now, arguments.entropy, access)
    # Whole seconds, since google-auth reads no others.
    ends = float(int(arguments.now + lifetime))
    return {"accessToken": answer.access_token, "expireTime": rfc3339(ends)}


def generate_id_token(tx: Transaction, arguments: Arguments) -> Mapping[str, Any]:
    """POST …:generateIdToken {audience, delegates, includeEmail, organizationNumberIncluded}."""
    account = _impersonated(tx, arguments, "getOpenIdToken")
    audience = arguments.body.get("audience")
    if not isinstance(audience, str) or not audience:
        raise invalid_argument("audience is required.")
    claims: dict[str, Any] = {"azp": account.unique_id}
    if not _flag(arguments.body, "includeEmail"):
        claims |= {"email": None, "email_verified": None}
    if _flag(arguments.body, "useEmailAzp"):  # google-auth's, in no document
        claims["azp"] = account.email
    if _flag(arguments.body, "organizationNumberIncluded"):
        # "null if the service account isn't associated with an organization": none has a number.
        claims["google"] = {"organization_number": None}
    identity = ServiceIdentity(account, audience, claims)
    return {"token": issue(tx, arguments.now, arguments.entropy, identity).id_token}


def sign_blob(tx: Transaction, arguments: Arguments) -> Mapping[str, Any]:
    """POST …:signBlob {payload, delegates}; the older IAM method calls them otherwise."""
    account = _impersonated(tx, arguments, "signBlob")
    older = "bytesToSign" in arguments.body
    payload = arguments.body.get("bytesToSign" if older else "payload")
    try:
        # Protocol buffers' JSON takes both alphabets, with and without padding.
        text = payload.translate(_STANDARD) if isinstance(payload, str) else ""
        raw = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    if not raw:
        raise invalid_argument("payload must be the bytes to sign, in base64.")
    key = system_key.current(tx, arguments.now, account)
    signature = base64.b64encode(system_key.sign_with(key)(raw)).decode("ascii")
    return {"keyId": key.key_id, "signature" if older else "signedBlob": signature}


def sign_jwt(tx: Transaction, arguments: Arguments) -> Mapping[str, Any]:
    """POST …:signJwt {payload, delegates}: the payload is a JSON object, as text."""
    account = _impersonated(tx, arguments, "signJwt")
    payload = arguments.body.get("payload")
    claims = parse_json(payload) if isinstance(payload, str) else None
    if not isinstance(claims, dict) or not claims:
        raise invalid_argument("payload must be a JSON object of claims, as text.")
    if "exp" in claims:
        _check_expiry(claims["exp"], arguments.now)
    key = system_key.current(tx, arguments.now, account)
    signed = jwt.encode(claims, system_key.sign_with(key), key_id=key.key_id)
    return {"keyId": key.key_id, "signedJwt": signed}


def allowed_locations(context: Context) -> list[Route]:
    """Return the routes of `…/allowedLocations`: no boundary, for everyone who proves to be one.

    google-auth asks in the background with whatever token it has, so neither scopes nor an API
    that is switched off stand in the way, and a self-signed JWT may be one for the Gemini API.
    """

    async def endpoint(request: Request) -> Response:
        carriers = Carriers.of(request.headers, dict(request.query_params))
        name = f"{NAME}.GetAllowedLocations"
        with context.store.read() as tx:
            verdict = (
                refusals.credentials_missing(SERVICE, name)
                if carriers.bearer is None
                else verify_bearer(
                    tx,
                    context.clock.now(),
                    carriers.bearer,
                    audience_hosts=(SERVICE, GEMINI_SERVICE),
                )
            )
        if isinstance(verdict, StatusError):
            return status_reply(verdict)
        if isinstance(verdict, Refused):
            return status_reply(refusals.invalid_credentials(SERVICE, name, verdict.reason))
        ledger.seen(
            credential=verdict.kind,
            principal=verdict.email,
            scopes=verdict.scopes,
            client_id=verdict.client_id,
        )
        return json_reply({"locations": [], "encodedLocations": "0x0"})

    return [
        ServiceRoute(SERVICE, f"/v1/{path}/allowedLocations", endpoint, methods=["GET"])
        for path in (
            "projects/{project}/serviceAccounts/{account}",
            "projects/{project}/locations/global/workloadIdentityPools/{pool}",
            "locations/global/workforcePools/{pool}",
        )
    ]


def _impersonated(tx: Transaction, arguments: Arguments, verb: str) -> ServiceAccount:
    """Return the path's account, if the caller may act as it through the delegates.

    Raises:
        StatusError: PERMISSION_DENIED, or NOT_FOUND for an account that does not exist.
    """
    if arguments.path["project"] != "-":
        raise invalid_argument("The account must be named as projects/-/serviceAccounts/ACCOUNT.")
    who: Who = arguments.identity
    for name in _texts(arguments.body, "delegates"):
        match = _DELEGATE.fullmatch(name)
        if match is None:
            raise invalid_argument("delegates must be named as projects/-/serviceAccounts/ACCOUNT.")
        who = _reached(tx, who, match[1], "implicitDelegation").email
    return _reached(tx, who, arguments.path["account"], verb)


def _reached(tx: Transaction, who: Who, name: str, verb: str) -> ServiceAccount:
    """Return the account of a name, if somebody holds a permission on it and it is enabled.

    An address that no service account has is said to be unknown, whoever asks; of ids nothing is
    published, and they are refused like accounts of somebody else's (google-oauth.md 5.2).
    """
    permission = f"iam.serviceAccounts.{verb}"
    account = find_account(tx, name)
    if account is None and "@" in name:
        raise refusals.account_not_found(name)
    if account is None or not has_permission(tx, who, permission, resource_of(account)):
        raise refusals.impersonation_denied(permission)
    if account.disabled:
        raise StatusError(
            Status(Code.FAILED_PRECONDITION, f"Service account {account.email} is disabled.")
        )
    return account


def _texts(body: Mapping[str, Any], name: str) -> list[str]:
    """Return a list of texts; null, which google-auth sends for no delegates, is an empty one."""
    value = [] if body.get(name) is None else body[name]
    if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
        raise invalid_argument(f"{name} must be a list of texts.")
    return value


def _flag(body: Mapping[str, Any], name: str) -> bool:
    """Return a boolean; google-auth sends some as text."""
    value = body.get(name)
    if value not in (None, True, False, "true", "false"):
        raise invalid_argument(f"{name} must be true or false.")
    return value in (True, "true")


def _lifetime(value: Any) -> int:  # noqa: ANN401  # a JSON member
    """Return the whole seconds of a Duration in JSON (`3600s`, `1800.5s`)."""
    text = "3600s" if value is None else str(value)
    seconds = float(text[:-1]) if _SECONDS.fullmatch(text) else 0.0
    if seconds < 1:
        raise invalid_argument("lifetime must be a number of seconds, such as 3600s.")
    if seconds > LONGEST:
        # The first sentence is Google's: google-github-actions/auth, docs/TROUBLESHOOTING.md.
        raise invalid_argument(
            f"The access token lifetime cannot exceed {LONGEST} seconds. Up to 43200 take an "
            "organization policy with "
            "constraints/iam.allowServiceAccountCredentialLifetimeExtension, and this emulator "
            "keeps no organization policies."
        )
    return int(seconds)


def _check_expiry(value: Any, now: float) -> None:  # noqa: ANN401  # a claim
    ends = moment(value) if isinstance(value, int) else None
    if ends is None or not now < ends <= now + LONGEST_JWT:
        raise invalid_argument(
            "exp must be a whole number of seconds since 1970, not past and at most 12 hours ahead."
        )


_STANDARD = str.maketrans("-_", "+/", "=\n\r")


def _rpc(
    verb: str,
    name: str,
    decide: Decision,
    fields: tuple[str, ...],
    service: str = SERVICE,
    package: str = NAME,
) -> Rpc:
    path = f"/v1/projects/{{project}}/serviceAccounts/{{account}}:{verb}"
    # google-auth asks for the `iam` scope when the caller is a service account (section 10).
    scopes = (CLOUD_PLATFORM, IAM)
    return Rpc("POST", path, service, f"{package}.{name}", _reading(fields, decide), scopes=scopes)


def _reading(fields: tuple[str, ...], decide: Decision) -> Decision:
    """Return a decision whose body has only these fields, in whichever of their two spellings.

    A field that a method does not have is refused, as by all of Google's APIs (gemini-api.md
    section 10, row 20): left out, a mistyped `lifetime` would work here.
    """
    known = {spelling: field for field in fields for spelling in (field, _snake(field))}

    def decided(tx: Transaction, arguments: Arguments) -> Mapping[str, Any]:
        if unknown := [name for name in arguments.body if name not in known]:
            text = 'Invalid JSON payload received. Unknown name "{}": Cannot find field.'
            raise InvalidRequestError.of([Violation(None, text.format(n[:200])) for n in unknown])
        body = {known[name]: value for name, value in arguments.body.items()}
        return decide(tx, replace(arguments, body=body))

    return decided


def _snake(field: str) -> str:
    return re.sub(r"[A-Z]", lambda match: f"_{match[0].lower()}", field)


_ALL = ("name", "delegates")  # the first is the path's
RPCS = (
    _rpc(
        "generateAccessToken",
        "GenerateAccessToken",
        generate_access_token,
        (*_ALL, "scope", "lifetime"),
    ),
    _rpc(
        "generateIdToken",
        "GenerateIdToken",
        generate_id_token,
        (*_ALL, "audience", "includeEmail", "organizationNumberIncluded", "useEmailAzp"),
    ),
    # On loopback it answers for the older method, too, whose path is the same.
    _rpc("signBlob", "SignBlob", sign_blob, (*_ALL, "payload", "bytesToSign")),
    _rpc("signJwt", "SignJwt", sign_jwt, (*_ALL, "payload")),
    # Deprecated in favour of the above, with the names of their time (5.1, "legacy").
    _rpc("signBlob", "SignBlob", sign_blob, ("name", "bytesToSign"), ADMIN_SERVICE, ADMIN),
    _rpc("signJwt", "SignJwt", sign_jwt, ("name", "payload"), ADMIN_SERVICE, ADMIN),
)
