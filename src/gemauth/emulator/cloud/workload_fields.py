"""What a request may set on a workload identity pool or provider, read and checked.

Limits are those of the IAM API's WorkloadIdentityPool and WorkloadIdentityPoolProvider; the texts
are ours. Read by `workload_pools` and `workload_providers`.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from gemauth.emulator.cloud.rpc import Arguments, invalid_argument
from gemauth.emulator.iam.federation import LONGEST_CONDITION
from gemauth.emulator.tokens.external_token import JwkSetError, read_jwk_set

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = [
    "OIDC_FIELDS",
    "POOL_FIELDS",
    "PROVIDER_FIELDS",
    "masked",
    "new_id",
    "pool_columns",
    "provider_columns",
]

MOST_AUDIENCES = 10
LONGEST_AUDIENCE = 256  # characters
LONGEST_NAME, LONGEST_DESCRIPTION = 32, 256  # characters

_ID = re.compile(r"(?!gcp-)[a-z0-9-]{4,32}")
# Every field that a request may set, as the column that keeps it.
POOL_FIELDS = {
    "displayName": "display_name",
    "description": "description",
    "disabled": "disabled",
}
PROVIDER_FIELDS = POOL_FIELDS | {
    "attributeMapping": "attribute_mapping",
    "attributeCondition": "attribute_condition",
    "oidc": "oidc",
}
OIDC_FIELDS = {
    "issuerUri": "issuer_uri",
    "allowedAudiences": "allowed_audiences",
    "jwksJson": "jwks_json",
}
# "The JWK must … include only the following fields" (`oidc.jwksJson`); `x5c` and `x5t` are what
# issuers' published sets have beside them, and Google refuses
# (cloud.google.com/iam/docs/troubleshooting-workload-identity-federation).
_JWK_FIELDS = frozenset({"kty", "alg", "use", "kid", "n", "e", "x", "y", "crv"})
_OUTPUT_ONLY = {"name", "state", "expireTime"}


def new_id(arguments: Arguments, parameter: str) -> str:
    """Return the id that a query parameter gives to a new pool or provider."""
    wanted = arguments.query.get(parameter, [""])[0]
    if _ID.fullmatch(wanted) is None:
        raise invalid_argument(
            f"{parameter} must be 4 to 32 lowercase letters, digits or hyphens, and must not begin "
            "with gcp-."
        )
    return wanted


def masked(arguments: Arguments, known: Mapping[str, str]) -> dict[str, Any]:
    """Return the fields that `updateMask` names; one that the body lacks is None.

    `oidc.allowedAudiences` comes as it is nested in the body, so that its siblings stay.
    """
    mask = [_camel(name) for name in arguments.query.get("updateMask", [""])[0].split(",") if name]
    if not mask:
        raise invalid_argument("updateMask is required.")
    if unknown := [name for name in mask if name not in known]:
        raise invalid_argument(f"updateMask names a field that cannot change: {unknown[0]}.")
    oidc = _object(arguments.body, "oidc")
    fields: dict[str, Any] = {}
    for name in mask:
        head, _, tail = name.partition(".")
        if tail:
            fields.setdefault(head, {})[tail] = oidc.get(tail)
        elif name == "oidc":  # all of it: what is not there is emptied
            fields[name] = {inner: oidc.get(inner) for inner in OIDC_FIELDS}
        else:
            fields[name] = arguments.body.get(name)
    return fields


def pool_columns(sent: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns that fields are kept in.

    Raises:
        StatusError: INVALID_ARGUMENT for a field that is unknown or out of form.
    """
    return {
        POOL_FIELDS[name]: _readers(name)(name, value)
        for name, value in _known(sent, POOL_FIELDS).items()
    }


def provider_columns(sent: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns of a provider's fields, as `pool_columns`."""
    columns: dict[str, Any] = {}
    for kind in ("aws", "saml", "x509"):
        if kind in sent:
            raise invalid_argument(
                f"This emulator has OpenID Connect providers (oidc) and none of {kind}."
            )
    for name, value in _known(sent, PROVIDER_FIELDS).items():
        if name == "oidc":
            inner = _known(_object(sent, name), OIDC_FIELDS)
            columns |= {OIDC_FIELDS[k]: _readers(k)(f"oidc.{k}", v) for k, v in inner.items()}
        else:
            columns[PROVIDER_FIELDS[name]] = _readers(name)(name, value)
    return columns


def _known(sent: Mapping[str, Any], fields: Mapping[str, str]) -> dict[str, Any]:
    if unknown := [name for name in sent if name not in fields and name not in _OUTPUT_ONLY]:
        raise invalid_argument(
            f"The field {unknown[0]} is unknown, or not supported by this emulator."
        )
    return {name: value for name, value in sent.items() if name in fields}


def _readers(name: str) -> Callable[[str, Any], Any]:
    return {
        "displayName": _text(LONGEST_NAME),
        "description": _text(LONGEST_DESCRIPTION),
        "disabled": _flag,
        "attributeMapping": _mapping,
        "attributeCondition": _text(LONGEST_CONDITION),
        "issuerUri": _issuer,
        "allowedAudiences": _audiences,
        "jwksJson": _jwk_set,
    }[name]


def _text(most: int) -> Callable[[str, Any], str]:
    def read(name: str, value: Any) -> str:  # noqa: ANN401  # a JSON member
        text = "" if value is None else value
        if not isinstance(text, str) or len(text) > most:
            raise invalid_argument(f"{name} must be text of at most {most} characters.")
        return text

    return read


def _flag(name: str, value: Any) -> bool:  # noqa: ANN401  # a JSON member
    if value not in (None, True, False):
        raise invalid_argument(f"{name} must be true or false.")
    return bool(value)


def _mapping(name: str, value: Any) -> dict[str, str]:  # noqa: ANN401  # a JSON member
    mapping = {} if value is None else value
    if not isinstance(mapping, dict) or not all(isinstance(v, str) for v in mapping.values()):
        raise invalid_argument(f"{name} must be an object of texts.")
    return mapping


def _issuer(name: str, value: Any) -> str:  # noqa: ANN401  # a JSON member
    text = value if isinstance(value, str) else ""
    try:
        parts = urlsplit(text)
        good = parts.scheme == "https" and bool(parts.hostname) and not parts.query
    except ValueError:
        good = False
    if not good or not text.isprintable() or parts.fragment:
        raise invalid_argument(f"{name} must be an https URL without query.")
    return text


def _audiences(name: str, value: Any) -> tuple[str, ...]:  # noqa: ANN401  # a JSON member
    listed = [] if value is None else value
    if (
        not isinstance(listed, list)
        or len(listed) > MOST_AUDIENCES
        or not all(isinstance(a, str) and 0 < len(a) <= LONGEST_AUDIENCE for a in listed)
    ):
        raise invalid_argument(
            f"{name} must be at most {MOST_AUDIENCES} texts of at most {LONGEST_AUDIENCE} "
            "characters each."
        )
    return tuple(listed)


def _jwk_set(name: str, value: Any) -> str | None:  # noqa: ANN401  # a JSON member
    if value in (None, ""):
        return None
    if not isinstance(value, str):
        raise invalid_argument(f"{name} must be a JWK set, as text.")
    try:
        read_jwk_set(value)
    except JwkSetError as error:
        raise invalid_argument(f"{name} is no JWK set that can be used: {error}.") from None
    fields = {field for member in json.loads(value)["keys"] for field in member}
    if beyond := sorted(fields - _JWK_FIELDS):
        raise invalid_argument(
            "Input JWK is not in a valid json format: a key may have only "
            f"{', '.join(sorted(_JWK_FIELDS))}, and one has {', '.join(beyond)[:200]}."
        )
    return value


def _object(body: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = body.get(name) or {}
    if not isinstance(value, dict):
        raise invalid_argument(f"{name} must be an object.")
    return value


def _camel(name: str) -> str:
    """Return a mask's path in camelCase: both spellings are in use."""
    return re.sub(r"_([a-z])", lambda match: match[1].upper(), name.strip())
