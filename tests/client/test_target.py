from __future__ import annotations

from dataclasses import replace

import pytest

from gemauth.client.target import (
    is_emulated,
    of_client,
    of_external_account,
    of_external_user,
    of_federation,
    of_key,
    of_user,
    require_side,
    target,
)
from gemauth.errors import CredentialError, UsageError
from gemauth.google.credentials import (
    AuthorizedUser,
    ExternalAccount,
    ExternalAccountAuthorizedUser,
    ServiceAccountKey,
)
from gemauth.google.endpoints import GOOGLE, emulator
from tests.client.transcript import CLIENT, EMULATED_CLIENT, EMULATOR


class TestTarget:
    def test_google_is_the_default(self) -> None:
        """Without an address calls go to Google; an empty variable is no address."""
        assert target({}) is GOOGLE
        assert target({"GEMAUTH_EMULATOR": ""}) is GOOGLE

    def test_the_argument_goes_before_the_variable(self) -> None:
        """--emulator overrides GEMAUTH_EMULATOR."""
        environ = {"GEMAUTH_EMULATOR": "http://127.0.0.1:1111"}
        assert target(environ).gemini == "http://127.0.0.1:1111"
        assert target(environ, "http://localhost:2222").gemini == "http://localhost:2222"

    def test_only_loopback_is_an_emulator(self) -> None:
        """A remote address would be sent tokens in the clear."""
        with pytest.raises(UsageError):
            target({"GEMAUTH_EMULATOR": "http://emulator.example:80"})


@pytest.mark.parametrize(
    ("credential", "emulated"),
    [
        ("ya29.emu-abc", True),
        ("1//emu-abc", True),
        ("GOCSPX-emu-abc", True),
        ("123456-emu0a1.apps.googleusercontent.com", True),
        ("123456-emu.apps.googleusercontent.com", True),
        ("ya29.a0Aemu-abc", False),
        ("ya29.c.emu-abc", True),
        ("ya29.c.b0Aemu-abc", False),
        ("ya29.d.emu-abc", True),
        ("1//0emu-abc", False),
        ("GOCSPX-abc-emu-", False),
        ("123456-abcemu.apps.googleusercontent.com", False),
        ("x ya29.emu-abc", False),
        ("", False),
    ],
)
def test_an_emulators_credential_is_known_by_sight(credential: str, *, emulated: bool) -> None:
    """Only the emulator's own prefixes count (design decision 8)."""
    assert is_emulated(credential) is emulated


def test_a_credential_passes_to_its_own_side_only() -> None:
    """Both directions are refused, with both ways out in the next step."""
    require_side(GOOGLE, emulated=False, what="It")
    require_side(EMULATOR, emulated=True, what="It")
    with pytest.raises(CredentialError, match="not sent to Google") as caught:
        require_side(GOOGLE, emulated=True, what="It")
    assert "GEMAUTH_EMULATOR" in (caught.value.next_step or "")
    with pytest.raises(CredentialError, match="not sent to an emulator") as caught:
        require_side(EMULATOR, emulated=False, what="It")
    assert "Unset" in (caught.value.next_step or "")


class TestOfClient:
    def test_googles_file_goes_to_google(self) -> None:
        """The file's URLs choose Google's endpoints, they are not used themselves."""
        assert of_client(CLIENT) is GOOGLE

    def test_an_emulators_file_goes_to_its_emulator(self) -> None:
        """The file says where its emulator is."""
        assert of_client(EMULATED_CLIENT) == EMULATOR

    def test_another_address_may_be_asked_for(self) -> None:
        """A restarted emulator has another port: the argument goes before the file."""
        other = emulator("http://127.0.0.1:9999")
        assert of_client(EMULATED_CLIENT, other) == other

    @pytest.mark.parametrize("member", ["auth_uri", "token_uri"])
    @pytest.mark.parametrize(
        "url",
        [
            "https://evil.example/token",
            "http://accounts.google.com/o/oauth2/auth",
            "https://accounts.google.com:444/o/oauth2/auth",
            "https://accounts.google.com@evil.example/",
            "http://127.0.0.1:8085/token",
            "javascript:alert(1)",
            "http://[::1",
            "",
        ],
    )
    def test_any_other_url_is_refused(self, member: str, url: str) -> None:
        """A file from elsewhere cannot name a server that collects codes; halves neither."""
        with pytest.raises(UsageError, match="neither"):
            of_client(
                replace(CLIENT, auth_uri=url)
                if member == "auth_uri"
                else replace(CLIENT, token_uri=url)
            )

    def test_two_emulators_are_none(self) -> None:
        """Both URLs have to be of the same emulator."""
        with pytest.raises(UsageError):
            of_client(replace(EMULATED_CLIENT, token_uri="http://127.0.0.1:1/token"))

    def test_nothing_crosses_the_wall(self) -> None:
        """Google's client does not sign in at an emulator, nor the other way round."""
        with pytest.raises(CredentialError):
            of_client(CLIENT, EMULATOR)
        with pytest.raises(CredentialError):
            of_client(EMULATED_CLIENT, GOOGLE)
        with pytest.raises(CredentialError):
            of_client(replace(CLIENT, auth_uri=EMULATOR.token, token_uri=EMULATOR.token))


def test_a_keys_side_is_its_token_uris() -> None:
    """Loopback is an emulator's, Google's three hosts are Google's, all else is refused."""
    key = ServiceAccountKey("sa@x", "https://www.googleapis.com/oauth2/v4/token", "")
    assert of_key(key) is False
    assert of_key(replace(key, token_uri=EMULATOR.token)) is True
    assert of_key(replace(key, private_key_id="0" * 40)) is False
    with pytest.raises(UsageError):
        of_key(replace(key, token_uri="https://evil.example/"))


def test_an_emulators_key_shows_in_its_id() -> None:
    """A key file of a run names Google's addresses, and is an emulator's all the same."""
    key = ServiceAccountKey("sa@x", GOOGLE.token, "", private_key_id="656d75" + "0" * 34)
    assert of_key(key) is True


@pytest.mark.parametrize(
    "user",
    [
        AuthorizedUser("1-emu0.apps.googleusercontent.com", "GOCSPX-x", "1//0x"),
        AuthorizedUser("1-x.apps.googleusercontent.com", "GOCSPX-emu-x", "1//0x"),
        AuthorizedUser("1-x.apps.googleusercontent.com", "GOCSPX-x", "1//emu-x"),
    ],
)
def test_one_emulated_part_makes_a_user_emulated(user: AuthorizedUser) -> None:
    """A mixed file never counts as Google's."""
    assert of_user(user)
    assert not of_user(AuthorizedUser("1-x.apps.googleusercontent.com", "GOCSPX-x", "1//0x"))


class TestFederation:
    @pytest.mark.parametrize(
        "host",
        [
            "sts.googleapis.com",
            "sts.mtls.googleapis.com",
            "us-east1-sts.googleapis.com",
            "sts.us-east1.rep.googleapis.com",
            "sts-mine.p.googleapis.com",
            "iamcredentials.googleapis.com",
            "iamcredentials.us-east1.rep.googleapis.com",
        ],
    )
    def test_googles_hosts(self, host: str) -> None:
        """The token service and IAM credentials: global, regional, mTLS, by private address."""
        assert of_federation(f"https://{host}/v1/token") is False

    @pytest.mark.parametrize(
        "url",
        [
            "https://evil.example/v1/token",
            "https://sts.googleapis.com.evil.example/v1/token",
            "https://evil.example/sts.googleapis.com",
            "https://sts.googleapis.com@evil.example/",
            "https://evil.example#.sts.googleapis.com",
            "https://sts.googleapis.com:8443/v1/token",
            "https://storage.googleapis.com/bucket",
            "http://sts.googleapis.com/v1/token",
            "https://[::1/",
            "",
        ],
    )
    def test_anybody_elses(self, url: str) -> None:
        """Refused by name, before anything is read or sent."""
        with pytest.raises(UsageError, match="neither Google's nor"):
            of_federation(url)

    def test_an_emulators(self) -> None:
        """Loopback is its only place."""
        assert of_federation("http://127.0.0.1:8085/v1/token") is True

    def test_a_person(self) -> None:
        """The token endpoint tells, and an emulator's refresh token behind Google's URL."""
        person = ExternalAccountAuthorizedUser("c", "s", "r", "https://sts.googleapis.com/v1/x")
        assert of_external_user(person) is False
        assert of_external_user(replace(person, refresh_token="1//emu-x")) is True
        assert of_external_user(replace(person, token_url="http://127.0.0.1:1/token")) is True

    def test_a_workload(self) -> None:
        """All its URLs are on one side; its own token may come from anywhere by TLS."""
        workload = ExternalAccount("a", "t", {"url": "https://ci.example/token"})
        assert of_external_account(workload) is False
        local = "http://127.0.0.1:8085/v1/token"
        assert of_external_account(replace(workload, token_url=local)) is True
        with pytest.raises(UsageError, match="same side"):
            of_external_account(replace(workload, service_account_impersonation_url=local))
        with pytest.raises(UsageError, match="neither"):
            of_external_account(replace(workload, token_info_url="https://evil.example"))

    @pytest.mark.parametrize(
        ("url", "taken"),
        [
            ("http://169.254.169.254/metadata/identity", True),
            ("http://[fd00:ec2::254]/latest", True),
            ("http://127.0.0.1:5000/token", True),
            ("http://ci.example/token", False),
            ("ftp://ci.example/token", False),
        ],
    )
    def test_where_its_own_token_comes_from(self, url: str, *, taken: bool) -> None:
        """In the clear from this machine and its metadata server only."""
        for name in ("url", "region_url", "imdsv2_session_token_url"):
            workload = ExternalAccount("a", "t", {name: url})
            if taken:
                assert of_external_account(workload) is False
            else:
                with pytest.raises(UsageError, match="in the clear"):
                    of_external_account(workload)
