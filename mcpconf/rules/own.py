"""Rules of the manifest's own: its policy's JSON Schemas, each under its own id."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial

from mcpconf.model.base import Json
from mcpconf.model.policy import Policy
from mcpconf.rules.fitting import Check, Misfit, TooMuchError, check_of
from mcpconf.rules.frame import Evidence, Hit, Rule


def own_rules(policy: Policy) -> Iterator[Rule]:
    """One rule for each schema, an error unless the policy says otherwise."""
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


def _text(schema: Mapping[str, Json], key: str) -> str:
    return str(schema.get(key) or "").strip().rstrip(".")


def _unfitting(name: str, schema: Mapping[str, Json], evidence: Evidence) -> Iterator[Hit]:
    """Of what an earlier generation asks for nothing can be changed in a manifest."""
    if evidence.situation.rollback is not None:
        return
    check = check_of(dict(schema))
    for server in evidence.manifest.servers:
        written = evidence.written.get(server)
        if written is not None and server not in evidence.situation.expired:
            value: Json = written.model_dump(mode="json", by_alias=True, exclude_unset=True)
            yield from _hits(evidence, (name, server), check, value)


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
