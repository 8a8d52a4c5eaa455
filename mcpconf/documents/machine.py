"""`machine.yaml`: the facts of a machine that a folder stands for."""

from __future__ import annotations

import re
from typing import Annotated, Literal, TypeAlias, TypeVar

from pydantic import BeforeValidator, ConfigDict, WithJsonSchema, model_validator

from mcpconf.documents.checking import check
from mcpconf.formats import yaml
from mcpconf.model.base import Document
from mcpconf.model.trust import Trust
from mcpconf.model.written import Boolean, Fault, RefusedError, Sentence, Texts, refused, shape

D = TypeVar("D", bound=Document)

_MODE = re.compile("0?[0-7]{3}")
_PID = re.compile("[1-9][0-9]{0,9}")
_MOMENT = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")


def _mode(value: object) -> object:
    if isinstance(value, str) and _MODE.fullmatch(value):
        return value
    raise refused(f"must be a file mode such as `0600`, not {shape(value)}")


Mode: TypeAlias = Annotated[
    str, BeforeValidator(_mode), WithJsonSchema({"type": ["string", "integer"], "pattern": f"^{_MODE.pattern}$"})
]
PlainText: TypeAlias = Annotated[str, WithJsonSchema({"type": ["string", "number", "boolean"]})]


def _pid(value: object) -> object:
    if isinstance(value, str) and _PID.fullmatch(value):
        return int(value)
    raise refused(f"must be the number of a process, not {shape(value)}")


def _moment(value: object) -> object:
    if isinstance(value, str) and _MOMENT.fullmatch(value):
        return value
    raise refused(f"must be a moment such as `2026-11-20T18:31:02Z`, not {shape(value)}")


Pid: TypeAlias = Annotated[int, BeforeValidator(_pid), WithJsonSchema({"type": "integer", "minimum": 1})]
Moment: TypeAlias = Annotated[
    str, BeforeValidator(_moment), WithJsonSchema({"type": "string", "pattern": f"^{_MOMENT.pattern}$"})
]


class RunningProcess(Document):
    """`started` in UTC, `variables` by their names, `listens` as in `127.0.0.1:8080`."""

    pid: Pid
    argv: Texts
    started: Moment
    variables: Texts = ()
    listens: Texts = ()


class KeptContainer(Document):
    """`state` in the words of its engine, `volumes` by their names."""

    name: Sentence
    image: Sentence
    state: Sentence = ""
    volumes: Texts = ()


class KeptImage(Document):
    """`name` is that of a repository, with a tag: `docker.io/mcp/files:1.0`."""

    id: Sentence
    name: Sentence


class ContainerEngine(Document):
    """One that is installed. `answers: false` is one that says nothing."""

    answers: Boolean = True
    containers: tuple[KeptContainer, ...] = ()
    images: tuple[KeptImage, ...] = ()


class KeptSignIn(Document):
    """An item of the system's keyring, by what it is called."""

    service: Sentence
    account: Sentence


class MachineFacts(Document):
    """Paths are the machine's own, with `/`. `modes` and `owners` say what git keeps nowhere: path to `0600`, to a user.

    `processes` are those that the user had when the folder was made, `engines` what kept containers for the user, `variables`
    the names of those that every program was given by the session, or by the registry of Windows for the user or all,
    `keyring` what items of the keyring were called.
    """

    model_config = ConfigDict(title="facts of a machine")

    os: Literal["linux", "macos", "windows"]
    home: Sentence
    user: Sentence
    labels: Texts = ()
    env: dict[str, PlainText] = {}
    modes: dict[str, Mode] = {}
    owners: dict[str, Sentence] = {}
    trust: Trust = Trust()
    processes: tuple[RunningProcess, ...] = ()
    engines: dict[Literal["docker", "podman"], ContainerEngine] = {}
    variables: dict[Literal["session", "user", "machine"], Texts] = {}
    keyring: tuple[KeptSignIn, ...] = ()

    @model_validator(mode="after")
    def _check(self) -> MachineFacts:
        pattern, example = ("[A-Za-z]:/.*", "C:/Users/dev") if self.os == "windows" else ("/.*", "/home/dev")
        if not re.fullmatch(pattern, self.home) or "\\" in self.home:
            raise RefusedError(
                Fault(f"must be an absolute path such as `{example}`", "write `/` between folders", ("home",))
            )
        return self


class MachineLabels(Document):
    """What a real machine is told about itself; everything else it knows."""

    labels: Texts = ()
    trust: Trust = Trust()


def load_machine(data: bytes | str, file: str) -> MachineFacts:
    """Raises McpconfError (exit 1) with every problem."""
    return _load(MachineFacts, data, file)


def load_labels(data: bytes | str, file: str) -> MachineLabels:
    """Raises McpconfError (exit 1) with every problem."""
    return _load(MachineLabels, data, file)


def _load(model: type[D], data: bytes | str, file: str) -> D:
    tree = yaml.read(data, file)
    said = tree.value
    if isinstance(said, dict):
        said = {key: section for key, section in said.items() if section is not None}
    return check(model, {} if said is None else said, tree, file)
