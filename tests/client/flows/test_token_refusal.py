from __future__ import annotations

import pytest

from gemauth.client.flows import token_refusal
from gemauth.client.flows.exchange import TokenRefused, exchange
from gemauth.client.flows.token_refusal import explain
from gemauth.emulator.authserver.token_error import Row
from gemauth.errors import Fault
from gemauth.flow import Send
from gemauth.google.endpoints import GOOGLE
from gemauth.oauth.error import ErrorBody
from tests.client.transcript import EMULATOR, answer, play

CODE, REFRESH = "authorization_code", "refresh_token"
JWT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
YOU, PROJECT, ADMINISTRATOR = Fault.CALLER, Fault.PROJECT, Fault.ADMINISTRATOR
# grant, error, description, subtype; then whose fault, the cause's words and the next step's
CASES = [
    (REFRESH, "invalid_grant", "reauth related error (invalid_rapt)", "invalid_rapt",
     ADMINISTRATOR, "reauthentication", "session control"),
    (REFRESH, "invalid_grant", "Bad Request", "rapt_required",
     ADMINISTRATOR, "reauthentication", "session control"),
    (REFRESH, "invalid_grant", "Token has been expired or revoked.", None,
     YOU, "is over", "7 days"),
    (REFRESH, "invalid_grant", "Bad Request", None, YOU, "changed or cut", "7 days"),
    (REFRESH, "invalid_grant", "Account has been deleted", None, YOU, "deleted", "another account"),
    (REFRESH, "unauthorized_client", "Unauthorized", None, YOU, "another OAuth client", "login"),
    (REFRESH, "invalid_scope", "Bad Request", None, YOU, "not granted", "--scopes"),
    (CODE, "invalid_grant", "Malformed auth code.", None, YOU, "no whole code", "whole address"),
    (CODE, "invalid_grant", "Invalid code verifier.", None, YOU, "another sign-in", "no earlier"),
    (CODE, "invalid_grant", "Missing code verifier.", None, YOU, "another sign-in", "no earlier"),
    (CODE, "invalid_grant", "Bad Request", None, YOU, "used already", "Start over"),
    (CODE, "redirect_uri_mismatch", "Bad Request", None, YOU, "another redirect", "Desktop app"),
    (CODE, "access_denied", None, None, PROJECT, "test users", "test-users"),
    (CODE, "org_internal", None, None, PROJECT, "Internal", "--user-type external"),
    (CODE, "admin_policy_enforced", None, None, ADMINISTRATOR, "not allow", "admin.google.com"),
    (JWT, "invalid_grant", "Invalid JWT Signature.", None, YOU, "key is deleted", "new key"),
    (JWT, "invalid_grant", "Invalid JWT: Failed audience check.", None,
     YOU, "another token endpoint", "token_uri"),
    (JWT, "invalid_grant", "Invalid JWT: Token must be a short-lived token", None,
     Fault.MACHINE, "clock", "gemauth doctor"),
    (JWT, "invalid_grant", "Invalid grant: account not found", None, YOU, "deleted", "another one"),
    (JWT, "invalid_grant", "Not a valid email or user ID.", None, YOU, "no person", "--subject"),
    (JWT, "invalid_grant", "Robot is disabled.", None, PROJECT, "disabled", "enable"),
    (JWT, "invalid_scope", "Invalid OAuth scope or ID token audience provided.", None,
     YOU, "service account can have", "--scopes"),
    (JWT, "unauthorized_client", "Client is unauthorized to retrieve access tokens using this",
     None, ADMINISTRATOR, "act for this person", "domain-wide delegation"),
    ("", "invalid_grant", None, None, YOU, "no longer", "Sign in again"),
    ("", "invalid_client", "The OAuth client was not found.", None, YOU, "no such", "add-secret"),
    ("", "invalid_client", "Unauthorized", None, YOU, "secret is wrong", "add-secret"),
    ("", "invalid_client", "The provided client secret is invalid.", None,
     YOU, "secret is wrong", "add-secret"),
    ("", "deleted_client", "The OAuth client was deleted.", None, PROJECT, "deleted", "clients"),
    ("", "disabled_client", None, None, PROJECT, "disabled", "clients enable"),
    ("", "invalid_request", "client_secret is missing.", None, YOU, "has none", "add-secret"),
    ("", "server_error", None, None, Fault.SERVER, "", "in a minute"),
    ("", "internal_failure", None, None, Fault.SERVER, "", "in a minute"),
    ("", "temporarily_unavailable", None, None, Fault.SERVER, "", "in a minute"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("grant", "error", "description", "subtype", "fault", "cause", "step"), CASES
)
def test_each_refusal_is_told_apart(
    grant: str,
    error: str,
    description: str | None,
    subtype: str | None,
    fault: Fault,
    cause: str,
    step: str,
) -> None:
    """The cause, whose fault it is and the next step, by the answer and the grant it was for."""
    found = explain(ErrorBody(error, description, None, subtype), grant, emulated=True)
    assert found is not None
    assert found.fault is fault
    assert cause in found.cause
    assert step in found.next_step


def test_every_row_is_the_answer_to_something() -> None:
    """No row stands behind one that takes its place."""
    told = [
        explain(ErrorBody(error, description, None, subtype), grant, emulated=True)
        for grant, error, description, subtype, *_ in CASES
    ]
    causes = {found.cause for found in told if found is not None}
    assert causes == {row.cause for row in token_refusal._TABLE}


@pytest.mark.parametrize(
    ("endpoint", "told"),
    [(GOOGLE.token, "auth/clients"), (EMULATOR.token, "gemauth emulator clients")],
)
def test_the_error_says_all_of_it(endpoint: str, told: str) -> None:
    """What raises names the endpoint, Google's words, the cause and the side's own next step."""
    refused = answer(401, error="deleted_client", error_description="The OAuth client was deleted.")
    with pytest.raises(TokenRefused) as caught:
        play(exchange(endpoint, {"grant_type": REFRESH}), (Send, refused))
    assert str(caught.value).startswith(
        f"{endpoint} refused the credentials: deleted_client (The OAuth client was deleted). "
        "The OAuth client was deleted."
    )
    assert caught.value.fault is PROJECT
    assert told in (caught.value.next_step or "")


_GRANTS = {"any": "", "code": CODE, "refresh": REFRESH, "jwt": JWT}
# What no release of gemauth sends, and so what nobody has to be told.
_OURS = {"invalid_request", "unsupported_grant_type"}


@pytest.mark.parametrize("row", [row for row in Row if row.body().error not in _OURS])
def test_whatever_an_emulator_refuses_is_explained(row: Row) -> None:
    """Every row of google-oauth.md 2.1, as the emulator words it, has a cause and a next step."""
    found = explain(row.body("x"), _GRANTS[row.value[0]], emulated=True)
    assert found is not None
    assert found.cause
    assert found.next_step


def test_what_no_table_knows() -> None:
    """An error of tomorrow has no meaning yet, and is given none."""
    assert explain(ErrorBody("new_thing"), REFRESH, emulated=False) is None
