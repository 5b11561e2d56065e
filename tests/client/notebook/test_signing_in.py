from __future__ import annotations

import json
import re
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

import gemauth.notebook
from gemauth.client.cache import adc
from gemauth.client.notebook import login
from gemauth.errors import CredentialError, RefusedError, UnreachableError, UsageError
from gemauth.google.endpoints import GOOGLE
from gemauth.google.scopes import CLOUD_PLATFORM, DEFAULT, EMAIL, OPENID
from gemauth.google.status import StatusError
from gemauth.oauth import base64url
from tests.client.flows.test_assertion import KEY
from tests.client.transcript import CLIENT, Sender, answer, tokens

if TYPE_CHECKING:
    from gemauth.http import Response

GRANTED = tokens(refresh_token="1//0", scope=" ".join(DEFAULT), refresh_token_expires_in=604799)
MODELS = answer(models=[])


class Person:
    """Reads what is shown, and pastes what the browser ends at."""

    def __init__(self, **query: str) -> None:
        self.query = query or {"code": "4/0A"}
        self.shown: list[str] = []
        self.asked = 0

    def show(self, text: str) -> None:
        """See a text."""
        self.shown.append(text)

    def ask(self, _prompt: str) -> str:
        """Return the address."""
        self.asked += 1
        found = re.search(r"^ +(https://\S+)$", self.shown[-1], re.MULTILINE)
        assert found is not None
        sent = {name: values[0] for name, values in parse_qs(urlsplit(found[1]).query).items()}
        query = urlencode({**self.query, "state": sent["state"]})
        return f"{sent['redirect_uri']}?{query}"


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    """An environment with an empty home."""
    return {"HOME": str(tmp_path)}


def signed_in(
    home: dict[str, str], person: Person, *answers: Response | Exception, **how: Any
) -> Any:
    """Sign in by a notebook's cell."""
    sender = Sender(*answers)
    try:
        return login(
            replace(CLIENT, project_id=None).to_json(),  # none whose bill is asked about
            environ=home,
            show=person.show,
            ask=person.ask,
            transport=sender,
            **how,
        )
    finally:
        assert not sender.answers, "fewer requests than answers"


def id_token(email: str) -> str:
    """Return an id token for an address."""
    claims = {"iss": GOOGLE.issuer, "aud": CLIENT.client_id, "email": email}
    parts = ({"alg": "RS256"}, claims)
    return ".".join([*(base64url.encode(json.dumps(part).encode()) for part in parts), "AA"])


def test_a_cell_that_signs_in(home: dict[str, str]) -> None:
    """A link, a box, the credentials, kept where every Google library finds them."""
    person = Person()
    credentials = signed_in(home, person, GRANTED, MODELS)
    assert credentials.kind == "authorized_user"
    assert person.asked == 1
    path = f"{home['HOME']}/.config/gcloud/application_default_credentials.json"
    assert credentials.path == path
    assert json.loads(Path(path).read_bytes())["refresh_token"] == "1//0"
    last = person.shown[-1]
    assert last.startswith("Signed in.")
    assert "Testing gets 7 days" in last
    assert path in last


def test_what_came_while_the_person_signed_in(home: dict[str, str]) -> None:
    """A key that another program put there in these minutes is not overwritten."""
    path = adc.well_known(home)

    class Slow(Person):
        def ask(self, prompt: str) -> str:
            adc.write(path, KEY)
            return super().ask(prompt)

    with pytest.raises(UsageError, match="would be lost"):
        signed_in(home, Slow(), GRANTED)
    assert adc.read(path).credentials == KEY


def test_a_cell_that_is_run_again(home: dict[str, str]) -> None:
    """Nobody is asked while the sign-in is good; no request is made while its token is."""
    first = signed_in(home, Person(), GRANTED, MODELS)
    person = Person()
    again = signed_in(home, person)
    assert person.asked == 0
    assert person.shown == [f"Signed in already: {first.path}"]
    assert again.path == first.path
    billed = signed_in(home, Person(), quota_project="other")
    assert billed.quota_project == "other"


def test_more_scopes_ask_again(home: dict[str, str]) -> None:
    """What the sign-in lacks is asked for; what it has is enough for fewer."""
    signed_in(home, Person(), tokens(refresh_token="1//0", scope=CLOUD_PLATFORM), MODELS)
    person = Person()
    assert signed_in(home, person, scopes=["cloud-platform"]).path
    assert person.asked == 0
    signed_in(home, person, GRANTED, MODELS)
    assert person.asked == 1


def test_another_client_or_account_asks_again(home: dict[str, str]) -> None:
    """The sign-in has to be of the same client, and of the account that is named."""
    ours = tokens(
        refresh_token="1//0",
        scope=" ".join((OPENID, EMAIL, *DEFAULT)),
        id_token=id_token("ada@example.com"),
    )
    signed_in(home, Person(), ours, MODELS, account="ada@example.com")
    person = Person()
    signed_in(home, person, account="Ada@example.com")
    assert person.asked == 0
    assert "as ada@example.com" in person.shown[0]
    theirs = tokens(
        refresh_token="1//1",
        scope=" ".join((OPENID, EMAIL, *DEFAULT)),
        id_token=id_token("eve@example.com"),
    )
    signed_in(home, person, theirs, MODELS, account="eve@example.com")
    assert person.asked == 1
    signed_in(home, person, GRANTED, MODELS, again=True)
    assert person.asked == 2


def test_a_sign_in_that_is_over_asks_again(home: dict[str, str]) -> None:
    """The server no longer gives tokens for what is kept: a new sign-in takes its place."""
    first = tokens(refresh_token="1//0", scope=" ".join(DEFAULT), expires_in=0)
    signed_in(home, Person(), first, proof=False)
    over = answer(
        400, error="invalid_grant", error_description="Token has been expired or revoked."
    )
    person = Person()
    signed_in(home, person, over, GRANTED, proof=False)
    assert person.asked == 1


def test_a_network_that_is_gone(home: dict[str, str]) -> None:
    """Nothing is known of the sign-in then, and nobody is asked for another."""
    first = tokens(refresh_token="1//0", scope=" ".join(DEFAULT), expires_in=0)
    signed_in(home, Person(), first, proof=False)
    person = Person()
    with pytest.raises(UnreachableError):
        signed_in(home, person, UnreachableError("no network"))
    assert person.asked == 0


def test_what_is_not_granted_is_named(home: dict[str, str]) -> None:
    """Boxes left unticked."""
    person = Person()
    signed_in(home, person, tokens(refresh_token="1//0", scope=CLOUD_PLATFORM), MODELS)
    assert (
        "Not granted: generative-language.tuning, generative-language.retriever."
        in person.shown[-1]
    )


def test_a_first_call_that_is_refused(home: dict[str, str]) -> None:
    """The API's own words, after the credentials are kept."""
    error = {"code": 403, "status": "PERMISSION_DENIED", "message": "API is off"}
    person = Person()
    with pytest.raises(StatusError, match="API is off") as caught:
        signed_in(home, person, GRANTED, answer(403, error=error))
    assert isinstance(caught.value, RefusedError)
    assert any("Credentials are kept" in text for text in person.shown)


def test_a_first_call_that_did_not_arrive(home: dict[str, str]) -> None:
    """What says nothing of the credentials is a remark."""
    person = Person()
    assert signed_in(home, person, GRANTED, UnreachableError("no network")).path
    assert "could not be seen" in person.shown[-1]


def test_a_declined_sign_in(home: dict[str, str]) -> None:
    """The error of every other way to sign in."""
    with pytest.raises(CredentialError, match="declined"):
        signed_in(home, Person(error="access_denied"))


def test_a_profile(home: dict[str, str]) -> None:
    """Kept under a name beside others, and taken from there the next time."""
    signed_in(home, Person(), GRANTED, MODELS, profile="work")
    person = Person()
    assert "work" in (signed_in(home, person, profile="work").path or "")
    assert person.asked == 0


def test_something_else_at_the_destination(home: dict[str, str], tmp_path: Path) -> None:
    """A file that a sign-in would spare is spared, before anybody is asked."""
    path = tmp_path / "key.json"
    path.write_text("{")
    person = Person()
    with pytest.raises(Exception, match="JSON"):
        signed_in(home, person, output=path)
    assert person.asked == 0
    assert path.read_text() == "{"


def test_googles_own_client_is_refused() -> None:
    """Here as everywhere."""
    body = CLIENT.to_json()
    body["installed"]["client_id"] = "681255809395-x.apps.googleusercontent.com"
    with pytest.raises(UsageError, match="Gemini CLI"):
        login(body, environ={"HOME": "/nowhere"})


def test_the_public_name() -> None:
    """`gemauth.notebook` is this package, and importing gemauth loads none of it."""
    assert gemauth.notebook.login is login
    assert "notebook" in dir(gemauth)
    assert sys.modules["gemauth.notebook"] is sys.modules["gemauth.client.notebook"]
