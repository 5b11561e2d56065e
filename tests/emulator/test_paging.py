from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gemauth.emulator.paging import Page, Pager, Sizes, by_age
from gemauth.google.invalid import InvalidRequestError

PAGER = Pager(b"k" * 32)
SIZES = Sizes(10, 1000)


@pytest.mark.parametrize(
    ("asked", "size"), [(0, 10), (7, 7), (1000, 1000), (1001, 1000), (2**31 - 1, 1000)]
)
def test_a_size_is_clamped(asked: int, size: int) -> None:
    """Zero is the default, more than the maximum is the maximum (gemini-api.md section 1)."""
    assert PAGER.read(SIZES, asked, "").size == size


def test_a_negative_size_is_refused() -> None:
    """It is INVALID_ARGUMENT on the field."""
    with pytest.raises(InvalidRequestError) as error:
        PAGER.read(SIZES, -1, "")
    assert error.value.violations[0].field == "page_size"


@given(cursor=st.text(st.characters(exclude_categories=["Cs"])), parameters=st.lists(st.text("ab")))
def test_a_token_leads_to_its_cursor(cursor: str, parameters: list[str]) -> None:
    """The next call of the same list finds where the page starts; its size may change."""
    page = PAGER.read(SIZES, 5, "", *parameters)
    assert page.cursor == ""
    token = PAGER.write(page, cursor)
    following = PAGER.read(SIZES, 9, token, *parameters)
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
    token = PAGER.write(PAGER.read(SIZES, 0, "", "ListTunedModels", "owner:me", "alice"), "cursor")
    with pytest.raises(InvalidRequestError, match="page_token"):
        PAGER.read(SIZES, 0, token, rpc, *parameters)


def test_a_token_under_another_key_is_refused() -> None:
    """Nobody makes a token without the server's key."""
    page = PAGER.read(SIZES, 0, "")
    with pytest.raises(InvalidRequestError):
        PAGER.read(SIZES, 0, Pager(b"other").write(page, "cursor"))


@given(token=st.text(min_size=1))
def test_garbage_is_refused(token: str) -> None:
    """Whatever is no token is 400, never another error."""
    with pytest.raises(InvalidRequestError) as error:
        PAGER.read(SIZES, 0, token)
    assert error.value.violations[0].field == "page_token"


def test_a_changed_token_is_refused() -> None:
    """Any character changed makes it foreign."""
    token = PAGER.write(PAGER.read(SIZES, 0, ""), "models/a")
    for i in range(len(token) - 1):  # the last one has padding bits
        changed = token[:i] + ("A" if token[i] != "A" else "B") + token[i + 1 :]
        with pytest.raises(InvalidRequestError):
            PAGER.read(SIZES, 0, changed)


def test_a_cut_goes_on_after_the_last_position() -> None:
    """Pages follow one another in the order of positions, whatever was deleted in between."""
    shown, token = PAGER.cut(PAGER.read(SIZES, 2, ""), "dbac", str)
    assert shown == ["a", "b"]
    shown, token = PAGER.cut(PAGER.read(SIZES, 2, token), "dca", str)
    assert (shown, token) == (["c", "d"], "")


def test_the_oldest_come_first() -> None:
    """Positions by age sort as the moments do, and by name within one."""
    places = [by_age(9.0, "b"), by_age(10.0, "a"), by_age(1_800_000_000.5, "a")]
    assert places == sorted(places)
    assert by_age(1.0, "a") < by_age(1.0, "b")


def test_a_page_is_short_in_a_log() -> None:
    """What a token is bound to is nobody's to read."""
    assert repr(Page(5, "a", b"secret")) == "Page(size=5, cursor='a')"
