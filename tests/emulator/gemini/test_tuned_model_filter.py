from __future__ import annotations

import pytest

from gemauth.emulator.gemini.tuned_model_filter import Filter, parse
from gemauth.google.gemini.method import Role
from gemauth.google.status import Code, StatusError


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", Filter()),
        ("owner:me", Filter(own_role=Role.OWNER)),
        ("writers:me", Filter(own_role=Role.WRITER)),
        ("readers:me", Filter(own_role=Role.READER)),
        ("OWNER:ME", Filter(own_role=Role.OWNER)),
        ("readers:everyone", Filter(own_role=Role.NONE, everyone=True)),
        ("owner:me readers:everyone", Filter(own_role=Role.OWNER, everyone=True)),
        ("readers:me owner:me", Filter(own_role=Role.OWNER)),
        ("French Poems", Filter(texts=("french", "poems"))),
        ('"French Poems" owner:me', Filter(texts=("french poems",), own_role=Role.OWNER)),
        ('"owner:me"', Filter(texts=("owner:me",))),
        ("note:me", Filter(texts=("note:me",))),
    ],
)
def test_parse(text: str, expected: Filter) -> None:
    """Operators are told from words, in either case; quotes make words of anything."""
    assert parse(text) == expected


@pytest.mark.parametrize(
    "text", ["owner:ann@example.com", "readers:", "writers:everyone", "x owner:y"]
)
def test_others_cannot_be_asked_about(text: str) -> None:
    """A role's operator about somebody else is refused, not taken for a word."""
    with pytest.raises(StatusError) as refused:
        parse(text)
    assert refused.value.status.code is Code.INVALID_ARGUMENT


@pytest.mark.parametrize(
    ("text", "own_role", "everyone", "accepted"),
    [
        ("", Role.READER, False, True),
        ("", Role.NONE, True, False),
        ("", Role.OWNER, True, True),
        ("readers:everyone", Role.NONE, True, True),
        ("readers:everyone", Role.OWNER, False, False),
        ("owner:me", Role.WRITER, False, False),
        ("writers:me", Role.OWNER, False, True),
        ("readers:me", Role.NONE, True, False),
        ("poem", Role.READER, False, True),
        ("POEM french", Role.READER, False, True),
        ("german", Role.READER, False, False),
    ],
)
def test_accepts(
    text: str,
    own_role: Role,
    everyone: bool,  # noqa: FBT001  # a table's column
    accepted: bool,  # noqa: FBT001  # a table's column
) -> None:
    """Roles are concentric; what reaches the caller only through everyone has to be asked for."""
    assert parse(text).accepts("A poem\nin French", own_role, everyone=everyone) is accepted
