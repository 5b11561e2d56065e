from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gemauth.client.bulk_share.grantees import GranteeListError, read_grantees
from gemauth.google.gemini.resources.permissions import GranteeType, Permission, PermissionRole

ADA = Permission(
    grantee_type=GranteeType.USER,
    email_address="ada@example.com",
    role=PermissionRole.READER,
)


def permissions(text: str, role: str = "reader") -> list[tuple[int, str, str, str]]:
    """Read a list; return each row's line, type, address and role."""
    rows, _ = read_grantees(text.encode(), "users.csv", role)
    found = []
    for row in rows:
        made = row.permission
        assert made.grantee_type is not None
        assert made.role is not None
        found.append((row.line, made.grantee_type.name, made.email_address or "", made.role.name))
    return found


def mistakes(text: str | bytes) -> str:
    """Read a list that is wrong; return what is said of its lines."""
    content = text if isinstance(text, bytes) else text.encode()
    with pytest.raises(GranteeListError, match=r"users\.csv") as caught:
        read_grantees(content, "users.csv")
    return caught.value.evidence or caught.value.message


def test_addresses_alone() -> None:
    """One per line: users, who get the role that the command names."""
    assert permissions("ada@example.com\nbob@example.com\n", "writer") == [
        (1, "USER", "ada@example.com", "WRITER"),
        (2, "USER", "bob@example.com", "WRITER"),
    ]


def test_three_columns() -> None:
    """Role and type stand for themselves, in any case; an empty cell is the default."""
    text = "ada@example.com,Writer,user\nteam@example.com,,GROUP\n,reader,everyone\n"
    assert permissions(text) == [
        (1, "USER", "ada@example.com", "WRITER"),
        (2, "GROUP", "team@example.com", "READER"),
        (3, "EVERYONE", "", "READER"),
    ]


def test_a_group_by_its_address() -> None:
    """Without a type, googlegroups.com is Google's own domain for groups."""
    assert permissions("a@googlegroups.com,reader\n")[0][1] == "GROUP"
    assert permissions("a@googlegroups.com,reader,user\n")[0][1] == "USER"


@pytest.mark.parametrize(
    "header", ["role,email", "Role, E-mail", "ROLE,Email Address", "role,email_address"]
)
def test_a_header_names_the_columns(header: str) -> None:
    """In another order, in the words that spreadsheets have."""
    assert permissions(f"{header}\nwriter,ada@example.com\n") == [
        (2, "USER", "ada@example.com", "WRITER")
    ]


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_other_delimiters(mark: str) -> None:
    """What spreadsheets write; with a byte-order mark, Windows' line ends and quotes as well."""
    text = f'\ufeffemail{mark}role\r\n"ada@example.com"{mark}reader\r\n'
    assert permissions(text) == [(2, "USER", "ada@example.com", "READER")]


def test_lines_without_a_row() -> None:
    """Empty ones and remarks are passed over; lines are counted as editors count them."""
    text = "# the team\n\nada@example.com\n,,\nbob@example.com"
    assert [row[0] for row in permissions(text)] == [3, 5]


def test_a_repeated_line() -> None:
    """The same grantee and role, in whatever case: once, and its line is told."""
    rows, repeated = read_grantees(b"ada@example.com\nADA@example.com,reader\n", "users.csv")
    assert [row.permission for row in rows] == [ADA]
    assert repeated == (2,)


def test_a_group_is_not_the_user_of_that_address() -> None:
    """They are two grantees."""
    assert len(permissions("a@example.com,reader,user\na@example.com,writer,group\n")) == 2


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ada@example.com\nada.example.com\n", "line 2: 'ada.example.com' is no e-mail address."),
        ("ada@example.com,owner\n", "line 1: 'owner' is no role: reader or writer."),
        ("ada@example.com,reader,robot\n", "'robot' is no type: user, group or everyone."),
        ("ada@example.com,reader,everyone\n", "line 1: everyone has no address."),
        ("ada@example.com\x1b[2J\n", "line 1: 'ada@example.com\\x1b[2J' is no e-mail address."),
        (",reader\n", "line 1: '' is no e-mail address."),
        ("a@b.c,reader,user,x\n", "line 1: 4 cells where 3 have names."),
        ("a@b.c\nb@b.c,writer\nA@b.c,writer\n", "line 3: A@b.c has another role than on line 1."),
        ('a@b.c\n"b@b.c\n', "line 2: no CSV: unexpected end of data."),
        (b"a@b.c\n\xff@b.c\n", "line 2: this is not UTF-8."),
        ("", "There is nobody in users.csv."),
        ("email,role\n", "There is nobody in users.csv."),
    ],
)
def test_what_is_wrong_is_told_with_its_line(text: str | bytes, expected: str) -> None:
    """Before anything is sent."""
    assert expected in mistakes(text)


@given(
    st.text(st.characters(exclude_categories=["Cs"]))
    | st.lists(
        st.sampled_from(["a@b.c", "B@b.c", "writer", "email", "group", '"', ",", ";", "\n"])
    ).map("".join)
)
@example("a@b.c,reader\r\rb@b.c")
@example("\x00@b.c")
@example('"a@b.c\n\n",reader')
def test_any_text(text: str) -> None:
    """Is a list whose grantees differ, or is refused as one: never anything else."""
    try:
        rows, repeated = read_grantees(text.encode(), "users.csv")
    except GranteeListError:
        return
    assert len({row.key for row in rows}) == len(rows) > 0
    assert all(row.line >= 1 for row in rows)
    assert not set(repeated) & {row.line for row in rows}


def test_all_mistakes_at_once() -> None:
    """Up to twenty; the rest is counted."""
    told = mistakes("x\n" * 30).splitlines()
    assert len(told) == 21
    assert told[19].startswith("line 20:")
    assert told[20] == "… and 10 more"
