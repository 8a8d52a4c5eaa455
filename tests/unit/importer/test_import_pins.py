"""Which version and which program a manifest states for a command line."""

from __future__ import annotations

import pytest

from mcpconf.importer.compose import package_of, pinned, program_of
from mcpconf.importer.found import Found
from mcpconf.model.address import Address
from mcpconf.model.entry import Entry, Value
from mcpconf.model.observed import Location, ObservedEntry, ObservedFile
from mcpconf.system.sources import bundled_rows


def found(line: str) -> Found:
    command, *args = map(Value.literal, line.split())
    entry = Entry("stdio", command, tuple(args))
    file = ObservedFile(Location("cursor", "user", "user", "", "/f", "json", write=True))
    return Found(
        ObservedEntry(Address("cursor", "user", "", "x"), entry, {}, "", file, ()), bundled_rows()["cursor"], entry
    )


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("npx -y a@1.2.0 --x", ("1.2.0", "")),
        ("npx -y -p a@1.2.0 run --x", ("1.2.0", "run")),
        ("uvx a==1.2", ("1.2", "")),
        ("uvx --from a==1.2 run", ("1.2", "run")),
        ("npx a@1.2.0", ("", None)),
        ("bunx a@1.2.0", ("", None)),
        ("npx -y a@latest", ("", None)),
        ("npx -y a", ("", None)),
        ("uvx a@1.2", ("", None)),
        ("docker run -i --rm a:1", ("", None)),
    ],
)
def test_a_version_is_stated_only_if_it_renders_the_same_command_line(line, expected):
    item = found(line)
    package = package_of(item)
    assert package is not None
    assert pinned(item, package) == expected


@pytest.mark.parametrize(
    ("line", "program"),
    [
        ("npx -y a", ""),
        ("npx a@latest", ""),
        ("npx --yes a@next", ""),
        ("uvx a@latest", ""),
        ("uvx --from a run", "run"),
        ("npx -y -p a run", "run"),
        ("bunx a", None),
        ("npx --registry x a", None),
        ("uvx --python 3.12 a", None),
    ],
)
def test_a_version_is_made_exact_only_where_the_rest_stays_the_same(line, program):
    item = found(line)
    package = package_of(item)
    assert package is not None
    assert program_of(item, package) == program


@pytest.mark.parametrize("line", ["uvx --from git+https://github.com/a/b b", "npx -y github:a/b", "node x.js"])
def test_what_a_manifest_has_no_words_for_is_a_command(line):
    assert package_of(found(line)) is None
