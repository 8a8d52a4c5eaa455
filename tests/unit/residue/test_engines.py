"""What engines of containers keep of an image that is gone."""

import subprocess
from dataclasses import replace

import pytest

from mcpconf.canonical import digest
from mcpconf.model.observed import Observed
from mcpconf.model.process import Contained
from mcpconf.reconcile.gone import Gone
from mcpconf.residue import engines as place
from mcpconf.residue.looking import Looked, Surroundings
from mcpconf.system import engines
from mcpconf.system.facts import rooted_machine
from mcpconf.system.processes import OwnProcesses
from tests.world import World

NONE: frozenset[str] = frozenset()
FILES = Gone("oci:ghcr.io/x/files", "cursor/user/files", NONE, NONE, NONE)


class Engine:
    def __init__(self, kept):
        self._kept = kept

    def contained(self):
        return self._kept


def look(tmp_path, kept, *gone: Gone) -> Looked:
    machine = replace(rooted_machine(str(World(tmp_path).root)), processes=Engine(kept))
    return place.look(Surroundings(machine, {}, Observed(), lambda words: digest([*words])), gone)


def test_a_container_and_an_image_are_found_and_another_of_its_name_is_not(tmp_path):
    kept = (
        Contained("docker", "container", "mine", "ghcr.io/x/files:1.0.0", "exited", ("files-data",)),
        Contained("podman", "container", "files", "ghcr.io/y/files:1.0.0", "running"),
        Contained("docker", "image", "sha256:aa", "ghcr.io/x/files:1.0.0"),
        Contained("docker", "image", "sha256:bb", "docker.io/x/files:1.0.0"),
        Contained("docker", "image", "sha256:cc", ""),
    )
    container, image = look(tmp_path, kept, FILES).found
    assert container.where == "docker container mine"
    assert container.instruction == "`docker container rm --force --volumes mine`, then `docker volume rm files-data`"
    assert (
        container.message
        == "`oci:ghcr.io/x/files` is still a container, `mine`, exited, with what it keeps in `files-data`"
    )
    assert (image.where, image.severity) == ("docker image sha256:aa", "low")
    assert image.instruction == "`docker image rm ghcr.io/x/files:1.0.0`"


def test_no_engine_is_asked_for_what_was_no_image(tmp_path):
    class Refuses:
        def contained(self):
            raise AssertionError

    machine = replace(rooted_machine(str(World(tmp_path).root)), processes=Refuses())
    around = Surroundings(machine, {}, Observed(), lambda words: digest([*words]))
    looked = place.look(around, (replace(FILES, identity="npm:files"),))
    assert looked == Looked(skipped="nothing that is gone was an image")


def test_where_no_engine_answers_that_is_said(tmp_path):
    assert look(tmp_path, None, FILES).skipped == "no engine of containers answers here"


def engine(monkeypatch, answers: dict[str, bytes]):
    def run(argv, **_more):
        program, kind = argv[0].rpartition("/")[2], argv[1]
        if program not in answers:
            raise subprocess.CalledProcessError(1, argv)
        parts = answers[program].split(b"\n--\n")
        return subprocess.CompletedProcess(argv, 0, parts[0] if kind == "container" else parts[1], b"")

    monkeypatch.setattr(subprocess, "run", run)
    monkeypatch.setattr(engines.shutil, "which", lambda name: f"/usr/bin/{name}")


def test_engines_are_asked_by_their_programs(monkeypatch):
    docker = b"mine\tx/files:1\texited\ta,/srv,b\nother\tx/others\trunning\t\n--\nsha256:aa\tx/files:1\nsha256:bb\t<none>:<none>\n"
    engine(monkeypatch, {"docker": docker, "podman": b"p,q\tdocker.io/x/files:1\tcreated\t[v w]\n--\n"})
    assert OwnProcesses(real=True).contained() == (
        Contained("docker", "container", "mine", "x/files:1", "exited", ("a", "b")),
        Contained("docker", "container", "other", "x/others", "running"),
        Contained("docker", "image", "sha256:aa", "x/files:1"),
        Contained("docker", "image", "sha256:bb", "<none>"),
        Contained("podman", "container", "p", "docker.io/x/files:1", "created", ("v", "w")),
    )


@pytest.mark.parametrize("real", [True, False])
def test_an_engine_that_may_not_be_asked_is_none(monkeypatch, real):
    engine(monkeypatch, {})
    assert OwnProcesses(real=real).contained() is None
