"""The `filter` of ListTunedModels: free text and `owner:me`, `writers:me`, `readers:me|everyone`.

Source: the documentation of `ListTunedModelsRequest.filter`, as gemini-api.md section 5 sums it up.
It leaves open what is decided here, all of it our inference: terms are joined by AND; a role's
operator finds the stronger roles too, since roles are concentric; what reaches a caller only
through EVERYONE is left out unless `readers:everyone` asks for it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from gemauth.google.gemini import refusals
from gemauth.google.gemini.method import Role

__all__ = ["Filter", "parse"]

_TERM = re.compile(r'"([^"]*)"|(\S+)')
_OWN_ROLE = {"owner:me": Role.OWNER, "writers:me": Role.WRITER, "readers:me": Role.READER}
_EVERYONE = "readers:everyone"
_OPERATORS = ("owner", "writers", "readers")


@dataclass(frozen=True, slots=True)
class Filter:
    """A parsed filter: what a model's text must contain, and what its permissions must give.

    Args:
        texts: in lower case; each must stand in the display name or the description.
        own_role: the least role that the caller must have by grants of its own.
        everyone: whether the model must be shared with everyone.
    """

    texts: tuple[str, ...] = ()
    own_role: Role = Role.READER
    everyone: bool = False

    def accepts(self, text: str, own_role: Role, *, everyone: bool) -> bool:
        """Whether a model fits.

        Args:
            text: its display name and description.
            own_role: the caller's role without what everyone may do.
            everyone: whether it is shared with everyone.
        """
        if own_role < self.own_role or (self.everyone and not everyone):
            return False
        text = text.lower()
        return all(part in text for part in self.texts)


def parse(text: str) -> Filter:
    """Return the meaning of a filter; an empty one lists what was shared with the caller.

    Raises:
        StatusError: INVALID_ARGUMENT, for a role's operator about somebody else than the caller.
    """
    texts = []
    roles = []
    everyone = False
    for quoted, word in _TERM.findall(text):
        operator = word.lower()
        if operator in _OWN_ROLE:
            roles.append(_OWN_ROLE[operator])
        elif operator == _EVERYONE:
            everyone = True
        elif operator.partition(":")[0] in _OPERATORS and ":" in operator:
            raise refusals.invalid_field(
                "ListTunedModelsRequest",
                "filter",
                f"{word} is none of owner:me, writers:me, readers:me and readers:everyone",
            )
        else:
            texts.append((quoted or word).lower())
    least = Role.NONE if everyone else Role.READER
    return Filter(tuple(texts), max(roles, default=least), everyone)
