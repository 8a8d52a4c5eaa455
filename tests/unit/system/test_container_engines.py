"""Engines of containers, as their programs answer."""

import pytest

from mcpconf.model.process import Contained, Engines
from mcpconf.system import engines
from mcpconf.system.processes import OwnProcesses

DOCKER = {
    "container": b"mine\tx/files:1\texited\ta,/srv,b\nother\tx/others\trunning\t\n",
    "image": b"sha256:aa\tx/files:1\nsha256:bb\t<none>:<none>\n",
}
PODMAN = {"container": b"p,q\tdocker.io/x/files:1\tcreated\t[v w]\n", "image": b""}
OF_PODMAN = Contained("podman", "container", "p", "docker.io/x/files:1", "created", ("v", "w"))


def answering(monkeypatch, answers: dict[str, dict[str, bytes]], *silent: str) -> None:
    def asked(*argv: str, seconds: float) -> bytes | None:
        return answers.get(argv[0].rpartition("/")[2], {}).get(argv[1])

    monkeypatch.setattr(engines, "asked", asked)
    there = {*answers, *silent}
    monkeypatch.setattr(engines.shutil, "which", lambda name: f"/usr/bin/{name}" if name in there else None)


def test_engines_are_asked_by_their_programs(monkeypatch):
    answering(monkeypatch, {"docker": DOCKER, "podman": PODMAN})
    assert OwnProcesses().contained() == Engines(
        (
            Contained("docker", "container", "mine", "x/files:1", "exited", ("a", "b")),
            Contained("docker", "container", "other", "x/others", "running"),
            Contained("docker", "image", "sha256:aa", "x/files:1"),
            Contained("docker", "image", "sha256:bb", "<none>"),
            OF_PODMAN,
        )
    )


@pytest.mark.parametrize("half", [{}, {"container": b""}, {"image": b""}, {**DOCKER, "image": b"x\n" * 10_001}])
def test_of_two_engines_one_is_silent(monkeypatch, half):
    answering(monkeypatch, {"docker": half, "podman": PODMAN})
    assert OwnProcesses().contained() == Engines((OF_PODMAN,), ("docker",))


def test_one_that_is_silent_is_not_none(monkeypatch):
    answering(monkeypatch, {}, "podman")
    assert OwnProcesses().contained() == Engines((), ("podman",))
    answering(monkeypatch, {})
    assert OwnProcesses().contained() is None
