"""google-generativeai 0.8.6 over REST: models, tuned models, permissions, ownership."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import google.generativeai as genai
import pytest
from google.api_core import exceptions
from google.auth.exceptions import RefreshError
from google.oauth2 import service_account

from gemauth.google.scopes import TUNING
from tests.interop.local_google import ADA, GRACE, TEAM
from tests.interop.test_google_auth import user

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.interop.local_google import Google, Requests

pytestmark = pytest.mark.interop

Identity = tuple[str, Any]
"""An e-mail address and google-auth's credentials."""


def sign_in(google: Google, credentials: Any) -> None:
    """Point the SDK at the emulator as somebody."""
    genai.configure(
        credentials=credentials,
        transport="rest",
        client_options={"api_endpoint": google.address},
    )


@pytest.fixture
def ada(google: Google) -> Any:
    """Ada's credentials, with the scope that changes tuned models."""
    return user(google, google.tokens(ADA, "tuning"))


@pytest.fixture
def grace(google: Google) -> Any:
    """Grace's credentials, with the same scope."""
    return user(google, google.tokens(GRACE, "tuning"))


@pytest.fixture(params=["person", "token exchange", "self-signed"])
def identity(request: pytest.FixtureRequest, google: Google) -> Identity:
    """Each kind of caller that the SDK knows: its address and its credentials."""
    if request.param == "person":
        return ADA, user(google, google.tokens(ADA, "tuning"))
    key = google.service_account()
    robot = service_account.Credentials.from_service_account_info(key)
    if request.param == "token exchange":
        robot = robot.with_scopes([TUNING])
    return key["client_email"], robot


class TestModels:
    def test_list_models(self, google: Google, identity: Identity) -> None:
        """The SDK lists every base model, whatever the identity."""
        sign_in(google, identity[1])
        names = [model.name for model in genai.list_models()]
        listed = google.get("/v1beta/models?pageSize=1000")["models"]
        assert names == [model["name"] for model in listed]
        assert len(names) > 3

    def test_pages(self, google: Google, ada: Any, requests_seen: Requests) -> None:
        """Small pages are followed to the end."""
        sign_in(google, ada)
        names = [model.name for model in genai.list_models(page_size=2)]
        pages = requests_seen.count("GET /v1beta/models 200")
        assert pages == (len(names) + 1) // 2

    def test_get_model(self, google: Google, identity: Identity) -> None:
        """One model has its limits and methods."""
        sign_in(google, identity[1])
        first = next(iter(genai.list_models()))
        model = genai.get_model(first.name)
        assert model == first
        assert model.input_token_limit > 0
        assert "generateContent" in model.supported_generation_methods

    def test_unknown_model(self, google: Google, ada: Any) -> None:
        """The SDK raises NotFound with the API's sentence."""
        sign_in(google, ada)
        with pytest.raises(exceptions.NotFound, match=r"models/gemini-0 is not found"):
            genai.get_model("models/gemini-0")


class TestIdentity:
    def test_token_exchange_or_not(self, google: Google, requests_seen: Requests) -> None:
        """A key without scopes is never exchanged; gemini-api.md fact 0.3."""
        sign_in(
            google,
            service_account.Credentials.from_service_account_info(google.service_account()),
        )
        list(genai.list_models())
        assert not [line for line in requests_seen.seen() if "/token" in line]

    def test_scopes_of_a_self_signed_jwt(self, google: Google) -> None:
        """Scopes in a self-signed JWT hold: the readonly one cannot change a tuned model."""
        key = google.service_account()
        name = google.tuned_model(owner=key["client_email"])
        robot = service_account.Credentials.from_service_account_info(key)
        readonly = robot.with_scopes([f"{TUNING}.readonly"]).with_always_use_jwt_access(True)  # noqa: FBT003  # google-auth's signature
        sign_in(google, readonly)
        assert genai.get_tuned_model(name).name == name
        with pytest.raises(exceptions.Forbidden, match="insufficient authentication scopes"):
            genai.update_tuned_model(name, {"description": "changed"})

    def test_refresh(self, google: Google, requests_seen: Requests) -> None:
        """A token that is not accepted any more is replaced on the way, also under the SDK."""
        stale = user(google, google.tokens(ADA, "tuning"), token="ya29.emu-long-gone")
        sign_in(google, stale)
        assert list(genai.list_models())
        assert requests_seen.count("GET /v1beta/models 401") == 1
        assert requests_seen.count("POST /token 200") == 1

    def test_api_key(self, google: Google) -> None:
        """The project's API key lists the models too."""
        genai.configure(
            api_key=google.api_key,
            transport="rest",
            client_options={"api_endpoint": google.address},
        )
        assert list(genai.list_models())


class TestTunedModels:
    def test_own_life(self, google: Google, identity: Identity) -> None:
        """Its owner lists, gets, updates and deletes a tuned model; the server agrees each time."""
        email, credentials = identity
        name = google.tuned_model(owner=email)
        sign_in(google, credentials)
        assert name in {model.name for model in genai.list_tuned_models()}

        model = genai.get_tuned_model(name)
        assert model.display_name == name.removeprefix("tunedModels/")
        assert model.create_time.tzinfo is not None

        updated = genai.update_tuned_model(
            name, {"display_name": "Renamed", "description": "By the SDK"}
        )
        assert (updated.display_name, updated.description) == ("Renamed", "By the SDK")
        held = google.control.tuned_models()
        resource = next(model["resource"] for model in held if model["name"] == name)
        assert (resource["displayName"], resource["description"]) == ("Renamed", "By the SDK")

        genai.delete_tuned_model(name)
        held = google.control.tuned_models()
        assert name not in {model["name"] for model in held}
        with pytest.raises(exceptions.GoogleAPICallError):
            genai.get_tuned_model(name)

    def test_many(self, google: Google, ada: Any) -> None:
        """More than one page of tuned models are all listed."""
        made = {google.tuned_model() for _ in range(12)}
        sign_in(google, ada)
        assert made <= {model.name for model in genai.list_tuned_models(page_size=5)}

    def test_not_shared(self, google: Google, grace: Any) -> None:
        """Somebody else neither sees nor gets it."""
        name = google.tuned_model()
        sign_in(google, grace)
        assert name not in {model.name for model in genai.list_tuned_models()}
        with pytest.raises(exceptions.Forbidden, match="permission to access tuned model"):
            genai.get_tuned_model(name)

    def test_creation_waits_for_the_engines(self, google: Google, ada: Any) -> None:
        """`create_tuned_model` is refused as unimplemented, and says so plainly."""
        sign_in(google, ada)
        with pytest.raises(exceptions.GoogleAPICallError, match=r"(?i)not implemented") as caught:
            genai.create_tuned_model(
                source_model="models/gemini-1.5-flash-001-tuning",
                training_data=[{"text_input": "1", "output": "2"}],
                id="by-the-sdk",
            )
        assert caught.value.code == 501


class TestPermissions:
    def test_share_and_take_back(self, google: Google, identity: Identity, grace: Any) -> None:
        """Create, list, get, update and delete: what Grace may do follows each step."""
        owner, credentials = identity
        name = google.tuned_model(owner)
        sign_in(google, credentials)
        permissions = genai.get_tuned_model(name).permissions

        made = permissions.create(role="reader", grantee_type="user", email_address=GRACE)
        assert google.roles(name) == {owner: "OWNER", GRACE: "READER"}
        assert {p.email_address for p in permissions.list()} == {owner, GRACE}
        assert permissions.get(made.name).role.name == "READER"

        sign_in(google, grace)
        assert genai.get_tuned_model(name).name == name
        with pytest.raises(exceptions.Forbidden):
            genai.update_tuned_model(name, {"description": "by a reader"})

        sign_in(google, credentials)
        made.update({"role": "WRITER"})
        assert google.roles(name)[GRACE] == "WRITER"
        sign_in(google, grace)
        assert genai.update_tuned_model(name, {"description": "by a writer"}).description
        with pytest.raises(exceptions.Forbidden):
            genai.delete_tuned_model(name)

        sign_in(google, credentials)
        made.delete()
        assert google.roles(name) == {owner: "OWNER"}
        sign_in(google, grace)
        with pytest.raises(exceptions.Forbidden):
            genai.get_tuned_model(name)

    @pytest.mark.parametrize(
        ("grantee", "key"),
        [
            ({"grantee_type": "group", "email_address": TEAM}, TEAM),
            ({"grantee_type": "everyone"}, "EVERYONE"),
        ],
        ids=["group", "everyone"],
    )
    def test_groups_and_everyone(
        self, google: Google, ada: Any, grace: Any, grantee: dict[str, str], key: str
    ) -> None:
        """Grace gets in through her group, and through everyone."""
        name = google.tuned_model()
        sign_in(google, ada)
        genai.get_tuned_model(name).permissions.create(role="reader", **grantee)
        assert google.roles(name)[key] == "READER"
        sign_in(google, grace)
        assert genai.get_tuned_model(name).name == name

    def test_a_service_account(self, google: Google, ada: Any) -> None:
        """A service account is a user by its address."""
        name, key = google.tuned_model(), google.service_account()
        robot = service_account.Credentials.from_service_account_info(key)
        sign_in(google, robot)
        with pytest.raises(exceptions.Forbidden):
            genai.get_tuned_model(name)
        sign_in(google, ada)
        genai.get_tuned_model(name).permissions.create(
            role="reader", email_address=key["client_email"]
        )
        sign_in(google, robot)
        assert genai.get_tuned_model(name).name == name

    def test_twice(self, google: Google, ada: Any) -> None:
        """A second permission for the same person is refused."""
        name = google.tuned_model()
        sign_in(google, ada)
        permissions = genai.get_tuned_model(name).permissions
        permissions.create(role="reader", email_address=GRACE)
        with pytest.raises(exceptions.Conflict):
            permissions.create(role="writer", email_address=GRACE)
        assert google.roles(name)[GRACE] == "READER"

    def test_transfer_ownership(self, google: Google, identity: Identity, grace: Any) -> None:
        """Afterwards Grace owns it and may delete it; who owned it may write, and no more."""
        owner, credentials = identity
        name = google.tuned_model(owner)
        sign_in(google, credentials)
        genai.get_tuned_model(name).permissions.transfer_ownership(GRACE)
        assert google.roles(name) == {owner: "WRITER", GRACE: "OWNER"}
        with pytest.raises(exceptions.Forbidden):
            genai.delete_tuned_model(name)
        sign_in(google, grace)
        genai.delete_tuned_model(name)

    def test_only_the_owner_transfers(
        self, google: Google, ada: Any, grace: Any, requests_seen: Requests
    ) -> None:
        """A writer cannot make herself the owner."""
        name = google.tuned_model()
        sign_in(google, ada)
        genai.get_tuned_model(name).permissions.create(role="writer", email_address=GRACE)
        sign_in(google, grace)
        with pytest.raises(exceptions.Forbidden):
            genai.get_tuned_model(name).permissions.transfer_ownership(GRACE)
        assert google.roles(name) == {ADA: "OWNER", GRACE: "WRITER"}
        assert requests_seen.count(f"POST /v1beta/{name}:transferOwnership 403") == 1


def test_a_token_that_nobody_gave(google: Google) -> None:
    """Credentials whose refresh fails are google-auth's RefreshError, whatever the call."""
    gone = user(google, {"access_token": None, "refresh_token": "1//emu-nobody"})
    sign_in(google, gone)
    calls: list[Callable[[], Any]] = [
        lambda: list(genai.list_models()),
        lambda: genai.get_tuned_model("tunedModels/any"),
    ]
    for call in calls:
        with pytest.raises(RefreshError):
            call()
