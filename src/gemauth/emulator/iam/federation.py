"""Who an external token's holder is: a provider's attribute mapping and condition, applied.

Limits and forms are those of the IAM API's WorkloadIdentityPoolProvider (`attributeMapping`,
`attributeCondition`). That a custom attribute without a value is left out, while `google.subject`
must have one, is our reading: the API's documentation says nothing of it. Checked by
`cloud/workload_providers.py` when a provider is kept, applied by `authserver/token_exchange.py`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from gemauth.emulator.iam.expression import (
    EvaluationError,
    Expression,
    ExpressionError,
    parse,
)
from gemauth.errors import RefusedError
from gemauth.google.workload_identity import ATTRIBUTE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gemauth.emulator.storage.records import WorkloadProvider

__all__ = ["Attributes", "NotFederated", "Problem", "check", "identify"]

SUBJECT, GROUPS, CUSTOM = "google.subject", "google.groups", "attribute."
MOST_ATTRIBUTES = 50
LONGEST_EXPRESSION = 2048  # characters
LONGEST_CONDITION = 4096  # characters
LONGEST_SUBJECT = 127  # bytes
LARGEST = 8 * 1024  # bytes of all mapped attributes
_KEY = re.compile(rf"google\.(subject|groups)|attribute\.{ATTRIBUTE}")


class Problem(Enum):
    """Why nobody comes out of a token's claims."""

    NO_SUBJECT = "google.subject has no value"
    LONG_SUBJECT = f"google.subject has more than {LONGEST_SUBJECT} bytes"
    LARGE = f"the mapped attributes have more than {LARGEST} bytes"
    CONDITION = "the attribute condition is not met"


class NotFederated(RefusedError):  # noqa: N818  # a refusal for the token endpoint to word
    """A token that was proved makes nobody: the mapping or the condition refuses its claims."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(f"The token makes nobody: {problem.value}.")
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Attributes:
    """Google's attributes of an external identity; `custom` names are without `attribute.`."""

    subject: str
    groups: tuple[str, ...]
    custom: Mapping[str, str]


def check(mapping: Mapping[str, str], condition: str) -> None:
    """Check that a mapping and a condition can be applied.

    Raises:
        ExpressionError: a key or an expression is out of form, or not known to the emulator.
    """
    if SUBJECT not in mapping:
        raise ExpressionError("The attribute mapping must include google.subject.")
    if len(mapping) > MOST_ATTRIBUTES + len((SUBJECT, GROUPS)):
        raise ExpressionError(f"There may be at most {MOST_ATTRIBUTES} custom attributes.")
    for key, text in mapping.items():
        if _KEY.fullmatch(key) is None:
            raise ExpressionError(
                f"{key!r} is no attribute: google.subject, google.groups and attribute.NAME are, "
                "with a NAME of at most 100 lowercase letters, digits and underscores."
            )
        if len(text) > LONGEST_EXPRESSION:
            raise ExpressionError(f"{key} has more than {LONGEST_EXPRESSION} characters.")
        _mapped(text)
    if len(condition) > LONGEST_CONDITION:
        raise ExpressionError(
            f"The attribute condition has more than {LONGEST_CONDITION} characters."
        )
    if condition:
        _conditional(condition)


def identify(provider: WorkloadProvider, claims: Mapping[str, Any]) -> Attributes:
    """Return who a token's claims make its holder.

    Raises:
        NotFederated: nobody.
    """
    values = {key: _value(text, claims) for key, text in provider.attribute_mapping.items()}
    subject = _name(values.get(SUBJECT))
    if subject is None:
        raise NotFederated(Problem.NO_SUBJECT)
    if len(subject.encode()) > LONGEST_SUBJECT:
        raise NotFederated(Problem.LONG_SUBJECT)
    groups = values.get(GROUPS)
    attributes = Attributes(
        subject,
        tuple(group for group in groups if _name(group)) if isinstance(groups, list) else (),
        {
            key.removeprefix(CUSTOM): value
            for key, value in values.items()
            if key.startswith(CUSTOM) and _name(value)
        },
    )
    size = sum(
        len(text.encode())
        for text in (subject, *attributes.groups, *attributes.custom, *attributes.custom.values())
    )
    if size > LARGEST:
        raise NotFederated(Problem.LARGE)
    if provider.attribute_condition and not _is_met(
        provider.attribute_condition, claims, attributes
    ):
        raise NotFederated(Problem.CONDITION)
    return attributes


def _value(text: str, claims: Mapping[str, Any]) -> Any:  # noqa: ANN401  # JSON
    try:
        return _mapped(text).evaluate({"assertion": claims})
    except EvaluationError:
        return None


def _is_met(condition: str, claims: Mapping[str, Any], attributes: Attributes) -> bool:
    google = {"subject": attributes.subject, "groups": list(attributes.groups)}
    variables = {"assertion": claims, "google": google, "attribute": attributes.custom}
    try:
        return _conditional(condition).evaluate(variables) is True
    except EvaluationError:
        return False


def _name(value: Any) -> str | None:  # noqa: ANN401  # JSON
    """Return a value that can be part of a principal's name, text that prints, or None."""
    return value if isinstance(value, str) and value and value.isprintable() else None


@lru_cache(maxsize=256)
def _mapped(text: str) -> Expression:
    return parse(text, ("assertion",))


@lru_cache(maxsize=64)
def _conditional(text: str) -> Expression:
    return parse(text, ("assertion", "google", "attribute"))
