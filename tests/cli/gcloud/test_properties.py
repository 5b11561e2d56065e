from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gemauth.cli.gcloud.errors import GcloudError
from gemauth.cli.gcloud.properties import Properties, full_name

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """A configuration folder with one property."""
    (tmp_path / "configurations").mkdir()
    file = tmp_path / "configurations" / "config_default"
    file.write_text("[core]\nproject = in-file\n", encoding="utf-8")
    return {"CLOUDSDK_CONFIG": str(tmp_path)}


def test_what_goes_before_what(environ: dict[str, str]) -> None:
    """A flag goes before the environment, that before the file."""
    assert Properties(environ, {}).get("core", "project") == "in-file"
    environ["CLOUDSDK_CORE_PROJECT"] = "in-environment"
    assert Properties(environ, {}).get("core", "project") == "in-environment"
    flags = {("core", "project"): "in-flag"}
    assert Properties(environ, flags).get("core", "project") == "in-flag"
    assert Properties(environ, {}).get("core", "account") is None


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("project", ("core", "project")),
        ("core/project", ("core", "project")),
        ("billing/quota_project", ("billing", "quota_project")),
    ],
)
def test_full_name(text: str, name: tuple[str, str]) -> None:
    """A name without a section is in core."""
    assert full_name(text) == name


@pytest.mark.parametrize("text", ["", "a/b/c", "core/", "Project", "a b", "../x"])
def test_no_name(text: str) -> None:
    """Anything else is refused."""
    with pytest.raises(GcloudError, match="SECTION/PROPERTY"):
        full_name(text)


def test_kept_values(environ: dict[str, str], tmp_path: Path) -> None:
    """Values are kept beside those that were there, and can be taken out."""
    Properties(environ, {}).put("auth", "something", "1")
    assert Properties(environ, {}).get("core", "project") == "in-file"
    assert Properties(environ, {}).everything() == {
        "auth": {"something": "1"},
        "core": {"project": "in-file"},
    }
    Properties(environ, {}).put("core", "project", None)
    assert Properties(environ, {}).get("core", "project") is None
    kept = (tmp_path / "configurations" / "config_default").read_text("utf-8")
    assert kept.startswith("[core]\n")


def test_configurations(environ: dict[str, str], tmp_path: Path) -> None:
    """The active configuration is what a flag, the environment or gcloud's own file says."""
    assert Properties(environ, {}).configuration == "default"
    (tmp_path / "active_config").write_text("work\n", encoding="utf-8")
    assert Properties(environ, {}).configuration == "work"
    Properties(environ, {}).put("core", "project", "for-work")
    environ["CLOUDSDK_ACTIVE_CONFIG_NAME"] = "default"
    assert Properties(environ, {}).get("core", "project") == "in-file"
    assert Properties(environ, {}, "work").get("core", "project") == "for-work"


@pytest.mark.parametrize("name", ["../evil", "a/b", "Big", ""])
def test_no_configuration(environ: dict[str, str], name: str) -> None:
    """A configuration's name cannot lead out of the folder; an empty one is none."""
    if not name:
        assert Properties(environ, {}, name).configuration == "default"
        return
    with pytest.raises(GcloudError, match="--configuration"):
        Properties(environ, {}, name).get("core", "project")


def test_a_broken_file(environ: dict[str, str], tmp_path: Path) -> None:
    """A file that is none is named, and left alone."""
    file = tmp_path / "configurations" / "config_default"
    file.write_text("project = x\n", encoding="utf-8")
    with pytest.raises(GcloudError, match="config_default"):
        Properties(environ, {}).get("core", "project")


def test_no_home() -> None:
    """Without a home there is no configuration."""
    with pytest.raises(GcloudError, match="HOME"):
        Properties({}, {}).get("core", "project")
