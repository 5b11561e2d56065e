from __future__ import annotations

import pytest

from gemauth.cli.gcloud.call import Call
from gemauth.cli.gcloud.errors import GcloudError
from gemauth.cli.gcloud.grammar import Parsed, Value
from tests.cli.terminal import Terminal


def call(typed: str = "", flags: dict[str, Value] | None = None, **environ: str) -> Call:
    """A call with an input and an environment."""
    there = Terminal(typed, environ={"CLOUDSDK_CONFIG": "/nowhere", **environ})
    return Call(Parsed(None, (), flags or {}, ("word",)), there.console)


class TestProceed:
    @pytest.mark.parametrize(
        ("typed", "default", "answer"),
        [
            ("y\n", False, True),
            ("YES\n", False, True),
            ("n\n", True, False),
            ("No\n", True, False),
            ("\n", True, True),
            ("\n", False, False),
            ("maybe\ny\n", False, True),
        ],
    )
    def test_answers(self, typed: str, *, default: bool, answer: bool) -> None:
        """Yes, no, an empty line for the default; anything else is asked again."""
        assert call(typed).proceed("About.", default=default) is answer

    def test_the_input_has_ended(self) -> None:
        """Nobody answers: an error where an answer is needed, else the default."""
        with pytest.raises(GcloudError, match="nobody"):
            call().proceed("About.")
        assert call().proceed("About.", default=False, needs_answer=False) is False

    @pytest.mark.parametrize("default", [True, False])
    def test_quiet(self, *, default: bool) -> None:
        """--quiet and its variable take the default, and nothing is read."""
        assert call(flags={"quiet": True}).proceed("About.", default=default) is default
        there = call(CLOUDSDK_CORE_DISABLE_PROMPTS="1")
        assert there.proceed("About.", default=default) is default

    def test_auto_consent(self) -> None:
        """Who consents to every sign-in says yes to its questions, and to no others."""
        there = call("n\n", GEMAUTH_AUTO_CONSENT="a@b.c")
        assert there.proceed("About.", default=False, signing_in=True)
        assert there.proceed("About.") is False


def test_ask() -> None:
    """A line, stripped; the prompt is on stdout, as gcloud's is."""
    there = Terminal("  answer \n", environ={})
    assert Call(Parsed(None, ()), there.console).ask("Say: ") == "answer"
    assert there.out == "Say: "
    assert there.err == ""
    with pytest.raises(GcloudError, match="ended"):
        call().ask("Say: ")


def test_flags_and_words() -> None:
    """Each kind of flag has its reader; a flag of another kind is not there."""
    there = call(flags={"format": "json", "scopes": ("a", "b"), "browser": False})
    assert there.text("format") == "json"
    assert there.items("scopes") == ("a", "b")
    assert there.switch("browser", default=True) is False
    assert there.switch("launch-browser", default=True) is True
    assert there.text("scopes") is None
    assert there.items("format") is None
    assert there.word == "word"


def test_flags_that_are_properties() -> None:
    """--project is core/project for this one call."""
    there = call(flags={"project": "p", "billing-project": "b"}, CLOUDSDK_CORE_PROJECT="other")
    assert there.properties.get("core", "project") == "p"
    assert there.properties.get("billing", "quota_project") == "b"
