"""What a wheel says in its description, read with the uv that the tests bring."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mcpconf.authoring.registry_links import back_link
from mcpconf.authoring.registry_offers import Offer
from mcpconf.model.finding import Finding
from mcpconf.model.registry import RegistryPackage
from mcpconf.workshop import Workshop
from tests.pypi_index import Index, at_home, serving, source, wheel

NAME = "com.example/tables"


@pytest.fixture
def index() -> Iterator[Index]:
    with serving(Index()) as found:
        yield found


@pytest.fixture
def shop(index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workshop:
    return at_home(tmp_path / "home", index, monkeypatch)


def linked(shop: Workshop) -> Finding | str:
    package = RegistryPackage(registry_type="pypi", identifier="tables-mcp", version="1.2.0")
    return back_link(Offer("pypi", "pypi:tables-mcp", "1.2.0", package=package), NAME, shop)


def described(text: str) -> tuple[str, bytes]:
    return wheel("tables-mcp", "1.2.0", headers=f"Description-Content-Type: text/markdown\n\n{text}")


def test_a_wheel_that_names_its_document(shop: Workshop, index: Index) -> None:
    index.add(described(f"# Tables\n<!-- mcp-name: {NAME} -->\n"))
    assert linked(shop) == ""


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (f"mcp-name: {NAME}-evil", f"names `{NAME}-evil`"),
        ("mcp-name: com.example/other", "names `com.example/other`"),
        ("", "names none"),
    ],
)
def test_a_wheel_that_does_not(shop: Workshop, index: Index, text: str, says: str) -> None:
    index.add(described(text))
    found = linked(shop)
    assert isinstance(found, Finding)
    assert found.message.endswith(f"the `mcp-name:` in its description {says}")


def test_nothing_is_built_to_find_out(shop: Workshop, index: Index, tmp_path: Path) -> None:
    mark = tmp_path / "built"
    index.add(source("tables-mcp", "1.2.0", mark))
    assert str(linked(shop)).startswith("not checked whether `pypi:tables-mcp` `1.2.0` names `com.example/tables`")
    assert not mark.exists()


def test_a_package_that_is_not_there(shop: Workshop) -> None:
    found = linked(shop)
    assert isinstance(found, Finding)
    assert "which is not there: `tables-mcp` does not exist in the package index" in found.message
