from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gemauth.emulator.authserver.authorize import Authorization, Note, authorize
from gemauth.emulator.authserver.blocked import Blocked, Reason
from gemauth.emulator.iam.first_party import GCLOUD_CLIENT_ID, GCLOUD_LOGIN_CLIENT_ID, install
from gemauth.emulator.storage.records import ConsentScreen, OAuthClient, Project
from gemauth.google.client_secret import GCLOUD_CODE_PAGES
from gemauth.google.scopes import (
    CLOUD_PLATFORM,
    EMAIL,
    GCLOUD_ADC,
    GCLOUD_LOGIN,
    GEMINI,
    OPENID,
    PROFILE,
    RETRIEVER,
)
from tests.emulator.authserver.room import ALL, CALLBACK, DESKTOP, LOOPBACK, WEB, Room

Ask = Callable[..., Authorization | Blocked]


@pytest.fixture
def ask(room: Room) -> Ask:
    """Validates a good request with changes."""

    def ask(**changes: str | None) -> Authorization | Blocked:
        with room.context.store.read() as tx:
            return authorize(tx, [*room.parameters(**changes).items()])

    return ask


def _good(result: Authorization | Blocked) -> Authorization:
    assert isinstance(result, Authorization), result
    return result


def _bad(result: Authorization | Blocked) -> Blocked:
    assert isinstance(result, Blocked), result
    return result


class TestAccepted:
    def test_a_good_request(self, ask: Ask) -> None:
        """A request without fault refers to its client, project and consent screen."""
        result = _good(ask())
        assert result.client.client_id == DESKTOP
        assert result.project.project_id == "demo"
        assert result.screen.app_name == "Gem Notes"
        assert result.scopes == ALL
        assert result.redirect_uri == LOOPBACK
        assert result.request.state == "st&te=1"
        assert result.notes == ()

    def test_scopes_are_canonical_and_unique(self, ask: Ask) -> None:
        """`email` and `profile` count as the URLs that Google answers with (section 0.5)."""
        result = _good(ask(scope=f"openid email {EMAIL} profile openid"))
        assert result.scopes == (OPENID, EMAIL, PROFILE)

    def test_a_web_client_with_its_redirect_uri(self, ask: Ask) -> None:
        """A web client is answered where it is registered."""
        assert _good(ask(client_id=WEB, redirect_uri=CALLBACK)).redirect_uri == CALLBACK

    @pytest.mark.parametrize(
        ("client_id", "scopes", "redirect_uri"),
        [
            (GCLOUD_CLIENT_ID, GCLOUD_ADC, LOOPBACK),
            (GCLOUD_CLIENT_ID, GCLOUD_ADC, GCLOUD_CODE_PAGES[0]),
            (GCLOUD_LOGIN_CLIENT_ID, GCLOUD_LOGIN, "http://localhost:8085/"),
            (GCLOUD_LOGIN_CLIENT_ID, GCLOUD_LOGIN, GCLOUD_CODE_PAGES[1]),
        ],
    )
    def test_gcloud_s_own_sign_ins(
        self, room: Room, ask: Ask, client_id: str, scopes: tuple[str, ...], redirect_uri: str
    ) -> None:
        """What gcloud asks for with its own clients is in order (section 7.1)."""
        with room.context.store.write() as tx:
            install(tx, 0)
        wanted = {"client_id": client_id, "scope": " ".join(scopes), "redirect_uri": redirect_uri}
        assert _good(ask(**wanted)).client.kind == "first_party"

    def test_unknown_parameters_are_ignored(self, ask: Ask) -> None:
        """What the endpoint does not know is no fault (RFC 6749 section 3.1)."""
        assert _good(ask(token_usage="remote", display="page", hl="zh-TW")).request.more == {
            "token_usage": "remote",
            "display": "page",
            "hl": "zh-TW",
        }

    @pytest.mark.parametrize(
        ("changes", "prompt"),
        [
            ({}, set()),
            ({"prompt": "consent select_account"}, {"consent", "select_account"}),
            ({"prompt": "none"}, {"none"}),
            ({"approval_prompt": "force"}, {"consent"}),
            ({"approval_prompt": "auto"}, set()),
        ],
    )
    def test_prompt(self, ask: Ask, changes: dict[str, str], prompt: set[str]) -> None:
        """`prompt` is a list of words; approval_prompt is its older name."""
        assert _good(ask(**changes)).prompt == prompt

    @pytest.mark.parametrize(
        ("changes", "note"),
        [
            ({"code_challenge_method": "plain"}, Note.PLAIN_PKCE),
            ({"code_challenge_method": None}, Note.PLAIN_PKCE),
            ({"code_challenge_method": None, "code_challenge": None}, Note.NO_PKCE),
            ({"state": None}, Note.NO_STATE),
        ],
    )
    def test_notes(self, ask: Ask, changes: dict[str, str | None], note: Note) -> None:
        """Google accepts `plain`, no PKCE and no state; the developer is told what is better."""
        assert _good(ask(**changes)).notes == (note,)


BLOCKED: list[tuple[dict[str, str | None], Reason, int, str, str]] = [
    ({"client_id": None}, Reason.PARAMETER_MISSING, 400, "invalid_request", "client_id"),
    ({"client_id": ""}, Reason.PARAMETER_MISSING, 400, "invalid_request", "client_id"),
    ({"response_type": None}, Reason.PARAMETER_MISSING, 400, "invalid_request", "response_type"),
    ({"redirect_uri": None}, Reason.PARAMETER_MISSING, 400, "invalid_request", "redirect_uri"),
    ({"scope": None}, Reason.PARAMETER_MISSING, 400, "invalid_request", "scope"),
    ({"scope": "  "}, Reason.PARAMETER_MISSING, 400, "invalid_request", "scope"),
    (
        {"code_challenge": None},
        Reason.PARAMETER_MISSING,
        400,
        "invalid_request",
        "code_challenge",
    ),
    ({"client_id": "nobody"}, Reason.CLIENT_UNKNOWN, 401, "invalid_client", "not found"),
    (
        {"redirect_uri": "urn:ietf:wg:oauth:2.0:oob"},
        Reason.OUT_OF_BAND,
        400,
        "invalid_request",
        "out-of-band",
    ),
    (
        {"redirect_uri": "http://192.168.0.2/"},
        Reason.PRIVATE_ADDRESS,
        400,
        "invalid_request",
        "device_id and device_name are required for private IP",
    ),
    (
        {"redirect_uri": "http://u:p@127.0.0.1/"},
        Reason.REDIRECT_CREDENTIALS,
        400,
        "invalid_request",
        "user name",
    ),
    (
        {"redirect_uri": "https://evil.example/"},
        Reason.REDIRECT_MISMATCH,
        400,
        "redirect_uri_mismatch",
        "https://evil.example/",
    ),
    (
        {"client_id": WEB},
        Reason.REDIRECT_MISMATCH,
        400,
        "redirect_uri_mismatch",
        "not registered",
    ),
    (
        {"response_type": "token"},
        Reason.RESPONSE_TYPE,
        400,
        "unsupported_response_type",
        "'token'",
    ),
    (
        {"response_type": "code id_token"},
        Reason.RESPONSE_TYPE,
        400,
        "unsupported_response_type",
        "'code id_token'",
    ),
    (
        {"response_type": "coed"},
        Reason.RESPONSE_TYPE,
        400,
        "unsupported_response_type",
        "Invalid response_type: coed",
    ),
    (
        {"scope": f"{CLOUD_PLATFORM} https://example.com/scope drive"},
        Reason.SCOPE,
        400,
        "invalid_scope",
        f"{{valid=[{CLOUD_PLATFORM}], invalid=[https://example.com/scope, drive]}}",
    ),
    ({"scope": GEMINI}, Reason.SCOPE, 400, "invalid_scope", f"{{valid=[], invalid=[{GEMINI}]}}"),
    ({"access_type": "always"}, Reason.PARAMETER_INVALID, 400, "invalid_request", "access_type"),
    ({"response_mode": "smoke"}, Reason.PARAMETER_INVALID, 400, "invalid_request", "response_mode"),
    (
        {"code_challenge_method": "S512"},
        Reason.PARAMETER_INVALID,
        400,
        "invalid_request",
        "code_challenge_method: S512",
    ),
    ({"code_challenge": "short"}, Reason.PARAMETER_INVALID, 400, "invalid_request", "challenge"),
    ({"prompt": "login"}, Reason.PARAMETER_INVALID, 400, "invalid_request", "prompt: login"),
    ({"prompt": "none consent"}, Reason.PARAMETER_INVALID, 400, "invalid_request", "stands alone"),
    (
        {"prompt": "consent", "approval_prompt": "force"},
        Reason.PARAMETER_INVALID,
        400,
        "invalid_request",
        "approval_prompt and prompt",
    ),
    ({"approval_prompt": "never"}, Reason.PARAMETER_INVALID, 400, "invalid_request", "approval"),
]


class TestBlocked:
    @pytest.mark.parametrize(("changes", "reason", "status", "error", "told"), BLOCKED)
    def test_every_fault_of_a_request(
        self,
        ask: Ask,
        changes: dict[str, str | None],
        reason: Reason,
        status: int,
        error: str,
        told: str,
    ) -> None:
        """Each fault has Google's status and error name, and a text that names it (1.3)."""
        result = _bad(ask(**changes))
        assert (result.reason, result.reason.status, result.reason.error) == (reason, status, error)
        assert told in result.detail
        assert result.next_step

    def test_repeated_parameters(self, room: Room) -> None:
        """A parameter that comes twice is refused, even with the same value (RFC 6749 3.1)."""
        pairs = [*room.parameters().items(), ("scope", "openid"), ("state", "st&te=1")]
        with room.context.store.read() as tx:
            result = _bad(authorize(tx, pairs))
        assert result.reason is Reason.PARAMETER_REPEATED
        assert "scope, state" in result.detail

    @pytest.mark.parametrize(
        ("state", "reason", "error"),
        [
            ("deleted", Reason.CLIENT_DELETED, "deleted_client"),
            ("disabled", Reason.CLIENT_DISABLED, "disabled_client"),
        ],
    )
    def test_client_states(
        self, room: Room, ask: Ask, state: str, reason: Reason, error: str
    ) -> None:
        """Deleted and disabled clients have error names of their own, with 401."""
        room.change(OAuthClient, DESKTOP, state=state)
        result = _bad(ask())
        assert (result.reason, result.reason.status, result.reason.error) == (reason, 401, error)

    def test_a_deleted_project_takes_its_clients_along(self, room: Room, ask: Ask) -> None:
        """A client of a project that is shutting down is as good as deleted."""
        room.change(Project, "demo", state="DELETE_REQUESTED")
        assert _bad(ask()).reason is Reason.CLIENT_DELETED

    def test_no_consent_screen(self, room: Room, ask: Ask) -> None:
        """Without a consent screen there is nothing to show; the command for it is."""
        room.remove(ConsentScreen, "demo")
        result = _bad(ask())
        assert result.reason is Reason.NO_CONSENT_SCREEN
        assert result.next_step is not None
        assert "consent-screen set demo" in result.next_step

    def test_google_s_own_client(self, room: Room, ask: Ask) -> None:
        """Gcloud's shared clients get no Gemini scopes since June 2025: This app is blocked."""
        with room.context.store.write() as tx:
            install(tx, 0)
        for client_id in (GCLOUD_CLIENT_ID, GCLOUD_LOGIN_CLIENT_ID):
            result = _bad(ask(client_id=client_id))
            assert (result.reason.status, result.reason.error) == (403, "restricted_client")
            assert RETRIEVER in result.detail
            assert CLOUD_PLATFORM not in result.detail

    def test_the_bare_gemini_scope_names_what_to_ask_for(self, ask: Ask) -> None:
        """generative-language alone is not grantable [R]; the pair of the quickstart is."""
        result = _bad(ask(scope=GEMINI))
        assert result.next_step is not None
        assert CLOUD_PLATFORM in result.next_step
        assert RETRIEVER in result.next_step

    def test_the_app_is_named_once_it_is_known(self, ask: Ask) -> None:
        """A fault after the client was found is told with the app's name and contact."""
        result = _bad(ask(scope="nonsense"))
        assert (result.app, result.developer) == ("Gem Notes", "dev@example.com")
        assert _bad(ask(client_id="nobody")).app is None

    def test_a_command_quotes_what_the_request_brought(self, ask: Ask) -> None:
        """A command to copy cannot be turned into another one by a crafted redirect URI."""
        result = _bad(ask(client_id=WEB, redirect_uri="https://x.example/';rm -rf ~;'"))
        assert result.next_step is not None
        assert result.next_step.endswith("""'https://x.example/'"'"';rm -rf ~;'"'"''""")

    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
    @given(
        st.dictionaries(
            st.sampled_from(["client_id", "redirect_uri", "scope", "prompt", "code_challenge"]),
            st.text(max_size=40),
            max_size=3,
        )
    )
    def test_no_request_breaks_it(self, ask: Ask, changes: dict[str, str]) -> None:
        """Whatever text a parameter holds, there is an answer."""
        assert isinstance(ask(**changes), Authorization | Blocked)
