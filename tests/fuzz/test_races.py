"""Requests that arrive at the same moment: limits hold, and what is spent once is spent once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest

from gemauth.testing.person import Person
from tests.fuzz.conftest import FORM, JSON, REDIRECT
from tests.fuzz.nasty import ACCOUNT, query_of

if TYPE_CHECKING:
    from tests.fuzz.conftest import Target

pytestmark = pytest.mark.fuzz


def test_a_code_is_worth_one_token(target: Target) -> None:
    """Of eight who send one code together one gets tokens, and their replay ends its grant.

    The first round also makes the signing keys, within which the first decision is taken back.
    """
    person = Person(ACCOUNT)
    for _ in range(3):
        query = query_of(
            [
                ("client_id", target.client_id),
                ("redirect_uri", REDIRECT),
                ("response_type", "code"),
                ("scope", "openid"),
                ("access_type", "offline"),
                ("prompt", "consent"),
            ]
        )
        landed = person.consent(f"{target.emulator.address}/o/oauth2/v2/auth?{query}")
        code = parse_qs(urlsplit(landed).query)["code"][0]
        form = query_of(
            [
                ("grant_type", "authorization_code"),
                ("code", code),
                ("redirect_uri", REDIRECT),
                ("client_id", target.client_id),
                ("client_secret", target.client_secret),
            ]
        ).encode()
        with ThreadPoolExecutor(8) as pool:
            answers = list(
                pool.map(
                    lambda _, form=form: target.send(
                        "POST", "/token", [("Content-Type", FORM)], form
                    ),
                    range(8),
                )
            )
        (won,) = [answer for answer in answers if answer.status == 200]
        assert [a.status for a in answers].count(400) == 7
        token = won.json()["access_token"]
        assert target.send("GET", f"/tokeninfo?access_token={token}").status == 400


def test_an_account_gets_ten_keys(target: Target) -> None:
    """Twelve who ask together, while each key takes long to make, get nine: one is there."""
    path = f"/v1/projects/home-project/serviceAccounts/{target.robot}/keys"
    headers = [("Authorization", f"Bearer {target.access_token}"), ("Content-Type", JSON)]
    with ThreadPoolExecutor(12) as pool:
        made = pool.map(lambda _: target.send("POST", path, headers, b"{}").status, range(12))
        assert sorted(made) == [200] * 9 + [429] * 3
    keys = target.send("GET", f"{path}?keyTypes=USER_MANAGED", headers[:1]).json()["keys"]
    assert len(keys) == 10
