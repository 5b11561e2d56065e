"""`gcloud config`, `version`, `info`: what other programs ask."""

from __future__ import annotations

import json

import pytest

from tests.cli.gcloud.conftest import ADA, Gcloud


def test_a_property_s_life(gcloud: Gcloud) -> None:
    """Set, got alone on stdout, listed, unset; messages on stderr."""
    assert gcloud("config", "set", "project", "my-project") == 0
    assert (gcloud.out, gcloud.err) == ("", "Updated property [core/project].\n")
    for name in ("get", "get-value"):
        assert gcloud("config", name, "core/project") == 0
        assert (gcloud.out, gcloud.err) == ("my-project\n", "")
    assert gcloud("config", "list") == 0
    assert gcloud.out == "[core]\nproject = my-project\n"
    assert gcloud("config", "unset", "project") == 0
    assert gcloud("config", "get", "project") == 0
    assert (gcloud.out, gcloud.err) == ("", "(unset)\n")


def test_as_google_auth_asks(gcloud: Gcloud) -> None:
    """google.auth._cloud_sdk: `gcloud config get project`, stdout stripped, empty for none."""
    assert gcloud("config", "get", "project", CLOUDSDK_CORE_PROJECT="from-environment") == 0
    assert gcloud.out == "from-environment\n"
    assert gcloud("config", "get", "project", "--project=from-flag") == 0
    assert gcloud.out == "from-flag\n"


def test_another_configuration(gcloud: Gcloud) -> None:
    """--configuration and its variable choose the file."""
    assert gcloud("config", "set", "project", "work", "--configuration=work") == 0
    assert gcloud("config", "get", "project") == 0
    assert gcloud.out == ""
    assert gcloud("config", "get", "project", CLOUDSDK_ACTIVE_CONFIG_NAME="work") == 0
    assert gcloud.out == "work\n"


def test_config_helper(gcloud: Gcloud) -> None:
    """The JSON that older tools read, with a token of the active account."""
    assert gcloud("config", "config-helper") == 1
    assert gcloud.consenting("auth", "login") == 0
    assert gcloud("config", "config-helper", "--format=json") == 0
    told = json.loads(gcloud.out)
    assert told["credential"]["access_token"].startswith("ya29.emu-")
    assert told["credential"]["token_expiry"].endswith("Z")
    assert "." not in told["credential"]["token_expiry"]
    assert told["configuration"]["properties"]["core"] == {"account": ADA}
    key = "--format=value(credential.access_token)"
    assert gcloud("config", "config-helper", key) == 0
    assert gcloud.out.startswith("ya29.emu-")


@pytest.mark.parametrize("word", ["--version", "version"])
def test_version(gcloud: Gcloud, word: str) -> None:
    """The line that programs look for, and who stands behind it; no emulator is needed."""
    assert gcloud(word, GEMAUTH_EMULATOR="") == 0
    assert gcloud.out.startswith("Google Cloud SDK ")
    assert "gemauth" in gcloud.out
    assert gcloud(word, "--format=json") == 0
    assert set(json.loads(gcloud.out)) == {"Google Cloud SDK", "gemauth"}


def test_info(gcloud: Gcloud) -> None:
    """Where it keeps what, and whom it talks to."""
    assert gcloud("info") == 0
    assert gcloud.emulator.address in gcloud.out
    assert str(gcloud.folder) in gcloud.out
    assert gcloud("info", "--format=value(config.paths.global_config_dir)") == 0
    assert gcloud.out == f"{gcloud.folder}\n"
