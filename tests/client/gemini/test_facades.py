from __future__ import annotations

import pytest

from tools.facades import generate, render

FILES = generate()


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.name))
def test_the_classes_are_those_of_the_flows(path: object) -> None:
    """Sync and async cannot drift apart: both are written from the flows (`make facades`)."""
    found = {file: content for file, content in FILES.items() if file == path}
    for file, content in found.items():
        assert file.read_bytes() == content, "run: make facades"


def test_what_a_flow_returns_decides() -> None:
    """A result is returned or awaited, a list is iterated; parameters and texts stay."""
    source = '''
from gemauth.flow import Flow
class Things(Family):
    """Things."""
    def get(self, name: str, *, deep: bool = False) -> Flow[int]:
        """Return one."""
    def list(self) -> Pages[str]:
        """Yield all."""
'''
    written = render("things", source)
    assert "class Things(SyncFamily[flows.Things])" in written
    assert "async def get(" in written
    assert "self._run(self._do.get(name, deep=deep))" in written
    assert ") -> AsyncIterator[str]:" in written
    assert written.count("Return one.") == 2


def test_a_method_that_returns_something_else() -> None:
    """The tool refuses it by name."""
    with pytest.raises(ValueError, match="get returns none of Flow"):
        render("things", 'class Things:\n    """T."""\n    def get(self) -> int:\n        """G."""')
