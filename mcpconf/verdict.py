"""The verdict that there is nothing to do, kept with all that it rests on: later it holds if the machine answers the same.

Nothing is trusted but bytes: every file is read again, and every other question asked again. An apply that wrote something
keeps the verdict; whoever only looks never writes.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from mcpconf.documents.store import Store
from mcpconf.errors import McpconfError
from mcpconf.model.plan import Plan
from mcpconf.model.residue import PlaceAnswer
from mcpconf.ports import Machine, Snapshot
from mcpconf.recording import NoAnswerError, Recording, answer, digest
from mcpconf.secrets import Scrubber

if TYPE_CHECKING:
    from mcpconf.reconcile.gone import Gone

NAME = "verdict"
_SEAL_LENGTH = 64


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan, and what keeps this machine's secrets out of everything printed about it.

    `hidden` are values of variables and headers that need not look like secrets and still are nobody's business.
    `looked_at` are the files of hosts, there or not, and the folder of the state; `layers` the files of the manifest.
    `gone` is what was taken away and is not known to be absent, `places` tell where else that was looked for.
    """

    plan: Plan
    scrubber: Scrubber
    hidden: frozenset[str] = frozenset()
    looked_at: frozenset[str] = frozenset()
    layers: tuple[str, ...] = ()
    places: tuple[PlaceAnswer, ...] = ()
    gone: tuple[Gone, ...] = ()


def keep(machine: Machine, manifest: str, plan: Callable[[Machine], Planned]) -> None:
    """Plan once more, and remember the plan if there is nothing to do. What goes wrong costs later runs time, no more."""
    store = Store.of(machine)
    key = store.key()
    with suppress(McpconfError, NoAnswerError, OSError):
        recording = Recording(machine)
        planned = plan(recording.recorded)
        told = planned.plan.model_dump_json()
        clean = planned.scrubber.scrub(told) == told and Plan.model_validate_json(told) == planned.plan
        certain = not recording.unanswered and bool(recording.ask(("documents", "program")))
        if key and clean and certain and _nothing_to_do(planned.plan):
            questions = [*recording.answers]
            answers = digest(key, questions, recording.answers.__getitem__)
            known = {"manifest": manifest, "questions": questions, "answers": answers, "plan": told}
            body = json.dumps(known).encode()
            store.write(NAME, _seal(key, body) + b"\n" + body)


def recall(machine: Machine, manifest: str) -> Planned | None:
    """The plan of this machine, and no more, if it is known and nothing that it rests on is different. Writes nothing."""
    machine = replace(machine, files=machine.files.still())
    store = Store.of(machine)
    key, found = store.key(), machine.files.read(store.path(NAME))
    if key is None or not isinstance(found, Snapshot):
        return None
    seal, body = found.data[:_SEAL_LENGTH], found.data[_SEAL_LENGTH + 1 :]
    if not hmac.compare_digest(seal, _seal(key, body)):
        return None
    known = json.loads(body)
    questions = [tuple(question) for question in known["questions"]]
    if (
        known["manifest"] != manifest
        or digest(key, questions, lambda asked: answer(machine, asked)) != known["answers"]
    ):
        return None
    return Planned(Plan.model_validate_json(known["plan"]), Scrubber(()))


def _nothing_to_do(plan: Plan) -> bool:
    return not plan.changes and plan.complete and not plan.exit_code and not plan.detailed_exit_code


def _seal(key: bytes, body: bytes) -> bytes:
    return hmac.new(key, b"mcpconf verdict 1\0" + body, "sha256").hexdigest().encode()
