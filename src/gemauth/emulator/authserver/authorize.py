"""An authorization request, validated: it may be shown to a person, or it ends on a page.

google-oauth.md sections 1.1 to 1.3, RFC 6749 section 4.1.1, RFC 7636 section 4.3. Nothing here
redirects, also where RFC 6749 would: Google shows every fault of a request on a page. The same
checks run again before each page and before the answer, so that a change in between takes effect.
"""

from __future__ import annotations

import shlex
from collections import Counter
from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import TYPE_CHECKING

from gemauth.emulator.authserver import redirect
from gemauth.emulator.authserver.blocked import Blocked, Reason
from gemauth.emulator.authserver.scope_policy import FIRST_PARTY, GRANTABLE
from gemauth.emulator.storage.records import ConsentScreen, OAuthClient, Project
from gemauth.google import scopes as google_scopes
from gemauth.oauth.authorization import AuthorizationRequest
from gemauth.oauth.pkce import is_verifier

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gemauth.emulator.storage.store import Transaction

__all__ = ["Authorization", "Note", "authorize"]

_PROMPTS = frozenset({"none", "consent", "select_account"})
_RESPONSE_TYPE_WORDS = frozenset({"code", "token", "id_token", "none"})
# Parameters that take one of a few words.
_CHOICES = {
    "access_type": frozenset({"online", "offline"}),
    "response_mode": frozenset({"query", "fragment", "form_post"}),
    "code_challenge_method": frozenset({"S256", "plain"}),
    "approval_prompt": frozenset({"auto", "force"}),
}


class Note(Enum):
    """What works and should be better (RFC 9700 section 2.1.1): advice on the consent page."""

    NO_PKCE = auto()
    PLAIN_PKCE = auto()
    NO_STATE = auto()


@dataclass(frozen=True, slots=True)
class Authorization:
    """A request without fault, with what it refers to.

    Attributes:
        request: as it was sent.
        parameters: all of its parameters, decoded.
        scopes: the ones asked for, canonical.
        prompt: the words of `prompt`; `approval_prompt=force` (its name until 2015) is `consent`.
        notes: advice to the developer.
    """

    request: AuthorizationRequest
    parameters: Mapping[str, str]
    client: OAuthClient
    project: Project
    screen: ConsentScreen
    redirect_uri: str
    scopes: tuple[str, ...]
    prompt: frozenset[str]
    notes: tuple[Note, ...]


class _Refused(Exception):  # noqa: N818  # carries a value out of the checks
    def __init__(self, reason: Reason, detail: str, next_step: str | None = None) -> None:
        super().__init__(detail)
        self.blocked = Blocked(reason, detail, next_step)


def authorize(tx: Transaction, pairs: Sequence[tuple[str, str]]) -> Authorization | Blocked:
    """Return a request's meaning, or the page that its first fault ends on.

    The order of the checks is ours: whom the page has to name first. Google documents none.

    Args:
        tx: any transaction.
        pairs: the decoded parameters, of a query or a form, in their order; an empty one is absent.
    """
    pairs = [(name, value) for name, value in pairs if value]
    parameters = dict(reversed(pairs))
    screen: ConsentScreen | None = None
    try:
        _check_repetition(pairs)
        client = _client(tx, parameters)
        project = _project(tx, client)
        screen = _screen(tx, project)
        _check_response_type(parameters)
        redirect_uri = _redirect_uri(client, parameters)
        scopes = _scopes(client, parameters)
        _check_choices(parameters)
        _check_challenge(parameters)
        prompt = _prompt(parameters)
    except _Refused as refused:
        return replace(
            refused.blocked,
            parameters=parameters,
            app=screen.app_name if screen else None,
            developer=screen.support_email if screen else None,
        )
    request = AuthorizationRequest.from_query(parameters)
    return Authorization(
        request, parameters, client, project, screen, redirect_uri, scopes, prompt, _notes(request)
    )


def _required(parameters: Mapping[str, str], name: str) -> str:
    value = parameters.get(name)
    if value is None:
        raise _Refused(
            Reason.PARAMETER_MISSING,
            f"Required parameter is missing: {name}",
            f"Send {name} in the authorization URL.",
        )
    return value


def _check_repetition(pairs: Sequence[tuple[str, str]]) -> None:
    repeated = sorted(name for name, times in Counter(n for n, _ in pairs).items() if times > 1)
    if repeated:
        raise _Refused(
            Reason.PARAMETER_REPEATED,
            f"Sent more than once: {', '.join(repeated)}",
            "Send each parameter once (RFC 6749 section 3.1).",
        )


def _client(tx: Transaction, parameters: Mapping[str, str]) -> OAuthClient:
    client_id = _required(parameters, "client_id")
    client = tx.get(OAuthClient, client_id)
    if client is None:
        raise _Refused(
            Reason.CLIENT_UNKNOWN,
            f"The OAuth client was not found: this emulator has no client {client_id}",
            "Check the client_id. The clients that you have at Google do not exist here; the "
            "emulator's own: gemauth emulator clients list PROJECT",
        )
    if client.state == "deleted":
        raise _Refused(Reason.CLIENT_DELETED, "The OAuth client was deleted.", _NEW_CLIENT)
    if client.state == "disabled":
        raise _Refused(
            Reason.CLIENT_DISABLED,
            "The OAuth client was disabled.",
            f"gemauth emulator clients enable {client.client_id}",
        )
    return client


_NEW_CLIENT = "gemauth emulator clients create PROJECT NAME"


def _project(tx: Transaction, client: OAuthClient) -> Project:
    project = tx.get(Project, client.project_id)
    if project is None or project.state != "ACTIVE":
        raise _Refused(
            Reason.CLIENT_DELETED,
            f"The OAuth client was deleted together with its project, {client.project_id}.",
            _NEW_CLIENT,
        )
    return project


def _screen(tx: Transaction, project: Project) -> ConsentScreen:
    screen = tx.get(ConsentScreen, project.project_id)
    if screen is None:
        raise _Refused(
            Reason.NO_CONSENT_SCREEN,
            f"The project {project.project_id} has no OAuth consent screen.",
            f"gemauth emulator consent-screen set {project.project_id} "
            "--app-name NAME --support-email EMAIL",
        )
    return screen


def _check_response_type(parameters: Mapping[str, str]) -> None:
    value = _required(parameters, "response_type")
    if value == "code":
        return
    if set(value.split()) <= _RESPONSE_TYPE_WORDS:
        detail = f"The emulator answers response_type=code only, not {value!r}."
        next_step = (
            "Use the code flow with PKCE: RFC 9700 section 2.1.2 advises against the others."
        )
    else:
        detail = f"Invalid response_type: {value}"
        next_step = "Send response_type=code."
    raise _Refused(Reason.RESPONSE_TYPE, detail, next_step)


def _redirect_uri(client: OAuthClient, parameters: Mapping[str, str]) -> str:
    uri = _required(parameters, "redirect_uri")
    match redirect.check(client.kind, client.redirect_uris, uri):
        case None:
            return uri
        case redirect.Fault.OUT_OF_BAND:
            raise _Refused(
                Reason.OUT_OF_BAND,
                "The out-of-band (OOB) flow is blocked: Google ended it in January 2023.",
                "Use a loopback redirect such as http://127.0.0.1:PORT/ with a desktop client. "
                "On a machine without a browser: gemauth login --no-browser",
            )
        case redirect.Fault.CREDENTIALS:
            raise _Refused(
                Reason.REDIRECT_CREDENTIALS,
                "The redirect URI holds a user name or a password.",
                "Leave out everything before the @.",
            )
        case redirect.Fault.PRIVATE_ADDRESS:
            raise _Refused(
                Reason.PRIVATE_ADDRESS,
                "device_id and device_name are required for private IP: "
                "the redirect URI leads to a private address.",
                "Use http://127.0.0.1:PORT/ on the machine whose browser signs in.",
            )
        case redirect.Fault.MISMATCH:
            raise _Refused(Reason.REDIRECT_MISMATCH, *_mismatch(client, uri))


def _mismatch(client: OAuthClient, uri: str) -> tuple[str, str]:
    if client.kind == "desktop":
        return (
            f"A desktop client is answered on this machine only, not at {uri}",
            (
                "Use http://127.0.0.1:PORT/ or http://[::1]:PORT/ with any port and path; nothing "
                "has to be registered."
            ),
        )
    return (
        f"The redirect URI is not registered with this web client: {uri}",
        (
            "It is compared character by character (scheme, host, port, path, trailing slash). "
            f"Registered: {', '.join(client.redirect_uris) or 'none'}. A client with this one: "
            f"gemauth emulator clients create {client.project_id} NAME --kind web "
            f"--redirect-uri {shlex.quote(uri)}"
        ),
    )


def _scopes(client: OAuthClient, parameters: Mapping[str, str]) -> tuple[str, ...]:
    asked = tuple(dict.fromkeys(_required(parameters, "scope").split()))
    if not asked:
        _required({}, "scope")
    canonical = google_scopes.canonical(asked)
    invalid = [scope for scope in canonical if scope not in GRANTABLE]
    if invalid:
        valid = [scope for scope in canonical if scope in GRANTABLE]
        next_step = f"Scopes that can be asked for: {', '.join(sorted(GRANTABLE))}"
        if google_scopes.GEMINI in invalid:
            next_step = (
                "The bare generative-language scope is reported as not grantable. Ask for "
                f"{google_scopes.CLOUD_PLATFORM} and {google_scopes.RETRIEVER} instead."
            )
        raise _Refused(
            Reason.SCOPE,
            "Some requested scopes were invalid. "
            f"{{valid=[{', '.join(valid)}], invalid=[{', '.join(invalid)}]}}",
            next_step,
        )
    beyond = [scope for scope in canonical if scope not in FIRST_PARTY]
    if client.kind == "first_party" and beyond:
        raise _Refused(
            Reason.CLIENT_RESTRICTED,
            "This is Google's own client, which gcloud signs in with. Since June 2025 Google gives "
            f"it scopes of Google Cloud only; asked for beside them: {', '.join(beyond)}",
            "Make a desktop client of your own, and pass its file to gcloud (--client-id-file): "
            + _NEW_CLIENT,
        )
    return canonical


def _check_choices(parameters: Mapping[str, str]) -> None:
    for name, words in _CHOICES.items():
        if name in parameters and parameters[name] not in words:
            raise _Refused(
                Reason.PARAMETER_INVALID,
                f"Invalid parameter value for {name}: {parameters[name]}",
                f"Send one of: {', '.join(sorted(words))}",
            )


def _check_challenge(parameters: Mapping[str, str]) -> None:
    challenge = parameters.get("code_challenge")
    if challenge is None and "code_challenge_method" in parameters:
        _required(parameters, "code_challenge")
    # RFC 7636 section 4.2: a challenge has the alphabet and length of a verifier.
    if challenge is not None and not is_verifier(challenge):
        raise _Refused(
            Reason.PARAMETER_INVALID,
            "Invalid parameter value for code_challenge",
            "Send 43 to 128 characters of A-Z a-z 0-9 - . _ ~ (RFC 7636 section 4.2).",
        )


def _prompt(parameters: Mapping[str, str]) -> frozenset[str]:
    words = frozenset(parameters.get("prompt", "").split())
    if words - _PROMPTS:
        raise _Refused(
            Reason.PARAMETER_INVALID,
            f"Invalid parameter value for prompt: {parameters['prompt']}",
            f"Send words of: {', '.join(sorted(_PROMPTS))}",
        )
    if "none" in words and len(words) > 1:
        raise _Refused(
            Reason.PARAMETER_INVALID,
            "Invalid parameter value for prompt: none stands alone",
            "Leave out none, or everything else (OpenID Connect core section 3.1.2.1).",
        )
    if "approval_prompt" in parameters:
        if words:
            raise _Refused(
                Reason.PARAMETER_INVALID,
                "Conflicting parameters: approval_prompt and prompt",
                "Leave out approval_prompt, the older name.",
            )
        if parameters["approval_prompt"] == "force":
            words = frozenset({"consent"})
    return words


def _notes(request: AuthorizationRequest) -> tuple[Note, ...]:
    notes = []
    if request.code_challenge is None:
        notes.append(Note.NO_PKCE)
    elif request.code_challenge_method != "S256":
        notes.append(Note.PLAIN_PKCE)
    if request.state is None:
        notes.append(Note.NO_STATE)
    return tuple(notes)
