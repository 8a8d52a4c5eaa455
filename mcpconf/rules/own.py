"""Rules of the manifest's own: its policy's JSON Schemas and texts in Rego, each under its own id."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial

from mcpconf.model.base import Json
from mcpconf.model.policy import Policy
from mcpconf.rules.fitting import Check, Misfit, TooMuchError, check_of
from mcpconf.rules.frame import Evidence, Hit, Rule


def own_rules(policy: Policy) -> Iterator[Rule]:
    """One rule for each schema and each text in Rego, an error unless the policy says otherwise."""
    for name, schema in policy.schemas.items():
        title, what = (_text(schema, key) for key in ("title", "description"))
        yield Rule(
            id=name,
            title=title or "schema of the policy",
            severity="error",
            threat="configuration drift",
            owasp="MCP09:2025",
            check=partial(_unfitting, name, schema),
            what=what or f"A server that does not fit the schema `{name}` of `policy.schemas`.",
            why="The policy of the manifest asks for it.",
            example=f"policy: {{schemas: {{{name}: {{required: [owner]}}}}}} and a server without `owner`",
            fix=f"keep to it: {told}"
            if (told := what or title)
            else f"change what is named, or ask whoever wrote `policy.schemas.{name}`",
        )

    for name, text in policy.rego.items():
        yield Rule(
            id=name,
            title="rule of the policy",
            severity="error",
            threat="configuration drift",
            owasp="MCP09:2025",
            check=partial(_denied, name, text),
            what=f"A server of which `deny` of `policy.rego.{name}` says something.",
            why="The policy of the manifest asks for it.",
            example=f"policy: {{rego: {{{name}: ...}}}} with `deny contains message if {{ not input.owner }}`",
            fix=f"change what is named, or ask whoever wrote `policy.rego.{name}`",
        )


def _text(schema: Mapping[str, Json], key: str) -> str:
    return str(schema.get(key) or "").strip().rstrip(".")


def _unfitting(name: str, schema: Mapping[str, Json], evidence: Evidence) -> Iterator[Hit]:
    check = check_of(dict(schema))
    for server, value in _written(evidence):
        yield from _hits(evidence, (name, server), check, value)


def _denied(name: str, text: str, evidence: Evidence) -> Iterator[Hit]:
    """A text that cannot be evaluated says nothing in favour of a server, however grave the policy takes what it says."""
    servers = dict(_written(evidence))
    told = evidence.denied(text, [*servers.values()]) if evidence.denied is not None else _NOT_ASKED * len(servers)
    for server, messages in zip(servers, told, strict=True):
        if isinstance(messages, str):
            failed = f"`{server}` cannot be held against `{name}`: `policy.rego.{name}` {messages}"
            where, hint = evidence.where("policy", "rego", name), f"correct `policy.rego.{name}`"
            yield Hit("desired", f"server:{server}", failed, hint, where, severity="error", demanded=True)
            continue
        where = evidence.where("servers", server)
        yield from (Hit("desired", f"server:{server}", f"`{server}`: {message}", where=where) for message in messages)


_NOT_ASKED = ("is not evaluated here",)


def _written(evidence: Evidence) -> Iterator[tuple[str, Json]]:
    """The servers as somebody wrote them. Of what an earlier generation asks for nothing can be changed in a manifest."""
    if evidence.situation.rollback is not None:
        return
    for server in evidence.manifest.servers:
        written = evidence.written.get(server)
        if written is not None and server not in evidence.situation.expired:
            yield server, written.model_dump(mode="json", by_alias=True, exclude_unset=True)


def _hits(evidence: Evidence, named: tuple[str, str], check: Check, value: Json) -> Iterator[Hit]:
    schema, server = named
    try:
        found = check(value)
    except TooMuchError:
        found = (Misfit((), f"cannot be held against it: `policy.schemas.{schema}` takes too many steps"),)
    for misfit in found:
        at = ".".join(map(str, misfit.at))
        told = f"`{server}` does not fit `{schema}`: {f'`{at}` ' if at else ''}{misfit.words}"
        where = evidence.where("servers", server, *misfit.at)
        yield Hit("desired", f"server:{server}", told, where=where, evidence=at)
