"""The error table of google-oauth.md 2.1, row by row, over HTTP."""

# ruff: noqa: E501  # a table is read by its columns: one row, one line

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest

from gemauth.emulator.authserver.token_error import Row, TokenRefused
from gemauth.emulator.storage.records import (
    Account,
    ClientSecretHash,
    OAuthClient,
    Project,
    ServiceAccount,
    ServiceAccountKey,
    TestUser,
)
from gemauth.google.scopes import CLOUD_PLATFORM, RETRIEVER
from gemauth.oauth.pkce import challenge
from tests.emulator.desk import (
    CLIENT,
    JWT_BEARER,
    KEY_ID,
    OTHER_CLIENT,
    ROBOT_ID,
    SECRET,
    SUB,
    VERIFIER,
    code_form,
    refresh_form,
    to_basic,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.emulator.desk import Answer, Desk


@dataclass(frozen=True)
class Case:
    """One refusal: what is sent, what is answered, and where the reference has it."""

    name: str
    source: str
    act: Callable[[Desk], Answer]
    status: int
    error: str
    description: str


def _code(**fields: str) -> Callable[[Desk], Answer]:
    return lambda desk: desk.post(code_form(desk.consent(), **fields))


def _pkce(**fields: str) -> Callable[[Desk], Answer]:
    return lambda desk: desk.post(
        code_form(desk.consent(challenge=challenge(VERIFIER), method="S256"), **fields)
    )


def _refresh(**fields: str) -> Callable[[Desk], Answer]:
    return lambda desk: desk.post(refresh_form(desk.signed_in()["refresh_token"], **fields))


def _jwt(**claims: Any) -> Callable[[Desk], Answer]:
    return lambda desk: desk.assert_robot(desk.assertion(**claims))


def _spent(desk: Desk) -> Answer:
    code = desk.consent()
    assert desk.exchange(code).status == 200
    return desk.exchange(code)


def _spent_and_unauthentic(desk: Desk) -> Answer:
    code = desk.consent()
    assert desk.exchange(code).status == 200
    return desk.exchange(code, client_secret="GOCSPX-wrong")


def _late(desk: Desk) -> Answer:
    code = desk.consent()
    desk.clock.advance(600)
    return desk.exchange(code)


def _after(
    change: Callable[[Desk], None], act: Callable[[Desk], Answer]
) -> Callable[[Desk], Answer]:
    """Do the change between sign-in and the request."""

    def both(desk: Desk) -> Answer:
        change(desk)
        return act(desk)

    return both


def _refresh_after(change: Callable[[Desk], None]) -> Callable[[Desk], Answer]:
    def both(desk: Desk) -> Answer:
        token = desk.signed_in()["refresh_token"]
        change(desk)
        return desk.refresh(token)

    return both


def _code_after(change: Callable[[Desk], None]) -> Callable[[Desk], Answer]:
    def both(desk: Desk) -> Answer:
        code = desk.consent()
        change(desk)
        return desk.exchange(code)

    return both


def _state(state: str) -> Callable[[Desk], None]:
    return lambda desk: desk.change(OAuthClient, CLIENT, state=state)


def _without_secrets(desk: Desk) -> None:
    desk.change(OAuthClient, CLIENT, state="deleted")
    with desk.write() as tx:
        for row in tx.find(ClientSecretHash, client_id=CLIENT):
            tx.remove(ClientSecretHash, row.client_id, row.secret_hash)


def _project_deleted(desk: Desk) -> None:
    desk.change(Project, "demo-project", state="DELETE_REQUESTED")


def _account_deleted(desk: Desk) -> None:
    with desk.write() as tx:
        tx.remove(Account, SUB)


def _not_a_tester(desk: Desk) -> None:
    desk.change(TestUser, "demo-project", "ada@example.com", removed_at=desk.clock.now())


def _revoked(desk: Desk) -> Answer:
    tokens = desk.signed_in()
    assert desk.post({"token": tokens["access_token"]}, path="/revoke").status == 200
    return desk.refresh(tokens["refresh_token"])


def _robot(**values: Any) -> Callable[[Desk], None]:
    return lambda desk: desk.change(ServiceAccount, ROBOT_ID, **values)


def _key(**values: Any) -> Callable[[Desk], None]:
    return lambda desk: desk.change(ServiceAccountKey, KEY_ID, **values)


def _other_robot(desk: Desk) -> None:
    with desk.write() as tx:
        account = tx.get(ServiceAccount, ROBOT_ID)
        assert account is not None
        other = replace(account, unique_id=f"1{8:020}", email="other@demo.iam.gserviceaccount.com")
        tx.add(other)


def _tampered(desk: Desk) -> Answer:
    header, _, signature = desk.assertion().split(".")
    claims = desk.assertion(scope=RETRIEVER).split(".")[1]
    return desk.assert_robot(f"{header}.{claims}.{signature}")


def _unsigned(desk: Desk) -> Answer:
    claims = desk.assertion().split(".")[1]
    return desk.assert_robot(f"eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{claims}.")


SHORT_LIVED = (
    "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. "
    "Check your iat and exp values in the JWT claim."
)
NO_DELEGATION = (
    "Client is unauthorized to retrieve access tokens using this method, or client not authorized "
    "for any of the scopes requested."
)
NO_SCOPE = "Invalid OAuth scope or ID token audience provided."
ENDED = "Token has been expired or revoked."
NOW = 1767225600

# fmt: off
CASES = [
    Case("no grant type", "any", _code(grant_type=""), 400, "invalid_request", "Missing required parameter: grant_type"),
    Case("no form at all", "any", lambda desk: desk.post(""), 400, "invalid_request", "Missing required parameter: grant_type"),
    Case("JSON for a form", "any", lambda desk: desk.post('{"grant_type": "refresh_token"}', media_type="application/json"), 400, "invalid_request", "Missing required parameter: grant_type"),
    Case("unknown grant", "any", _code(grant_type="password"), 400, "unsupported_grant_type", "Invalid grant_type: password"),
    Case("client_credentials", "any", _code(grant_type="client_credentials"), 400, "unsupported_grant_type", "Invalid grant_type: client_credentials"),
    Case("repeated parameter", "RFC 6749 5.2", lambda desk: desk.post("grant_type=refresh_token&code=a&code=b"), 400, "invalid_request", "OAuth 2 parameters can only have a single value: code"),
    Case("no redirect_uri", "code", _code(redirect_uri=""), 400, "invalid_request", "Missing parameter: redirect_uri"),
    Case("no client id", "any", _code(client_id=""), 400, "invalid_request", "Could not determine client ID from request."),
    Case("no client id, refresh", "any", _refresh(client_id=""), 400, "invalid_request", "Could not determine client ID from request."),
    Case("Basic is no base64", "any", lambda desk: desk.post(code_form(desk.consent()), basic="Basic %%%"), 400, "invalid_request", "Bad Request"),
    Case("Basic without colon", "any", lambda desk: desk.post(code_form(desk.consent()), basic="Basic YWJj"), 400, "invalid_request", "Bad Request"),
    Case("no secret", "any", _code(client_secret=""), 400, "invalid_request", "client_secret is missing."),
    Case("no secret in Basic", "any", lambda desk: desk.post(code_form(desk.consent()), basic=(CLIENT, "")), 400, "invalid_request", "client_secret is missing."),
    Case("no code", "code", _code(code=""), 400, "invalid_request", "Missing required parameter: code"),
    Case("not a code", "code", _code(code="4/hello"), 400, "invalid_grant", "Malformed auth code."),
    Case("no verifier", "code", _pkce(), 400, "invalid_grant", "Missing code verifier."),
    Case("wrong verifier", "code", _pkce(code_verifier="w" * 64), 400, "invalid_grant", "Invalid code verifier."),
    Case("short verifier", "code", _pkce(code_verifier="v"), 400, "invalid_grant", "Invalid code verifier."),
    Case("verifier, no challenge", "section 8, RFC 9700", _code(code_verifier=VERIFIER), 400, "invalid_grant", "Invalid code verifier."),
    Case("code used", "code", _spent, 400, "invalid_grant", "Bad Request"),
    Case("code used, wrong secret", "code", _spent_and_unauthentic, 400, "invalid_grant", "Bad Request"),
    Case("code expired", "code", _late, 400, "invalid_grant", "Bad Request"),
    Case("code never issued", "code", _code(code="4/0Aemu-" + "x" * 43), 400, "invalid_grant", "Bad Request"),
    Case("another client's code", "code", _code(client_id=OTHER_CLIENT), 400, "invalid_grant", "Bad Request"),
    Case("unknown client, refresh", "any", _refresh(client_id="nobody"), 401, "invalid_client", "The OAuth client was not found."),
    Case("wrong secret", "any", _code(client_secret="GOCSPX-wrong"), 401, "invalid_client", "Unauthorized"),
    Case("wrong secret, refresh", "any", _refresh(client_secret="GOCSPX-wrong"), 401, "invalid_client", "Unauthorized"),
    Case("deleted client", "any", _code_after(_state("deleted")), 401, "deleted_client", "The OAuth client was deleted."),
    Case("deleted client, refresh", "any", _refresh_after(_state("deleted")), 401, "deleted_client", "The OAuth client was deleted."),
    Case("deleted client and its secrets", "any", _refresh_after(_without_secrets), 401, "deleted_client", "The OAuth client was deleted."),
    Case("disabled client", "1.3", _refresh_after(_state("disabled")), 401, "disabled_client", "The OAuth client was disabled."),
    Case("deleted project", "11 row 4", _refresh_after(_project_deleted), 401, "deleted_client", "The OAuth client was deleted."),
    Case("other redirect URI", "code", _code(redirect_uri="http://127.0.0.1:51234/other"), 400, "redirect_uri_mismatch", "Bad Request"),
    Case("account deleted, code", "code", _code_after(_account_deleted), 400, "invalid_grant", "Account has been deleted"),
    Case("removed tester, code", "11 row 4", _code_after(_not_a_tester), 400, "invalid_grant", "Bad Request"),
    Case("no refresh token", "refresh", lambda desk: desk.refresh(""), 400, "invalid_request", "Missing required parameter: refresh_token"),
    Case("refresh token revoked", "refresh", _revoked, 400, "invalid_grant", ENDED),
    Case("seven days over", "refresh", _refresh_after(lambda desk: desk.clock.advance(604799)), 400, "invalid_grant", ENDED),
    Case("refresh token unknown", "refresh", lambda desk: desk.refresh("1//emu-" + "x" * 43), 400, "invalid_grant", ENDED),
    Case("refresh token malformed", "refresh", lambda desk: desk.refresh("1//0foreign"), 400, "invalid_grant", "Bad Request"),
    Case("another client's refresh token", "refresh", _refresh(client_id=OTHER_CLIENT), 401, "unauthorized_client", "Unauthorized"),
    Case("scope not granted", "refresh", _refresh(scope=RETRIEVER), 400, "invalid_scope", "Bad Request"),
    Case("account deleted", "refresh", _refresh_after(_account_deleted), 400, "invalid_grant", "Account has been deleted"),
    Case("removed tester", "11 row 4", _refresh_after(_not_a_tester), 400, "invalid_grant", ENDED),
    Case("no assertion", "jwt", lambda desk: desk.post({"grant_type": JWT_BEARER}), 400, "invalid_request", "Missing required parameter: assertion"),
    Case("no JWT", "jwt", lambda desk: desk.assert_robot("hello"), 400, "invalid_grant", "Bad Request"),
    Case("foreign key", "jwt", lambda desk: desk.assert_robot(desk.assertion(key=1)), 400, "invalid_grant", "Invalid JWT Signature."),
    Case("unknown kid", "jwt", lambda desk: desk.assert_robot(desk.assertion(key_id="b" * 40)), 400, "invalid_grant", "Invalid JWT Signature."),
    Case("no kid, foreign key", "jwt", lambda desk: desk.assert_robot(desk.assertion(key=1, key_id=None)), 400, "invalid_grant", "Invalid JWT Signature."),
    Case("claims exchanged", "jwt", _tampered, 400, "invalid_grant", "Invalid JWT Signature."),
    Case("alg none", "section 8, RFC 7523", _unsigned, 400, "invalid_grant", "Invalid JWT Signature."),
    Case("disabled key", "jwt", _after(_key(disabled=True), _jwt()), 400, "invalid_grant", "Invalid JWT Signature."),
    Case("expired key", "jwt", _after(_key(valid_before=NOW), _jwt()), 400, "invalid_grant", "Invalid JWT Signature."),
    Case("another account's key", "11 row 5", _after(_other_robot, _jwt(iss="other@demo.iam.gserviceaccount.com")), 400, "invalid_grant", "Invalid JWT Signature."),
    Case("other audience", "jwt", _jwt(aud="https://example.com/token"), 400, "invalid_grant", "Invalid JWT: Failed audience check."),
    Case("audience of another emulator", "jwt", _jwt(aud="http://127.0.0.1:9/token"), 400, "invalid_grant", "Invalid JWT: Failed audience check."),
    Case("no audience", "jwt", _jwt(aud=None), 400, "invalid_grant", "Invalid JWT: Failed audience check."),
    Case("a list of audiences", "jwt", _jwt(aud=["https://oauth2.googleapis.com/token"]), 400, "invalid_grant", "Invalid JWT: Failed audience check."),
    Case("no iat", "jwt", _jwt(iat=None), 400, "invalid_grant", SHORT_LIVED),
    Case("no exp", "jwt", _jwt(exp=None), 400, "invalid_grant", SHORT_LIVED),
    Case("issued in the future", "jwt", _jwt(iat=NOW + 61, exp=NOW + 3600), 400, "invalid_grant", SHORT_LIVED),
    Case("lives over an hour", "jwt", _jwt(exp=NOW + 3601), 400, "invalid_grant", SHORT_LIVED),
    Case("expired", "jwt", _jwt(iat=NOW - 3600, exp=NOW), 400, "invalid_grant", SHORT_LIVED),
    Case("ends before it begins", "jwt", _jwt(iat=NOW + 30, exp=NOW + 20), 400, "invalid_grant", SHORT_LIVED),
    Case("times are text", "jwt", _jwt(iat=str(NOW)), 400, "invalid_grant", SHORT_LIVED),
    Case("exp is true", "jwt", _jwt(exp=True), 400, "invalid_grant", SHORT_LIVED),
    Case("exp is NaN", "jwt", _jwt(exp=float("nan")), 400, "invalid_grant", SHORT_LIVED),
    Case("exp beyond floats", "jwt", _jwt(exp=10**400), 400, "invalid_grant", SHORT_LIVED),
    Case("account unknown", "jwt", _jwt(iss="nobody@demo-project.iam.gserviceaccount.com"), 400, "invalid_grant", "Invalid grant: account not found"),
    Case("unique id unknown", "jwt", _jwt(iss="1" * 21), 400, "invalid_grant", "Invalid grant: account not found"),
    Case("account deleted, jwt", "11 row 4", _after(_robot(deleted_at=NOW), _jwt()), 400, "invalid_grant", "Invalid grant: account not found"),
    Case("account of a deleted project", "11 row 4", _after(_project_deleted, _jwt()), 400, "invalid_grant", "Invalid grant: account not found"),
    Case("iss is no address", "jwt", _jwt(iss="robot"), 400, "invalid_grant", "Not a valid email or user ID."),
    Case("no iss", "jwt", _jwt(iss=None), 400, "invalid_grant", "Not a valid email or user ID."),
    Case("iss that no database holds", "jwt", _jwt(iss="\ud800@example.com"), 400, "invalid_grant", "Invalid grant: account not found"),
    Case("sub is no address", "jwt", _jwt(sub="ada"), 400, "invalid_grant", "Not a valid email or user ID."),
    Case("sub is an object", "jwt", _jwt(sub={"a": "b"}), 400, "invalid_grant", "Not a valid email or user ID."),
    Case("account disabled", "jwt", _after(_robot(disabled=True), _jwt()), 400, "invalid_grant", "Robot is disabled."),
    Case("empty scope", "jwt", _jwt(scope=""), 400, "invalid_scope", NO_SCOPE),
    Case("no scope, no audience", "jwt", _jwt(scope=None), 400, "invalid_scope", NO_SCOPE),
    Case("unknown scope", "jwt", _jwt(scope=f"{CLOUD_PLATFORM} everything"), 400, "invalid_scope", NO_SCOPE),
    Case("empty target audience", "jwt", _jwt(scope=None, target_audience=""), 400, "invalid_scope", NO_SCOPE),
    Case("scope and target audience", "11 row 5", _jwt(target_audience="https://run.example.com"), 400, "invalid_scope", NO_SCOPE),
    Case("sub is somebody else", "jwt", _jwt(sub="ada@example.com"), 401, "unauthorized_client", NO_DELEGATION),
]
# fmt: on


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.source}: {case.name}")
def test_row(desk: Desk, case: Case) -> None:
    """Each row of the table is answered with its status, error and text, and is never cached."""
    answered = case.act(desk)
    assert answered.error == (case.status, case.error, case.description)
    assert answered.headers["content-type"] == "application/json; charset=utf-8"
    assert answered.headers["cache-control"] == "no-cache, no-store, max-age=0, must-revalidate"
    assert answered.headers["pragma"] == "no-cache"


def test_every_row_is_tested() -> None:
    """No row of the table stands without a case."""
    tested = {(case.status, case.error, case.description) for case in CASES}
    names = {"UNKNOWN_GRANT_TYPE": "password", "REPEATED_PARAMETER": "code"}
    for row in Row:
        body = row.body(names.get(row.name, ""))
        assert (row.http, body.error, body.description) in tested, row.name


# Faults in the order of the table: of several at once, the first is the one that is answered.
FAULTS: list[tuple[str, dict[str, str]]] = [
    ("Missing required parameter: grant_type", {"grant_type": ""}),
    ("Missing parameter: redirect_uri", {"redirect_uri": ""}),
    ("Could not determine client ID from request.", {"client_id": ""}),
    ("client_secret is missing.", {"client_secret": ""}),
    ("Missing required parameter: code", {"code": ""}),
]
LATER: list[tuple[str, dict[str, str]]] = [
    ("Malformed auth code.", {"code": "x"}),
    ("Invalid code verifier.", {"code_verifier": "w" * 64}),
    ("Bad Request", {"client_id": OTHER_CLIENT}),
    ("Unauthorized", {"client_secret": "wrong"}),
    ("Bad Request", {"redirect_uri": "http://127.0.0.1/x"}),
]


@pytest.mark.parametrize("first", range(len(FAULTS) + len(LATER)))
def test_order(desk: Desk, first: int) -> None:
    """With all later faults present too, a code request is answered with the first of them."""
    ordered = FAULTS + LATER
    fields: dict[str, str] = {}
    for _, fault in reversed(ordered[first:]):
        fields |= fault
    code = desk.consent(challenge=challenge(VERIFIER), method="S256")
    right = {"code_verifier": VERIFIER} | fields
    answered = desk.exchange(code, **right)
    assert answered.body["error_description"] == ordered[first][0]


def test_unknown_client_of_a_live_code(desk: Desk) -> None:
    """A code's own client that no longer exists at all is said to be not found."""
    code = desk.consent()
    with desk.write() as tx:
        tx.remove(OAuthClient, CLIENT)
    assert desk.exchange(code).error == (401, "invalid_client", "The OAuth client was not found.")


def test_basic_is_answered_with_a_challenge(desk: Desk) -> None:
    """RFC 6749 section 5.2: a client that tried Basic and failed is told the scheme."""
    form = refresh_form("1//emu-" + "x" * 43, client_id="", client_secret="")
    tried = desk.post(form, basic=(CLIENT, "wrong"))
    assert tried.status == 401
    assert tried.headers["www-authenticate"].startswith("Basic ")
    assert "www-authenticate" not in desk.refresh("1//emu-" + "x" * 43, client_secret="w").headers


def test_a_refusal_holds_no_secret() -> None:
    """The exception's text is the error and its description, nothing that was sent."""
    refused = TokenRefused(Row.WRONG_SECRET)
    assert str(refused) == "invalid_client: Unauthorized"
    assert SECRET not in repr(refused)
    assert to_basic(CLIENT, SECRET) not in repr(refused)
