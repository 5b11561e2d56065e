"""The world of the refusal table: the complete app, and every value that a row can ask for."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from gemauth.emulator import app
from gemauth.emulator.iam import first_party
from gemauth.emulator.storage.hashing import digest
from gemauth.emulator.storage.records import (
    Account,
    AuthorizationCode,
    BrowserSession,
    ClientSecretHash,
    ConsentScreen,
    EnabledService,
    Grant,
    OAuthClient,
    Project,
    RefreshToken,
    ServiceAccount,
    ServiceAccountKey,
    TestUser,
)
from gemauth.emulator.tokens import shape
from gemauth.emulator.tokens.key_pair import KeyPair, make_key_pair
from gemauth.google import scopes
from gemauth.oauth import jwt, pkce
from gemauth.testing.clock import FakeClock
from tests.emulator.gemini.world import (
    ANN,
    CLIENT,
    GUS,
    NUMBER,
    OTHER_NUMBER,
    OTHER_PROJECT,
    OTTO,
    PEOPLE,
    PROJECT,
    RIA,
    ROBOT,
    ROBOT_ID,
    SCOPES,
    WILL,
    World,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["CLIENTS", "KEY_ID", "SECRET", "VERIFIER", "Lab"]

SECRET = "GOCSPX-emu-secret-of-the-lab"
VERIFIER = "v" * 43
REDIRECT = "http://127.0.0.1:8765/"
KEY_ID = "a" * 40
TOKEN_URL = "https://oauth2.googleapis.com/token"
GEMINI_URL = "https://generativelanguage.googleapis.com/"
NAME = re.compile(r"\$\{(\w+)\}")

# name → project, kind, state, redirect URIs
CLIENTS = {
    "other": (OTHER_PROJECT, "desktop", "active", ()),
    "deleted": (PROJECT, "desktop", "deleted", ()),
    "disabled": (PROJECT, "desktop", "disabled", ()),
    "web": (PROJECT, "web", "active", ("https://app.example.com/callback",)),
    "corp": ("corp-lab", "desktop", "active", ()),
    "bare": ("bare-lab", "desktop", "active", ()),
}


def _new_key() -> KeyPair:
    return make_key_pair("lab", FakeClock().now())


@cache
def _keys() -> KeyPair:
    return _new_key()


class Lab(World):
    """The complete app, with what the rooms beside the Gemini API's need."""

    def __init__(self) -> None:
        super().__init__(build=app.build)
        self._fill_more()

    def _fill_more(self) -> None:
        now = self.clock.now()
        with self.write() as tx:
            first_party.install(tx, now)
            for project, number in (("corp-lab", "1" * 12), ("bare-lab", "2" * 12)):
                domain = "corp.example.com" if project == "corp-lab" else None
                tx.add(Project(project, number, project, "ACTIVE", domain, {}, now))
            tx.add(Project("gone-lab", "3" * 12, "Gone", "DELETE_REQUESTED", None, {}, now))
            for service in ("iam", "serviceusage", "cloudresourcemanager"):
                tx.add(EnabledService(PROJECT, f"{service}.googleapis.com"))
            for project, kind in (
                (PROJECT, "external"),
                (OTHER_PROJECT, "external"),
                ("corp-lab", "internal"),
            ):
                tx.add(ConsentScreen(project, kind, "testing", "Lab app", ANN, ()))
            for project in (PROJECT, OTHER_PROJECT):
                for email in (ANN, WILL, RIA, GUS):
                    tx.add(TestUser(project, email, now, None))
            tx.add(ClientSecretHash(CLIENT, digest(SECRET), now))
            for name, (project, kind, state, uris) in CLIENTS.items():
                client_id = self.client_id(name)
                tx.add(OAuthClient(client_id, project, kind, name, uris, state, now))
                tx.add(ClientSecretHash(client_id, digest(f"{SECRET}-{name}"), now))
            tx.add(
                ServiceAccountKey(
                    key_id=KEY_ID,
                    unique_id=ROBOT_ID,
                    certificate_pem=_keys().certificate_pem,
                    origin="GOOGLE_PROVIDED",
                    type="USER_MANAGED",
                    disabled=False,
                    valid_after=now,
                    valid_before=None,
                    private_pem=None,
                )
            )

    @staticmethod
    def client_id(name: str) -> str:
        """Return the id of one of CLIENTS."""
        return f"{OTHER_NUMBER if name == 'other' else NUMBER}-emu{name}.apps.googleusercontent.com"

    # --- filling texts

    def fill(self, value: Any) -> Any:
        """Return JSON with every `${name}` in its texts made."""
        if isinstance(value, str):
            return NAME.sub(lambda match: self.value(match[1]), value)
        if isinstance(value, dict):
            return {self.fill(k): self.fill(v) for k, v in value.items()}
        if isinstance(value, list | tuple):
            return type(value)(self.fill(item) for item in value)
        return value

    def value(self, name: str) -> str:
        """Make a value by its name."""
        if name.startswith("client_"):
            return self.client_id(name.removeprefix("client_"))
        return VALUES[name](self)

    # --- making values

    def code(self, email: str = ANN, *, pkce_used: bool = True, life: float = 600) -> str:
        """Write an authorization code of the desktop client and return it."""
        text = shape.authorization_code(self.entropy)
        with self.write() as tx:
            sub = tx.find(Account, email=email)[0].sub
            tx.add(
                AuthorizationCode(
                    code_hash=digest(text),
                    grant_id=f"grant-{sub}",
                    sub=sub,
                    client_id=CLIENT,
                    redirect_uri=REDIRECT,
                    scopes=SCOPES,
                    code_challenge=pkce.challenge(VERIFIER) if pkce_used else None,
                    code_challenge_method="S256" if pkce_used else None,
                    nonce=None,
                    offline=True,
                    consent_shown=True,
                    expires_at=self.clock.now() + life,
                )
            )
        return text

    def spent_code(self) -> str:
        """Return a code that was exchanged already."""
        code = self.code(pkce_used=False)
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": REDIRECT,
            "client_id": CLIENT,
            "client_secret": SECRET,
        }
        assert self.client.post("/token", data=form).status_code == 200
        return code

    def refresh_token(self, email: str = ANN, life: float | None = None) -> str:
        """Write a refresh token of the desktop client and return it."""
        text = shape.refresh_token(self.entropy)
        now = self.clock.now()
        with self.write() as tx:
            sub = tx.find(Account, email=email)[0].sub
            ends = None if life is None else now + life
            tx.add(RefreshToken(digest(text), f"grant-{sub}", sub, CLIENT, SCOPES, now, now, ends))
        return text

    def gcloud_token(self) -> str:
        """Write a token that Google's own shared client got for ANN."""
        client, now = first_party.GCLOUD_CLIENT_ID, self.clock.now()
        with self.read() as tx:
            sub = tx.find(Account, email=ANN)[0].sub
        self.add(Grant("grant-gcloud", sub, client, SCOPES, now, None))
        return self.access_token(sub, SCOPES, grant=("grant-gcloud", client))

    def assertion(
        self,
        changes: Mapping[str, Any] | None = None,
        *,
        key_id: str = KEY_ID,
        forged: bool = False,
    ) -> str:
        """Return a JWT of the service account; a change to None takes a claim away."""
        from cryptography.hazmat.primitives.serialization import load_pem_private_key

        pair = _new_key() if forged else _keys()
        key: Any = load_pem_private_key(pair.private_pem.encode(), None)
        now = int(self.clock.now())
        claims = {
            "iss": ROBOT,
            "aud": TOKEN_URL,
            "iat": now,
            "exp": now + 3600,
            "scope": scopes.TUNING,
            **(changes or {}),
        }
        kept = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode(kept, jwt.signer(key), key_id=key_id)

    def cookie(self, *emails: str) -> str:
        """Write a browser session in which people are signed in; return its Cookie header."""
        text = shape.browser_cookie(self.entropy)
        with self.write() as tx:
            subs = tuple(tx.find(Account, email=email)[0].sub for email in emails)
            tx.add(BrowserSession(digest(text), subs, self.clock.now() + 3600))
        return f"gemauth_emulator_80={text}"

    # --- what happens in between

    def delete_account(self, email: str) -> None:
        """Delete a person."""
        with self.write() as tx:
            tx.remove(Account, tx.find(Account, email=email)[0].sub)

    def change_robot(self, **changes: Any) -> None:
        """Change the service account's record."""
        self.change(ServiceAccount, ROBOT_ID, **changes)

    def remove_key(self) -> None:
        """Delete the service account's key."""
        self.remove(ServiceAccountKey, KEY_ID)

    def use_without_api(self, email: str, project: str) -> None:
        """Let a person use a project, and switch the Gemini API off in it."""
        self.allow(email, project)
        self.disable_api(project)

    def disable_service(self, service: str, project: str = PROJECT) -> None:
        """Switch an API off in a project."""
        self.remove(EnabledService, project, service)

    def fill_keys(self) -> None:
        """Give the service account as many keys as it may have."""
        with self.write() as tx:
            first = tx.get(ServiceAccountKey, KEY_ID)
            assert first is not None
            for i in range(9):
                tx.add(replace(first, key_id=f"{i:040}"))


VALUES: dict[str, Callable[[Lab], str]] = {
    **{email.partition("@")[0]: partial(World.token, email=email) for email in PEOPLE},
    "robot": lambda lab: lab.token(ROBOT),
    "expired": lambda lab: lab.token(ANN, life=0),
    "cloud_platform": lambda lab: lab.token(ANN, (scopes.CLOUD_PLATFORM,)),
    "tuning": lambda lab: lab.token(ANN, (scopes.TUNING,)),
    "tuning_readonly": lambda lab: lab.token(ANN, (scopes.TUNING_READONLY,)),
    "retriever": lambda lab: lab.token(ANN, (scopes.RETRIEVER,)),
    "sign_in": lambda lab: lab.token(ANN, scopes.SIGN_IN),
    "gcloud": lambda lab: lab.gcloud_token(),
    "key": lambda lab: lab.key(),
    "other_key": lambda lab: lab.key(OTHER_PROJECT),
    "auth_key": lambda lab: lab.key(PROJECT, ROBOT_ID),
    "secret": lambda _: SECRET,
    "client": lambda _: CLIENT,
    "verifier": lambda _: VERIFIER,
    "challenge": lambda _: pkce.challenge(VERIFIER),
    "redirect": lambda _: REDIRECT,
    "code": lambda lab: lab.code(),
    "code_plain": lambda lab: lab.code(pkce_used=False),
    "code_expired": lambda lab: lab.code(life=0),
    "code_spent": lambda lab: lab.spent_code(),
    "code_never": lambda lab: shape.authorization_code(lab.entropy),
    "code_otto": lambda lab: lab.code(OTTO),
    "refresh": lambda lab: lab.refresh_token(),
    "refresh_week_over": lambda lab: lab.refresh_token(life=0),
    "refresh_otto": lambda lab: lab.refresh_token(OTTO),
    "refresh_never": lambda lab: shape.refresh_token(lab.entropy),
    "jwt": lambda lab: lab.assertion(),
    "jwt_forged": lambda lab: lab.assertion(forged=True),
    "jwt_unknown_key": lambda lab: lab.assertion(key_id="b" * 40),
    "jwt_audience": lambda lab: lab.assertion({"aud": "https://example.com/token"}),
    "jwt_long": lambda lab: lab.assertion({"exp": int(lab.clock.now()) + 3601}),
    "jwt_expired": lambda lab: lab.assertion(
        {"iat": int(lab.clock.now()) - 7200, "exp": int(lab.clock.now()) - 3600}
    ),
    "jwt_no_iat": lambda lab: lab.assertion({"iat": None}),
    "jwt_stranger": lambda lab: lab.assertion({"iss": "x@bare-lab.iam.gserviceaccount.com"}),
    "jwt_no_email": lambda lab: lab.assertion({"iss": "robot"}),
    "jwt_no_scope": lambda lab: lab.assertion({"scope": None}),
    "jwt_bad_scope": lambda lab: lab.assertion({"scope": "everything"}),
    "jwt_delegation": lambda lab: lab.assertion({"sub": ANN}),
    "self_signed": lambda lab: lab.assertion({"aud": GEMINI_URL, "scope": None}),
    "self_signed_forged": lambda lab: lab.assertion(
        {"aud": GEMINI_URL, "scope": None}, forged=True
    ),
    "self_signed_elsewhere": lambda lab: lab.assertion(
        {"aud": "https://example.com/", "scope": None}
    ),
    "self_signed_expired": lambda lab: lab.assertion(
        {
            "aud": GEMINI_URL,
            "scope": None,
            "iat": int(lab.clock.now()) - 3600,
            "exp": int(lab.clock.now()) - 1,
        }
    ),
    "self_signed_cloud_platform": lambda lab: lab.assertion(
        {"aud": None, "scope": scopes.CLOUD_PLATFORM}
    ),
    "cookie_ann": lambda lab: lab.cookie(ANN),
    "cookie_otto": lambda lab: lab.cookie(OTTO),
    "cookie_two": lambda lab: lab.cookie(ANN, WILL),
}
