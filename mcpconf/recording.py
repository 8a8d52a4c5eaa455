"""A machine that remembers what it was asked, so that somebody can ask the same again and see whether anything changed.

A plan is a function of the answers that a machine gives. Only the questions listed here can be asked of a recorded machine,
each is answered once, and all of them only look.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, TypeAlias

from mcpconf.errors import McpconfError
from mcpconf.ports import Machine

Question: TypeAlias = tuple[str, ...]
"""The port, what it is asked, and the arguments."""

QUESTIONS: Mapping[str, frozenset[str]] = {
    "files": frozenset(
        {"read", "begins", "digest", "items", "column", "names", "folders", "resolve", "exists", "mode", "tree"}
    ),
    "documents": frozenset({"manifest", "lock", "approvals", "identity", "read", "program"}),
    "history": frozenset({"origin", "past", "tracked", "ignored", "version"}),
    "clock": frozenset({"passed"}),
    "facts": frozenset({"variable", "variables", "others"}),
    "entropy": frozenset(),
    "locks": frozenset(),
    "advisories": frozenset({"about", "records"}),
    "processes": frozenset({"own", "older", "listens"}),
}


class NoAnswerError(Exception):
    """A question that was not answered, or that nobody may ask."""


def answer(machine: Machine, question: Question) -> object:
    """Raises NoAnswerError, or what the port raises."""
    port, name, *arguments = question
    if name not in QUESTIONS.get(port, ()):
        raise NoAnswerError(f"a plan does not ask `{port}.{name}`")
    asked = _FACTS[name](machine) if port == "facts" else getattr(getattr(machine, port), name)
    return asked(*arguments)


_FACTS: Mapping[str, Callable[[Machine], Callable[..., object]]] = {
    "variable": lambda machine: machine.facts.env.get,
    "variables": lambda machine: lambda: tuple(machine.facts.env),
    "others": lambda machine: lambda: replace(machine.facts, env={}),
}


def digest(key: bytes, questions: Iterable[Question], ask: Callable[[Question], object]) -> str | None:
    """Of all questions with their answers, under a key: what is digested may be secret. None if one is not answered."""
    found = hmac.new(key, b"mcpconf answers\0", "sha256")
    for question in questions:
        try:
            text = repr((question, ask(question))).encode("utf-8", "surrogatepass")
        except (NoAnswerError, McpconfError, OSError, TypeError):
            return None
        found.update(len(text).to_bytes(8, "big"))
        found.update(text)
    return found.hexdigest()


@dataclass(slots=True)
class Recording:
    """`answers` in the order in which the questions came up. `unanswered`: what raised instead, so that nothing is certain."""

    machine: Machine
    answers: dict[Question, object] = field(default_factory=dict)
    unanswered: set[Question] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.machine = replace(self.machine, files=self.machine.files.still())
        for question in (("documents", "program"), ("facts", "others")):
            self.ask(question)

    def ask(self, question: Question) -> Any:
        if question not in self.answers:
            self.unanswered.add(question)
            self.answers[question] = answer(self.machine, question)
            self.unanswered.discard(question)
        return self.answers[question]

    @property
    def recorded(self) -> Machine:
        """The machine to ask."""
        ports: dict[str, Any] = {port: _Port(self, port) for port in QUESTIONS if port != "facts"}
        return replace(self.machine, facts=replace(self.machine.facts, env=_Variables(self)), **ports)


class _Port:
    def __init__(self, recording: Recording, name: str) -> None:
        self._recording = recording
        self._name = name

    def still(self) -> _Port:
        return self

    def __getattr__(self, name: str) -> Callable[..., Any]:
        return partial(self._ask, name)

    def _ask(self, name: str, *arguments: str) -> Any:
        return self._recording.ask((self._name, name, *arguments))


class _Variables(Mapping[str, str]):
    """The environment, of which only what is asked for counts."""

    def __init__(self, recording: Recording) -> None:
        self._recording = recording

    def __getitem__(self, name: str) -> str:
        value: str | None = self._recording.ask(("facts", "variable", name))
        if value is None:
            raise KeyError(name)
        return value

    def __iter__(self) -> Iterator[str]:
        return iter(self._recording.ask(("facts", "variables")))

    def __len__(self) -> int:
        return len(self._recording.ask(("facts", "variables")))
