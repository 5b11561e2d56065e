from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gemauth.cli.login.story import story, summary
from gemauth.client.credentials import Credentials
from gemauth.client.login import Proof, SignedIn
from gemauth.client.quota_project import Check
from gemauth.errors import UnreachableError
from gemauth.google import scopes
from gemauth.google.endpoints import GOOGLE
from gemauth.google.scopes import CLOUD_PLATFORM, RETRIEVER, TUNING
from gemauth.google.status import Code, Status, StatusError
from tests.client.test_credentials import Fixed
from tests.client.transcript import EMULATOR

if TYPE_CHECKING:
    from gemauth.google.endpoints import Endpoints

WEEK = 604_799


def signed_in(*granted: str, endpoints: Endpoints = GOOGLE, **more: Any) -> SignedIn:
    """What a sign-in brought."""
    mine = Credentials("authorized_user", Fixed(), endpoints, project="mine")
    brought: dict[str, Any] = {
        "account": None,
        "granted": granted,
        "missing": (),
        "refresh_until": float(WEEK),
    }
    return SignedIn(mine, "adc.json", **(brought | more))


@pytest.mark.parametrize(
    ("endpoints", "elsewhere", "more", "use"),
    [
        (GOOGLE, False, "console.cloud.google.com/auth/audience", "Every library that looks for"),
        (GOOGLE, True, "project=mine", "--credentials adc.json, or GOOGLE_APPLICATION_CREDENTIALS"),
        (
            EMULATOR,
            False,
            "consent-screen set mine",
            f"use them: GEMAUTH_EMULATOR={EMULATOR.gemini}",
        ),
        (EMULATOR, True, "--publishing-status", "--credentials adc.json and GEMAUTH_EMULATOR="),
    ],
)
def test_each_side_has_its_story(
    endpoints: Endpoints, more: str, use: str, *, elsewhere: bool
) -> None:
    """Only Google's own sign-ins are said to work in every library."""
    *_, until, _, last = story(signed_in(endpoints=endpoints), 0.0, elsewhere=elsewhere)
    assert more in until
    assert use in last


def test_what_an_unticked_box_closes() -> None:
    """Each family of calls that was asked for and is closed is named, and what opens it."""
    some = signed_in(CLOUD_PLATFORM, TUNING, missing=(RETRIEVER, "https://mail.google.com/"))
    lines = story(some, 0.0, elsewhere=False)
    closed = [line for line in lines if line.startswith("  will not work: ")]
    assert closed == [
        "  will not work: see and query corpora",
        "  will not work: create and change corpora",
    ]
    assert any(
        line.endswith(
            "gemauth login --add-scopes generative-language.retriever,https://mail.google.com/"
        )
        for line in lines
    )
    assert scopes.expand(["generative-language.retriever"]) == (RETRIEVER,)
    assert summary(some)["closed"] == ["see and query corpora", "create and change corpora"]


def test_where_the_box_is_ticked_later() -> None:
    """Credentials that are kept elsewhere get their scopes there."""
    some = signed_in(CLOUD_PLATFORM, missing=(TUNING,))
    lines = story(some, 0.0, elsewhere=True)
    assert any(line.endswith("generative-language.tuning --output adc.json") for line in lines)


def test_more_scopes_for_the_same_sign_in() -> None:
    """What is new is told apart from what was there, and so is the old refresh token's fate."""
    more = signed_in(CLOUD_PLATFORM, TUNING, earlier=(CLOUD_PLATFORM,), replaced=True)
    lines = story(more, 0.0, elsewhere=False)
    assert lines[1:3] == [
        "  granted      cloud-platform",
        "  added        generative-language.tuning",
    ]
    assert any("replaced and not revoked" in line for line in lines)
    assert summary(more)["added"] == [TUNING]
    once = signed_in(CLOUD_PLATFORM, earlier=None)
    assert not any("replaced" in line for line in story(once, 0.0, elsewhere=False))


@pytest.mark.parametrize(
    ("proof", "headline", "outcome"),
    [
        (None, "Signed in as ada@example.com.", None),
        (Proof(), "Signed in as ada@example.com.", "accepted"),
        (Proof(UnreachableError("Nothing there.")), "Signed in as ada@example.com.", "unknown"),
    ],
)
def test_the_first_call(proof: Proof | None, headline: str, outcome: str | None) -> None:
    """Only a call that was answered is told as answered."""
    told = signed_in(TUNING, account="ada@example.com", proof=proof)
    lines = story(told, 0.0, elsewhere=False)
    assert lines[0] == headline
    assert ("The Gemini API answered a first call: models can be listed." in lines) == (
        outcome == "accepted"
    )
    found = summary(told)["proof"]
    assert (found and found["outcome"]) == outcome


def test_a_refused_call_is_told_first() -> None:
    """Both halves stand in one line: the credentials are kept, and the API does not take them."""
    refused = StatusError(Status(Code.PERMISSION_DENIED, "No."))
    told = signed_in(TUNING, proof=Proof(refused))
    assert story(told, 0.0, elsewhere=False)[0] == (
        "Signed in, but the Gemini API refuses a first call; the credentials are kept:"
    )


def test_who_is_billed() -> None:
    """The client's own project where it may be; else why not, to programs too."""
    yes = signed_in(TUNING, billing=Check("mine", allowed=True))
    assert any(
        "against mine, the client's own project" in line
        for line in story(yes, 0.0, elsewhere=False)
    )
    assert summary(yes)["billing"] == {"project": "mine", "allowed": True, "message": None}
    no = signed_in(TUNING, billing=Check("mine", None, UnreachableError("Nobody answered.")))
    assert (
        "No quota project is kept; the client's own, mine, is billed without it. Nobody answered."
        in story(no, 0.0, elsewhere=False)
    )
    assert summary(no)["billing"] == {
        "project": "mine",
        "allowed": None,
        "message": "Nobody answered.",
    }
