from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gemauth.google.gemini.methods import METHODS
from gemauth.google.gemini.paging import SIZES, Page, Pager
from gemauth.google.invalid import InvalidRequestError

PAGER = Pager(b"k" * 32)


@pytest.mark.parametrize(
    ("rpc", "asked", "size"),
    [
        ("ListModels", 0, 50),
        ("ListModels", 7, 7),
        ("ListModels", 5000, 1000),
        ("ListTunedModels", 0, 10),
        ("ListTunedModels", 1001, 1000),
        ("ListPermissions", 0, 10),
        ("ListCorpora", 21, 20),
        ("ListDocuments", 0, 10),
        ("ListChunks", 2**31 - 1, 100),
    ],
)
def test_a_size_is_clamped(rpc: str, asked: int, size: int) -> None:
    """Zero is the default, more than the maximum is the maximum (gemini-api.md section 1)."""
    assert PAGER.read(rpc, asked, "").size == size


def test_a_negative_size_is_refused() -> None:
    """It is INVALID_ARGUMENT on the field."""
    with pytest.raises(InvalidRequestError) as error:
        PAGER.read("ListModels", -1, "")
    assert error.value.violations[0].field == "page_size"


@given(cursor=st.text(st.characters(exclude_categories=["Cs"])), parameters=st.lists(st.text("ab")))
def test_a_token_leads_to_its_cursor(cursor: str, parameters: list[str]) -> None:
    """The next call of the same list finds where the page starts; its size may change."""
    page = PAGER.read("ListTunedModels", 5, "", *parameters)
    assert page.cursor == ""
    token = PAGER.write(page, cursor)
    following = PAGER.read("ListTunedModels", 9, token, *parameters)
    assert (following.size, following.cursor) == (9, cursor)


@pytest.mark.parametrize(
    ("rpc", "parameters"),
    [
        ("ListTunedModels", ("owner:me", "bob")),
        ("ListTunedModels", ("", "alice")),
        ("ListTunedModels", ("owner:me",)),
        ("ListTunedModels", ("owner:mealice", "")),
        ("ListPermissions", ("owner:me", "alice")),
    ],
)
def test_a_token_of_another_list_is_refused(rpc: str, parameters: tuple[str, ...]) -> None:
    """Another filter, caller or method: the token is bound to all of them."""
    token = PAGER.write(PAGER.read("ListTunedModels", 0, "", "owner:me", "alice"), "cursor")
    with pytest.raises(InvalidRequestError, match="page_token"):
        PAGER.read(rpc, 0, token, *parameters)


def test_a_token_under_another_key_is_refused() -> None:
    """Nobody makes a token without the server's key."""
    page = PAGER.read("ListModels", 0, "")
    with pytest.raises(InvalidRequestError):
        PAGER.read("ListModels", 0, Pager(b"other").write(page, "cursor"))


@given(token=st.text(min_size=1))
def test_garbage_is_refused(token: str) -> None:
    """Whatever is no token is 400, never another error."""
    with pytest.raises(InvalidRequestError) as error:
        PAGER.read("ListModels", 0, token)
    assert error.value.violations[0].field == "page_token"


def test_a_changed_token_is_refused() -> None:
    """Any character changed makes it foreign."""
    token = PAGER.write(PAGER.read("ListModels", 0, ""), "models/a")
    for i in range(len(token) - 1):  # the last one has padding bits
        changed = token[:i] + ("A" if token[i] != "A" else "B") + token[i + 1 :]
        with pytest.raises(InvalidRequestError):
            PAGER.read("ListModels", 0, changed)


def test_every_list_has_its_sizes() -> None:
    """The table names exactly the contract's lists."""
    assert SIZES.keys() == {method.name for method in METHODS if method.name.startswith("List")}


def test_a_page_is_short_in_a_log() -> None:
    """What a token is bound to is nobody's to read."""
    assert repr(Page(5, "a", b"secret")) == "Page(size=5, cursor='a')"
