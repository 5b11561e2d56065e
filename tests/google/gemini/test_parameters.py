from __future__ import annotations

import pytest

from gemauth.google.gemini.parameters import SystemParameters, split


def test_system_parameters_do_not_reach_the_method() -> None:
    """Only what the frontend does not know is left for the request message, in its order."""
    system, rest = split("pageSize=5&key=k&alt=json&a.b=1&pageSize=6&%24userProject=p&fields=x")
    assert rest == (("pageSize", "5"), ("a.b", "1"), ("pageSize", "6"))
    assert (system.key, system.alt, system.user_project, system.fields) == ("k", "json", "p", "x")


@pytest.mark.parametrize(
    ("query", "ints"),
    [
        ("%24alt=json%3Benum-encoding%3Dint", True),
        ("alt=json;enum-encoding=int", True),
        ("alt=json", False),
        ("", False),
    ],
)
def test_gapic_asks_for_numbers(query: str, ints: bool) -> None:  # noqa: FBT001  # a table's column
    """`$alt=json;enum-encoding=int` and nothing else asks for enums as numbers."""
    assert split(query)[0].enums_as_ints is ints


def test_indent() -> None:
    """JSON is indented unless prettyPrint says no."""
    assert split("")[0].pretty
    assert split("prettyPrint=true")[0].pretty
    assert not split("prettyPrint=false")[0].pretty


def test_credentials_are_not_shown() -> None:
    """A key or token in a query never reaches a log through repr."""
    system, _ = split("key=SECRET1&access_token=SECRET2&oauth_token=SECRET3")
    assert (system.key, system.access_token, system.oauth_token) == (
        "SECRET1",
        "SECRET2",
        "SECRET3",
    )
    assert "SECRET" not in repr(system)


def test_pairs_do_as_well_as_text() -> None:
    """A query that somebody else has decoded is taken as it is."""
    assert split([("$.xgafv", "2"), ("x", "")]) == (
        SystemParameters(error_format="2"),
        (("x", ""),),
    )
