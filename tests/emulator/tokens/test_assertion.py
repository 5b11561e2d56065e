from __future__ import annotations

import dataclasses

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given
from hypothesis import strategies as st

from gemauth.emulator.storage.records import ServiceAccountKey
from gemauth.emulator.tokens import assertion
from gemauth.emulator.tokens.assertion import AssertionRefused, Problem
from gemauth.oauth import jwt
from tests.emulator.desk import KEY_ID, ROBOT, ROBOT_ID, Desk, certificate, robot_key

DESK = Desk()
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(), inner, max_size=2),
    max_leaves=4,
)


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(("iss", "aud", "iat", "exp", "sub"), JSON)))
def test_any_claims_end_in_an_answer(claims: dict[str, object]) -> None:
    """Whatever JSON a signed assertion holds, it is believed or refused, never an error."""
    token = jwt.encode(claims, jwt.signer(robot_key(0)), key_id=KEY_ID)
    with DESK.read() as tx, pytest.raises(AssertionRefused):
        assertion.check(tx, DESK.clock.now(), token, lambda _: True)


@given(JSON, JSON)
def test_any_times_end_in_an_answer(issued_at: object, expires_at: object) -> None:
    """With a good signer, any iat and exp are believed only within their bounds."""
    claims = {"iss": ROBOT, "iat": issued_at, "exp": expires_at}
    token = jwt.encode(claims, jwt.signer(robot_key(0)), key_id=KEY_ID)
    now = DESK.clock.now()
    with DESK.read() as tx:
        try:
            problem, ends = None, assertion.check(tx, now, token, lambda _: True).expires_at
        except AssertionRefused as refused:
            problem, ends = refused.problem, now
    if problem is None:
        assert now < ends <= now + assertion.SKEW + assertion.LONGEST
    else:
        assert problem in {Problem.TIME, Problem.EXPIRED}


@given(st.text(alphabet="abcAB-_.=", max_size=60) | st.text(max_size=30))
def test_any_text_ends_in_an_answer(text: str) -> None:
    """What is no JWT is refused as malformed or for its issuer."""
    with DESK.read() as tx, pytest.raises(AssertionRefused) as refused:
        assertion.check(tx, DESK.clock.now(), text, lambda _: True)
    assert refused.value.problem in {Problem.MALFORMED, Problem.ISSUER}


def test_critical_extensions_are_refused(desk: Desk) -> None:
    """A header that marks something critical is not understood, so refused (RFC 7515 4.1.11)."""
    header = '{"alg":"RS256","crit":["exp"],"kid":"' + KEY_ID + '"}'
    import base64

    first = base64.urlsafe_b64encode(header.encode()).rstrip(b"=")
    signing_input = first + b"." + desk.assertion().split(".")[1].encode()
    signature = base64.urlsafe_b64encode(jwt.signer(robot_key(0))(signing_input)).rstrip(b"=")
    token = (signing_input + b"." + signature).decode()
    with desk.read() as tx, pytest.raises(AssertionRefused) as refused:
        assertion.check(tx, desk.clock.now(), token, lambda _: True)
    assert refused.value.problem is Problem.SIGNATURE


def test_a_key_need_not_be_named_where_the_caller_says_so(desk: Desk) -> None:
    """Without kid every key of the account is tried, its own and live ones only."""
    now = desk.clock.now()
    claims = {"iss": ROBOT, "iat": now, "exp": now + 3600}
    unnamed = jwt.encode(claims, jwt.signer(robot_key(0)))
    forged = jwt.encode(claims, jwt.signer(robot_key(1)))
    with desk.read() as tx:
        proved = assertion.check(tx, now, unnamed, lambda _: True, unnamed_key=True)
        assert proved.account.unique_id == ROBOT_ID
        for token, unnamed_key in ((unnamed, False), (forged, True)):
            with pytest.raises(AssertionRefused) as refused:
                assertion.check(tx, now, token, lambda _: True, unnamed_key=unnamed_key)
            assert refused.value.problem is Problem.SIGNATURE
    with desk.write() as tx:
        key = tx.get(ServiceAccountKey, KEY_ID)
        assert key is not None
        tx.replace(dataclasses.replace(key, disabled=True))
    with desk.read() as tx, pytest.raises(AssertionRefused):
        assertion.check(tx, now, unnamed, lambda _: True, unnamed_key=True)


def test_what_it_returns(desk: Desk) -> None:
    """A believed assertion has its account, its claims and its end."""
    with desk.read() as tx:
        proved = assertion.check(tx, desk.clock.now(), desk.assertion(n=1, t=""), lambda _: True)
    assert proved.account.unique_id == ROBOT_ID
    assert proved.expires_at == desk.clock.now() + 3600
    assert proved.text("iss") == ROBOT
    assert [proved.text(name) for name in ("n", "t", "missing")] == [None, None, None]


def test_accounts_are_found_by_address_and_id(desk: Desk) -> None:
    """An address in any case and a unique id name the same account."""
    with desk.read() as tx:
        for name in (ROBOT, ROBOT.upper(), ROBOT_ID):
            account = assertion.find_account(tx, name)
            assert account is not None
            assert account.email == ROBOT
        assert assertion.find_account(tx, "1") is None


def test_keys_are_rsa() -> None:
    """A certificate with another kind of key is a fault of the store, not of a caller."""
    assert assertion.public_key(certificate()) == robot_key(0).public_key()
    key = generate_private_key(SECP256R1())
    from datetime import UTC, datetime

    name = x509.Name([])
    made = x509.CertificateBuilder(
        name,
        name,
        key.public_key(),
        1,
        datetime(2026, 1, 1, tzinfo=UTC),
        datetime(2027, 1, 1, tzinfo=UTC),
    ).sign(key, SHA256())
    with pytest.raises(TypeError, match="EC"):
        assertion.public_key(made.public_bytes(Encoding.PEM).decode())
