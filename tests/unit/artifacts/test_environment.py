"""Which variables open the way for other code, on which system, in which letters."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcpconf.artifacts.environment import OPENINGS, reopening

NAMED = sorted(name for opening in OPENINGS for name in opening.names)


@pytest.mark.parametrize(
    "name",
    [
        *[
            "NODE_OPTIONS",
            "NODE_PATH",
            "PYTHONPATH",
            "PYTHONSTARTUP",
            "PYTHONHOME",
            "LD_PRELOAD",
            "LD_LIBRARY_PATH",
            "LD_AUDIT",
        ],
        *[
            "DYLD_INSERT_LIBRARIES",
            "npm_config_registry",
            "NPM_CONFIG_REGISTRY",
            "Npm_Config_x",
            "UV_INDEX_URL",
            "PIP_INDEX_URL",
        ],
        *["BASH_ENV", "BASH_FUNC_ls%%", "DOTNET_STARTUP_HOOKS", "RUBYOPT"],
    ],
)
def test_names_that_open_the_way(name: str):
    (found,) = reopening([name, "LOG_LEVEL"], "linux").items()
    assert found[0] == name
    assert found[1].source.startswith("https://")


@pytest.mark.parametrize(
    "name",
    [
        *[
            "PATH",
            "HOME",
            "NODE_ENV",
            "NODE_EXTRA_CA_CERTS",
            "PYTHONUNBUFFERED",
            "PYTHONIOENCODING",
            "PYTHONUTF8",
            "UVX_TOKEN",
            "PIPE",
        ],
        *[
            "ENV",
            "ENVIRONMENT",
            "LDAP_URL",
            "npm_token",
            "node_options",
            "ld_preload",
            "Uv_Index",
            "ALL_PROXY",
            "GITHUB_TOKEN",
        ],
    ],
)
def test_names_that_do_not(name: str):
    assert reopening([name], "linux") == {}


def test_on_windows_letters_make_no_difference():
    names = ["node_options", "PythonPath", "uv_index_url", "Path"]
    assert list(reopening(names, "windows")) == ["PythonPath", "node_options", "uv_index_url"]
    assert reopening(names, "macos") == {}


def test_each_is_said_once_with_a_sentence_and_a_source():
    assert len(NAMED) == len(set(NAMED))
    for opening in OPENINGS:
        assert opening.reason[0].islower()
        assert not opening.reason.endswith(".")
        assert opening.source.startswith("https://")


@given(st.sampled_from(NAMED), st.text(max_size=8), st.sampled_from(["linux", "macos", "windows"]))
def test_a_beginning_stands_for_all_that_begin_so_and_a_name_for_itself(name: str, rest: str, os: str):
    if name.endswith("*"):
        assert reopening([name[:-1] + rest], os)
    else:
        assert reopening([name], os)


@given(st.text(max_size=20))
def test_what_is_refused_anywhere_is_refused_on_windows(name: str):
    if reopening([name], "linux"):
        assert reopening([name], "windows")
