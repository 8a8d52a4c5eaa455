"""Labels of the real machine: the administrator's file wins, and only if root alone may write it."""

import os

import pytest

from mcpconf.errors import McpconfError
from mcpconf.ports import Facts
from mcpconf.system.labels import told


def facts(tmp_path, system="linux"):
    return Facts(os=system, home=str(tmp_path), user="dev", id="", env={"XDG_CONFIG_HOME": f"{tmp_path}/config"})


def write(path, text="labels: [mine]"):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return str(path)


def test_nothing_is_said(tmp_path):
    assert told(facts(tmp_path), f"{tmp_path}/none.yaml") == facts(tmp_path)


@pytest.mark.parametrize(
    ("system", "place"),
    [
        ("linux", "config/mcpconf/machine.yaml"),
        ("macos", "Library/Application Support/mcpconf/machine.yaml"),
        ("windows", "AppData/Roaming/mcpconf/machine.yaml"),
    ],
)
def test_the_user_says(tmp_path, system, place):
    write(tmp_path / place)
    assert told(facts(tmp_path, system), f"{tmp_path}/none.yaml").labels == ("mine",)


@pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="only root can give a file to root")
def test_the_administrator_wins(tmp_path):
    write(tmp_path / "config/mcpconf/machine.yaml")
    assert told(facts(tmp_path), write(tmp_path / "etc.yaml", "labels: [theirs]")).labels == ("theirs",)


def test_a_file_that_others_may_write_is_not_believed(tmp_path):
    path = write(tmp_path / "etc.yaml")
    (tmp_path / "etc.yaml").chmod(0o666)
    with pytest.raises(McpconfError, match="others than root may write it"):
        told(facts(tmp_path), path)


def test_a_mistake_is_told_with_its_line(tmp_path):
    path = write(tmp_path / "config/mcpconf/machine.yaml", "lables: [a]")
    with pytest.raises(McpconfError) as caught:
        told(facts(tmp_path), f"{tmp_path}/none.yaml")
    [problem] = caught.value.problems
    assert (str(problem.where), problem.hint) == (f"{path}:1:1", "did you mean `labels`?")
