"""Where gemauth's requests differ from those of Google's clients, and why.

`observed.json` holds what each client sends, as the emulator saw it; the interop suite sends it all
again. Each field that is not the same in gemauth's request and a peer's needs its reason here, and
a reason without a difference has to go.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from tests.interop.wire.jobs import JOBS, OURS

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["ABSENT", "OBSERVED", "REASONS", "differing", "observed", "reason"]

OBSERVED = Path(__file__).with_name("observed.json")
ABSENT = "–"

# (job, or "*" for each; field): why gemauth sends what it sends.
REASONS = {
    ("*", "header.accept"): "JSON is what we can read. Google answers JSON to every client.",
    ("*", "header.content-type"): "The form's type has no parameters (URL Standard, section 5); a "
    "GET has no body.",
    ("*", "header.user-agent"): "Each names itself.",
    ("*", "header.x-goog-api-client"): "Google's usage statistics of its own libraries. gemauth "
    "reports nothing.",
    ("authorization request", "path"): "The address of Google's discovery document. The other is "
    "what client files name; both do the same.",
    ("authorization request", "query.access_type"): "A refresh token is wanted.",
    ("authorization request", "query.prompt"): "Without it Google gives no refresh token to who "
    "has consented before.",
    ("authorization request", "query.state"): "256 random bits (RFC 6749, section 10.10: not to "
    "be guessed with a chance above 2⁻¹²⁸).",
    ("authorization request", "query.redirect_uri"): "The address that is listened on: `localhost` "
    "may lead to another (RFC 8252, section 8.3).",
    ("code for tokens", "form.redirect_uri"): "As in the authorization request.",
    ("code for tokens", "form.code_verifier"): "256 random bits; RFC 7636 (section 4.1) allows 43 "
    "to 128 characters.",
    ("code for tokens", "form.client_id"): "The client stands in the body, as in Google's "
    "documentation and in every refresh.",
    ("code for tokens", "form.client_secret"): "The same.",
    ("code for tokens", "header.authorization"): "The same.",
    ("revocation", "form.token"): "A secret in the body is in nobody's log of addresses.",
    ("revocation", "query.token"): "The same.",
    ("token information", "form.access_token"): "A secret in the body is in nobody's log of "
    "addresses.",
    ("token information", "query.access_token"): "The same.",
    ("token information", "verb"): "The same.",
    ("token information", "host"): "The host of the token endpoint; the other is the older one.",
    ("token information", "path"): "The same.",
    ("quota project check", "query.alt"): "JSON is the API's own format.",
    ("a service account's assertion", "form.assertion: claim scope"): "What was asked for. gcloud "
    "adds two, to show the account.",
    ("token exchange", "header.accept"): "google-auth makes this request for gemauth, which sends "
    "it with the headers that it was given.",
    ("token exchange", "form.scope"): "What was asked for. gcloud adds two, to show the account.",
}


def observed() -> dict[str, dict[str, dict[str, str]]]:
    """Return what was recorded: fields by client by job."""
    found: dict[str, dict[str, dict[str, str]]] = json.loads(OBSERVED.read_text(encoding="utf-8"))
    return found


def differing(sent: Mapping[str, Mapping[str, str]]) -> list[str]:
    """Return the fields of a job in which a peer's request is not as ours."""
    names = {name for fields in sent.values() for name in fields}
    ours = sent[OURS]
    return sorted(
        name for name in names if any(each.get(name) != ours.get(name) for each in sent.values())
    )


def reason(job: str, field: str) -> str | None:
    """Return why a field differs, or None where nobody has said."""
    return REASONS.get((job, field)) or REASONS.get(("*", field))


def unused() -> set[tuple[str, str]]:
    """Return the reasons for which there is no difference."""
    sent = observed()
    found = {(job.name, field) for job in JOBS for field in differing(sent[job.name])}
    every = {("*", field) for job, field in found if (job, field) not in REASONS}
    return set(REASONS) - found - every
