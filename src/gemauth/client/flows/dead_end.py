"""What a sign-in that ends without a code ends on, and what it means: the page, or the redirect.

Google shows a page wherever the client, the account or a policy is the reason, and never redirects
(google-oauth.md 1.3); a person may paste that page's address or its words. A redirect with an error
says mostly that the person declined (1.1). Used by `sign_in.py`, `paste.py` and the two-step
sign-in.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from gemauth.client import advice
from gemauth.errors import CredentialError, Fault
from gemauth.google.error_page import ErrorPage

if TYPE_CHECKING:
    from collections.abc import Callable

    from gemauth.client.advice import Advice
    from gemauth.oauth.authorization import AuthorizationResponse

    Advise = Callable[[Advice], str]

__all__ = ["DeadEnd", "of_pasted", "of_redirect"]

_YOU, _PROJECT, _ADMINISTRATOR = Fault.CALLER, Fault.PROJECT, Fault.ADMINISTRATOR
_AGAIN = "Start over: gemauth login --client-id-file FILE"
_LONGEST = 300  # characters of a page's own words that are kept


class DeadEnd(CredentialError):  # noqa: N818  # it names what happened
    """The authorization server refused a sign-in and gave no code.

    Attributes:
        error: its name for the reason, where one was seen.
    """

    def __init__(
        self, message: str, *, error: str | None, fault: Fault, next_step: str, evidence: str | None
    ) -> None:
        super().__init__(message, next_step=next_step, fault=fault, evidence=evidence)
        self.error = error


@dataclass(frozen=True, slots=True)
class _Refusal:
    cause: str
    fault: Fault
    step: Advice | str


# By Google's name of the error, or by ours where one of its names stands for several reasons.
_REFUSALS = {
    "declined": _Refusal(
        "The sign-in was declined on the consent page.",
        _YOU,
        "Run it again and choose Continue; every box that is ticked is granted.",
    ),
    "tester": _Refusal(
        "The app is in Testing, and the account is none of its test users.",
        _PROJECT,
        advice.BECOME_TESTER,
    ),
    "org_internal": _Refusal(
        "The app is Internal: only accounts of its own organization may sign in.",
        _PROJECT,
        advice.OPEN_APP,
    ),
    "admin_policy_enforced": _Refusal(
        "The administrator of the account's organization does not allow this app, or one of the "
        "scopes that it asks for.",
        _ADMINISTRATOR,
        "Have the OAuth client's id trusted under Security → API controls → App access control at "
        "https://admin.google.com, or sign in with another account.",
    ),
    "access_not_configured": _Refusal(
        "The administrator of the account's organization has not decided on this app yet.",
        _ADMINISTRATOR,
        "Have the OAuth client's id trusted under Security → API controls → App access control at "
        "https://admin.google.com, or sign in with another account.",
    ),
    "policy_enforced": _Refusal(
        "The account has Google's Advanced Protection, which keeps most apps out.",
        _YOU,
        "Sign in with another account.",
    ),
    "restricted_client": _Refusal(
        "This app is blocked: it may not ask for these scopes, or Google has stopped it.",
        _PROJECT,
        advice.OWN_CLIENT,
    ),
    "disallowed_useragent": _Refusal(
        "The sign-in page was opened inside another app, where Google shows no sign-in.",
        _YOU,
        "Open the address in a browser of its own, such as Chrome, Firefox or Safari.",
    ),
    "redirect_uri_mismatch": _Refusal(
        "The OAuth client does not allow this sign-in's redirect address: most often it is of type "
        "Web application, where a desktop client is needed.",
        _YOU,
        advice.NEW_CLIENT,
    ),
    "origin_mismatch": _Refusal(
        "The OAuth client is one for web pages, where a desktop client is needed.",
        _YOU,
        advice.NEW_CLIENT,
    ),
    "client_type": _Refusal(
        "The OAuth client is of a type that cannot sign in so: for TVs, Android or iOS.",
        _YOU,
        advice.NEW_CLIENT,
    ),
    "invalid_client": _Refusal(
        "There is no such OAuth client: it was deleted, or its id was copied wrong.",
        _YOU,
        advice.RENEW_CLIENT,
    ),
    "deleted_client": _Refusal("The OAuth client was deleted.", _PROJECT, advice.RENEW_CLIENT),
    "disabled_client": _Refusal("The OAuth client is disabled.", _PROJECT, advice.ENABLE_CLIENT),
    "invalid_scope": _Refusal(
        "One of the scopes does not exist, or cannot be asked for.",
        _YOU,
        "Ask for others: gemauth login --client-id-file FILE --scopes cloud-platform,retriever",
    ),
    "oob": _Refusal(
        "The request wanted its code on a page, to be copied (the out-of-band flow), which Google "
        "has refused since 2023; gemauth sends no such request.",
        _YOU,
        "Where there is no browser, sign in with: gemauth login --client-id-file FILE --no-browser",
    ),
    "unsupported_response_type": _Refusal(
        "The request asked for something else than a code; gemauth sends no such request.",
        _YOU,
        "Open the address that this prints: gemauth login --client-id-file FILE",
    ),
    "cut": _Refusal(
        "The address of the sign-in was not whole when it was opened.",
        _YOU,
        "Copy it again, as one line without a space or a line break, and open it.",
    ),
    "server": _Refusal(
        "The authorization server could not do it now.", Fault.SERVER, "Try again in a minute."
    ),
}
_SPECIFIC = (
    ("invalid_request", r"out-of-band|\boob\b", "oob"),
    ("invalid_request", r"parameter (?:is )?missing|missing (?:required )?parameter", "cut"),
    ("invalid_client", r"client type", "client_type"),
    ("access_denied", "", "tester"),
    ("server_error", "", "server"),
    ("temporarily_unavailable", "", "server"),
    ("internal_failure", "", "server"),
)
# The line that every page has, whatever its language: "Error 403: access_denied".
_ERROR_LINE = re.compile("\\b[45]\\d\\d\\s?[:\N{FULLWIDTH COLON}]\\s?([a-z]+(?:_[a-z]+)+)\\b")
# English words of pages that are copied without it.
_WORDS = (
    (r"out-of-band", "oob"),
    (r"has not completed the Google verification|developer-approved testers", "tester"),
    (r"can only be used within its organi[sz]ation", "org_internal"),
    (r"admin(?:istrator)? .*policy|blocked by your admin", "admin_policy_enforced"),
    (r"This app is blocked", "restricted_client"),
    (r"OAuth client was not found", "invalid_client"),
    (r"OAuth client was deleted", "deleted_client"),
    (r"OAuth client was disabled", "disabled_client"),
    (r"requested scopes (?:were invalid|cannot be shown)", "invalid_scope"),
    (r"Invalid client type", "client_type"),
)


def of_redirect(answer: AuthorizationResponse, advise: Advise) -> DeadEnd:
    """Return what a redirect without a code means.

    Args:
        answer: whose state and issuer were found to be right.
        advise: puts a next step in the words of the side that was asked.
    """
    said = answer.error or "neither a code nor an error"
    text = answer.error_description or ""
    key = "declined" if said == "access_denied" else _key(said, text)
    return _dead_end(key, said, text, advise)


def of_pasted(line: str, endpoint: str, advise: Advise) -> DeadEnd | None:
    """Return what a pasted page of the authorization server means, or None where it is none.

    Args:
        line: the page's address, or words of it.
        endpoint: the authorization endpoint that was asked.
        advise: as above.
    """
    text = line.strip().strip("'\"")
    page = ErrorPage.from_url(text)
    if page is not None:
        shown = " ".join(
            [page.text, *(f"{name}={value}" for name, value in page.parameters.items())]
        )
        return _dead_end(_key(page.error, page.text), page.error, shown, advise)
    if _is_page(text, endpoint):
        return DeadEnd(
            "The sign-in ended on a page of the sign-in itself, and nothing was granted.",
            error=None,
            fault=_PROJECT,
            next_step=advise(advice.ADD_TESTER),
            evidence=None,
        )
    if "://" in text:  # the redirect's address may have any words in it
        return None
    named = _ERROR_LINE.search(text)
    if named is not None:
        return _dead_end(_key(named[1], text), named[1], text, advise)
    for words, key in _WORDS:
        if re.search(words, text, re.IGNORECASE):
            return _dead_end(key, None, text, advise)
    return None


def _is_page(text: str, endpoint: str) -> bool:
    """Whether an address is a page of the authorization server's, other than its endpoint."""
    asked = urlsplit(endpoint)
    try:
        page = urlsplit(text)
    except ValueError:  # no URL at all
        return False
    return page[:2] == asked[:2] and page.path != asked.path


def _key(error: str, text: str) -> str:
    for name, words, key in _SPECIFIC:
        if error == name and re.search(words, text, re.IGNORECASE):
            return key
    return error


def _dead_end(key: str, error: str | None, text: str, advise: Advise) -> DeadEnd:
    known = _REFUSALS.get(key)
    evidence = ", ".join(
        part for part in (error and f"error={error}", " ".join(text.split())[:_LONGEST]) if part
    )
    if known is None:
        return DeadEnd(
            f"The authorization endpoint answered {error}.",
            error=error,
            fault=Fault.SERVER,
            next_step=_AGAIN,
            evidence=evidence,
        )
    named = f" ({error})" if error else ""
    return DeadEnd(
        known.cause.removesuffix(".") + f"{named}.",
        error=error,
        fault=known.fault,
        next_step=known.step if isinstance(known.step, str) else advise(known.step),
        evidence=evidence,
    )
