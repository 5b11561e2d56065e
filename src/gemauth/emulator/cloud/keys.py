"""IAM v1, service-account keys: the private half is answered once, the public half is kept.

Source: google-oauth.md section 5.1.
"""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import anyio.to_thread

from gemauth.clock import rfc3339
from gemauth.emulator.cloud.rpc import Arguments, Decision, Rpc, invalid_argument, not_found
from gemauth.emulator.cloud.service_accounts import ADMIN, SERVICE, find_account, resource_of
from gemauth.emulator.storage.records import ServiceAccountKey as KeyRecord
from gemauth.emulator.tokens import system_key
from gemauth.emulator.tokens.key_pair import KeyPair, make_key_pair
from gemauth.emulator.tokens.system_key import SYSTEM_MANAGED
from gemauth.emulator.tokens.user_managed_key import add_key, key_file
from gemauth.google.status import Code, Status, StatusError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gemauth.emulator.context import Context
    from gemauth.emulator.storage.records import ServiceAccount
    from gemauth.emulator.storage.store import Transaction

__all__ = ["RPCS"]

FOREVER = "9999-12-31T23:59:59Z"


async def prepare_key_pair(context: Context) -> KeyPair:
    """Make a key pair in a thread, before the transaction."""
    now = context.clock.now()
    return await anyio.to_thread.run_sync(make_key_pair, "gemauth emulator", now)


def create(tx: Transaction, arguments: Arguments) -> Mapping[str, Any]:
    """POST …/keys: answers the key file's JSON in `privateKeyData`, this once."""
    account = find_account(tx, arguments, "iam.serviceAccountKeys.create")
    kind = arguments.body.get("privateKeyType", "TYPE_GOOGLE_CREDENTIALS_FILE")
    algorithm = arguments.body.get("keyAlgorithm", "KEY_ALG_RSA_2048")
    if kind not in ("TYPE_GOOGLE_CREDENTIALS_FILE", "TYPE_UNSPECIFIED"):
        raise invalid_argument(
            f"privateKeyType {kind} is not supported here: only JSON key files are."
        )
    if algorithm not in ("KEY_ALG_RSA_2048", "KEY_ALG_UNSPECIFIED"):
        raise invalid_argument(f"keyAlgorithm {algorithm} is not supported here: only RSA 2048 is.")
    pair: KeyPair = arguments.prepared
    now, certificate = arguments.now, pair.certificate_pem
    key = add_key(tx, now, arguments.entropy, account, certificate, origin="GOOGLE_PROVIDED")
    file = key_file(account, key, pair.private_pem, arguments.base_url)
    encoded = base64.b64encode(json.dumps(file.to_json(), indent=2).encode("utf-8"))
    return shown(account, key) | {
        "privateKeyType": "TYPE_GOOGLE_CREDENTIALS_FILE",
        "privateKeyData": encoded.decode("ascii"),
    }


def upload(tx: Transaction, arguments: Arguments) -> Mapping[str, Any]:
    """POST …/keys:upload {publicKeyData}: the private half never travels.

    The key ends with its certificate, as its holder meant it; that Google does the same is our
    inference.
    """
    account = find_account(tx, arguments, "iam.serviceAccountKeys.create")
    certificate, end = _certificate(arguments.body.get("publicKeyData"))
    key = add_key(
        tx,
        arguments.now,
        arguments.entropy,
        account,
        certificate,
        origin="USER_PROVIDED",
        valid_before=None if rfc3339(end) == FOREVER else end,
    )
    return shown(account, key)


def list_keys(tx: Transaction, arguments: Arguments) -> Mapping[str, Any]:
    """GET …/keys?keyTypes=USER_MANAGED|SYSTEM_MANAGED; every account has one of the latter."""
    account = find_account(tx, arguments, "iam.serviceAccountKeys.list")
    wanted = set(arguments.query.get("keyTypes", ())) - {"KEY_TYPE_UNSPECIFIED"}
    if not wanted or SYSTEM_MANAGED in wanted:
        system_key.current(tx, arguments.now, account)  # made now, if it never was
    keys = tx.find(KeyRecord, unique_id=account.unique_id)
    listed = [shown(account, key) for key in keys if not wanted or key.type in wanted]
    return {"keys": listed} if listed else {}


def get(tx: Transaction, arguments: Arguments) -> Mapping[str, Any]:
    """GET …/keys/{id}?publicKeyType=TYPE_X509_PEM_FILE|TYPE_RAW_PUBLIC_KEY|TYPE_NONE."""
    account = find_account(tx, arguments, "iam.serviceAccountKeys.get")
    key = _key(tx, arguments, account)
    match arguments.query.get("publicKeyType", ["TYPE_NONE"])[0]:
        case "TYPE_NONE":
            return shown(account, key)
        case "TYPE_X509_PEM_FILE":
            data = key.certificate_pem
        case "TYPE_RAW_PUBLIC_KEY":
            data = _public_key(key.certificate_pem)
        case other:
            raise invalid_argument(f"publicKeyType {other} is unknown.")
    encoded = base64.b64encode(data.encode("ascii")).decode("ascii")
    return shown(account, key) | {"publicKeyData": encoded}


def delete(tx: Transaction, arguments: Arguments) -> Mapping[str, Any]:
    """DELETE …/keys/{id}: assertions it signed are refused from now on."""
    account = find_account(tx, arguments, "iam.serviceAccountKeys.delete")
    tx.remove(KeyRecord, _own_key(tx, arguments, account).key_id)
    return {}


def switch(*, disabled: bool) -> Decision:
    """POST …/keys/{id}:disable and :enable."""
    verb = "disable" if disabled else "enable"

    def decide(tx: Transaction, arguments: Arguments) -> Mapping[str, Any]:
        account = find_account(tx, arguments, f"iam.serviceAccountKeys.{verb}")
        tx.replace(replace(_own_key(tx, arguments, account), disabled=disabled))
        return {}

    return decide


def shown(account: ServiceAccount, key: KeyRecord) -> dict[str, Any]:
    """Return a key as the API shows it, without either half."""
    members = {
        "name": f"{resource_of(account)}/keys/{key.key_id}",
        "keyAlgorithm": "KEY_ALG_RSA_2048",
        "validAfterTime": rfc3339(float(int(key.valid_after))),
        "validBeforeTime": FOREVER if key.valid_before is None else rfc3339(key.valid_before),
        "keyOrigin": key.origin,
        "keyType": key.type,
        "disabled": key.disabled,
    }
    return {name: value for name, value in members.items() if value}


def _key(tx: Transaction, arguments: Arguments, account: ServiceAccount) -> KeyRecord:
    name = arguments.path["key"]
    key = tx.get(KeyRecord, name)
    if key is None or key.unique_id != account.unique_id:
        raise not_found(f"Service account key {name} does not exist.")
    return key


def _own_key(tx: Transaction, arguments: Arguments, account: ServiceAccount) -> KeyRecord:
    """Return the path's key, which must not be Google's own (the text is ours)."""
    key = _key(tx, arguments, account)
    if key.type == SYSTEM_MANAGED:
        raise StatusError(
            Status(Code.FAILED_PRECONDITION, "A system-managed key cannot be changed or deleted.")
        )
    return key


def _certificate(data: Any) -> tuple[str, float]:  # noqa: ANN401  # a JSON member
    """Return the X.509 certificate in base64 of PEM, as one PEM text, and its end.

    Raises:
        StatusError: INVALID_ARGUMENT for anything else, or a key that is not RSA.
    """
    from cryptography import x509  # slow import, wanted by few
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey  # as above
    from cryptography.hazmat.primitives.serialization import Encoding  # as above

    try:
        certificate = x509.load_pem_x509_certificate(base64.b64decode(str(data), validate=True))
        key = certificate.public_key()
    except ValueError:
        key = None
    if not isinstance(key, RSAPublicKey):
        raise invalid_argument(
            "publicKeyData must be base64 of an X.509 certificate (PEM) of an RSA key."
        )
    pem = certificate.public_bytes(Encoding.PEM).decode("ascii")
    return pem, certificate.not_valid_after_utc.timestamp()


def _public_key(certificate_pem: str) -> str:
    from cryptography import x509  # slow import, wanted by few
    from cryptography.hazmat.primitives import serialization  # as above

    key = x509.load_pem_x509_certificate(certificate_pem.encode("ascii")).public_key()
    return key.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    ).decode("ascii")


_KEYS = "/v1/projects/{project}/serviceAccounts/{account}/keys"

RPCS = (
    Rpc("POST", _KEYS, SERVICE, f"{ADMIN}.CreateServiceAccountKey", create, prepare_key_pair),
    Rpc("POST", f"{_KEYS}:upload", SERVICE, f"{ADMIN}.UploadServiceAccountKey", upload),
    Rpc("GET", _KEYS, SERVICE, f"{ADMIN}.ListServiceAccountKeys", list_keys),
    Rpc(
        "POST",
        f"{_KEYS}/{{key}}:disable",
        SERVICE,
        f"{ADMIN}.DisableServiceAccountKey",
        switch(disabled=True),
    ),
    Rpc(
        "POST",
        f"{_KEYS}/{{key}}:enable",
        SERVICE,
        f"{ADMIN}.EnableServiceAccountKey",
        switch(disabled=False),
    ),
    Rpc("GET", f"{_KEYS}/{{key}}", SERVICE, f"{ADMIN}.GetServiceAccountKey", get),
    Rpc("DELETE", f"{_KEYS}/{{key}}", SERVICE, f"{ADMIN}.DeleteServiceAccountKey", delete),
)
