"""google-auth on profiles: it takes the one in use, and never mistakes one in a keyring for ADC."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

import google.auth
import pytest
from google.auth.exceptions import DefaultCredentialsError
from google.oauth2.credentials import Credentials

from gemauth.client.cache import adc
from gemauth.client.cache.keyring import Pointer
from gemauth.client.profiles import store, upkeep, using
from gemauth.google.credentials import AuthorizedUser

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.interop

ADA = AuthorizedUser("1-x.apps.googleusercontent.com", "GOCSPX-a", "1//0ada", "billed", "ada@x.org")
BOB = replace(ADA, refresh_token="1//0bob", quota_project_id=None, account="bob@x.org")


@pytest.fixture(autouse=True)
def _without_gcloud(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let google-auth find no gcloud, which it asks for a project, and which would ask around."""
    monkeypatch.setenv("PATH", str(home))


def taken() -> Credentials:
    """What `google.auth.default()` takes."""
    found, _ = google.auth.default()
    assert isinstance(found, Credentials)
    return found


@pytest.mark.filterwarnings("ignore:Your application has authenticated using end user")
def test_the_profile_in_use(home: Path) -> None:
    """Each `use` gives google-auth the other person, with the quota project of theirs."""
    for name, user in (("ada", ADA), ("bob", BOB)):
        using.keep(os.environ, store.place(os.environ, name), user)
    assert (taken().refresh_token, taken().quota_project_id) == ("1//0ada", "billed")
    using.use(os.environ, "bob")
    assert (taken().refresh_token, taken().quota_project_id) == ("1//0bob", None)
    upkeep.rename(os.environ, "bob", "robert")
    assert taken().refresh_token == "1//0bob"


@pytest.mark.filterwarnings("ignore:Your application has authenticated using end user")
def test_each_profile_is_an_adc_file(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that is not in use is named by GOOGLE_APPLICATION_CREDENTIALS."""
    using.keep(os.environ, store.place(os.environ, "ada"), ADA)
    using.keep(os.environ, store.place(os.environ, "bob"), BOB)
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(store.place(os.environ, "bob")))
    assert taken().refresh_token == "1//0bob"


def test_one_in_a_keyring(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The type is one that google-auth does not know: an error, and nothing is sent anywhere."""
    path = home / "safe.json"
    path.write_bytes(adc.form(Pointer.to(ADA, "keyring.backends.macOS.Keyring").to_json()))
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(path))
    with pytest.raises(DefaultCredentialsError, match="does not have a valid type"):
        google.auth.default()
