"""Markers mean the same however they are written; one byte more, less or other in an installation is named."""

import base64
import hashlib
import string
import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from packaging.markers import Marker

from mcpconf.artifacts import pypi_check
from mcpconf.artifacts.pypi_pylock import plain_marker, preferences
from mcpconf.model.lock import Component
from mcpconf.system.files import MachineFiles
from mcpconf.system.paths import Resolver

FILES = MachineFiles(Resolver(""), {})
SITE = "lib/python3.12/site-packages"

clauses = st.sampled_from(
    [
        "python_full_version >= '3.10'",
        "python_full_version >= '3.12'",
        "python_full_version < '3.12'",
        "python_full_version == '3.10.*'",
        "sys_platform == 'win32'",
        "sys_platform != 'win32'",
        "platform_python_implementation != 'PyPy'",
    ]
)
conjunctions = st.lists(clauses, min_size=1, max_size=4).map(" and ".join)
markers = st.lists(
    st.one_of(conjunctions, st.builds("({} or {}) and {}".format, clauses, clauses, conjunctions)),
    min_size=1,
    max_size=3,
).map(" or ".join)
environments = st.fixed_dictionaries(
    {
        "python_full_version": st.sampled_from(["3.10.0", "3.10.14", "3.11.9", "3.12.1", "3.15.0"]),
        "sys_platform": st.sampled_from(["win32", "linux", "darwin"]),
        "platform_python_implementation": st.sampled_from(["CPython", "PyPy"]),
    }
)


@given(markers, environments)
def test_a_plain_marker_means_the_same(marker: str, environment: dict[str, str]) -> None:
    plain = plain_marker(marker, ">=3.10")
    meant = not plain or Marker(plain).evaluate(environment)
    assert meant == Marker(marker).evaluate(environment)
    assert plain_marker(plain, ">=3.10") == plain


@given(st.text(max_size=40), st.text('1.\x7f\\"', max_size=20), markers)
def test_preferences_are_always_a_document(name: str, version: str, marker: str) -> None:
    import tomllib

    text = preferences({"a": Component.model_construct(name=name, version=version, marker=marker)})
    (package,) = tomllib.loads(text)["packages"]
    assert package == {"name": name, "version": version, "marker": marker}


names = st.text(string.ascii_lowercase, min_size=1, max_size=6).map("{}.py".format)
contents = st.dictionaries(names, st.binary(max_size=30), min_size=1, max_size=4)


def installed(folder: Path, files: dict[str, bytes]) -> None:
    """`demo` as an installer leaves it."""
    info = "demo-1.0.dist-info"
    whole = {f"demo/{name}": data for name, data in files.items()} | {f"{info}/METADATA": b"Name: demo\nVersion: 1.0\n"}
    lines = [f"{name},sha256={_base64(data)},{len(data)}" for name, data in whole.items()]
    whole[f"{info}/RECORD"] = "\n".join([*lines, f"{info}/RECORD,,"]).encode()
    for name, data in whole.items():
        path = folder / SITE / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()


@given(contents, st.data())
def test_any_other_byte_is_named(files: dict[str, bytes], data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        installed(folder, files)
        assert pypi_check.cleared_and_checked(place, {}, {"demo": "1.0"}, FILES) is None
        name = data.draw(st.sampled_from(sorted(files)))
        path = folder / SITE / "demo" / name
        match data.draw(st.sampled_from(["other", "more", "gone", "link"])):
            case "other":
                path.write_bytes(path.read_bytes() + b"x")
            case "more":
                path = path.with_name("added.so")
                path.write_bytes(b"")
            case "gone":
                path.unlink()
            case "link":
                path.unlink()
                path.symlink_to("/etc/passwd")
        problem = pypi_check.cleared_and_checked(place, {}, {"demo": "1.0"}, FILES)
        assert problem is not None
        assert (problem.kind, f"{SITE}/demo/{path.name}" in problem.message) == ("hash", True)


@given(st.dictionaries(st.sampled_from(["demo", "dep", "more"]), st.sampled_from(["1.0", "2.0"]), max_size=3))
def test_no_other_package_than_expected(expected: dict[str, str]) -> None:
    with tempfile.TemporaryDirectory() as place:
        installed(Path(place), {"a.py": b""})
        problem = pypi_check.cleared_and_checked(place, {}, expected, FILES)
        assert (problem is None) == (expected == {"demo": "1.0"})
