"""The strict loader of host rows."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from typing import get_args

from mcpconf.errors import Where, unusable
from mcpconf.hosts.calls import load_naming
from mcpconf.hosts.dialect_table import constants, read_dialect
from mcpconf.hosts.keeping import paths_of, per_system, read_store
from mcpconf.hosts.keyrings import read_keyring
from mcpconf.hosts.listed import Listed
from mcpconf.hosts.lock import HostLock
from mcpconf.hosts.patterns import conditions, element
from mcpconf.hosts.tables import Table
from mcpconf.hosts.version import VersionPlace
from mcpconf.hosts.vocabulary import (
    FIELDS,
    IN_ENTRY,
    HostFile,
    HostRow,
    Names,
    Place,
    Policy,
    References,
    Rule,
    Sandbox,
)
from mcpconf.model.address import SCOPES
from mcpconf.model.observed import Effect

__all__ = ["HostRow", "load_row"]

_FORMATS = ("json", "jsonc", "toml", "yaml")
_ONLY_READ = ("markdown", "sqlite")
_EFFECTS: tuple[str, ...] = get_args(Effect)
_STOPPED = r"(.*\})?"


def load_row(text: str, source: str) -> HostRow:
    """Read a row. Raises McpconfError (exit 1) that names the key for anything the vocabulary does not have."""
    try:
        parsed = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise unusable(f"the host row is no valid TOML: {error}", Where(source)) from None
    table = Table(parsed, source)
    base = {name: per_system(paths) for name, paths in table.tables("base").items()}
    files = {name: _file(name, item) for name, item in table.tables("file").items()}
    if not files:
        raise table.wrong("file", "a host row needs at least one file")
    row = HostRow(
        id=table.text("id", like=r"[a-z0-9][a-z0-9-]*"),
        title=table.text("title"),
        docs=table.text("docs"),
        checked=table.text("checked", like=r"\d{4}-\d\d-\d\d.*"),
        merge=table.word("merge", ("entry", "keys", "both"), "entry"),
        bad_entry=table.word("bad_entry", ("entry", "file", "host"), "entry"),
        document=constants(table.table("document", {})),
        present=table.texts("present"),
        not_read=table.texts("not_read", ()),
        base=base,
        files=files,
        places=tuple(_place(item, files) for item in table.list("place")),
        rules=tuple(_rule(item, files) for item in table.list("rule", ())),
        dialect=read_dialect(table.table("entry")),
        references=_references(table.table("refs", {})),
        names=_names(table.table("names", {})),
        calls=load_naming(table.table("calls", {})),
        windows_wrap=table.texts("windows_wrap", ()),
        sandbox=_sandbox(table.table("sandbox")) if table.is_table("sandbox") else None,
        policies=tuple(_policy(item) for item in table.list("policy", ())),
        opened=paths_of(table, "opened", ""),
        version=_version(table.table("version", {})),
        stores=tuple(read_store(item) for item in table.list("store", ())),
        keyring=read_keyring(table.table("keyring")) if table.is_table("keyring") else None,
    )
    table.done()
    _check_needs(row, table)
    _check_elements(row, table)
    _check_bases(row, table)
    return row


def _version(table: Table) -> VersionPlace:
    place = VersionPlace(table.text("npm", ""), paths_of(table, "file", ""), table.texts("at", ("version",)))
    table.done()
    return place


def _file(name: str, table: Table) -> HostFile:
    listed = _listed(table.table("listed")) if table.is_table("listed") else None
    item = HostFile(
        id=name,
        path=paths_of(table, "path", "" if listed else None),
        format=table.word("format", (*_FORMATS, *_ONLY_READ), "json"),
        scope=table.word("scope", SCOPES, "user"),
        write=table.flag("write", default=True),
        unasked=table.text("unasked", ""),
        needs=table.words("needs", _EFFECTS, ()),
        exclusive=table.flag("exclusive", default=False),
        new=table.text("new", ""),
        create=table.flag("create", default=True),
        lock=_lock(table.table("lock")) if table.is_table("lock") else None,
        listed=listed,
    )
    table.done()
    if item.write and (listed or item.format in _ONLY_READ):
        what = "that other files name" if listed else f"in `{item.format}`"
        raise table.wrong("write", f"a file {what} is only looked at: `write` must be false")
    if name == IN_ENTRY:
        raise table.wrong("", f"`{IN_ENTRY}` is no id for a file: rules use it for the entries themselves")
    return item


def _policy(table: Table) -> Policy:
    policy = Policy(
        id=table.text("id", like=r"[a-z][a-z-]*"),
        format=table.text("format", like="[a-z]+"),
        path=paths_of(table, "path"),
        syntax=table.word("syntax", _FORMATS, "json"),
        whole=table.flag("whole", default=False),
        also=constants(table.table("also", {})),
        at=table.texts("at", ()),
        exclusive=table.flag("exclusive", default=False),
        tells=table.text("tells"),
        auto=table.flag("auto", default=False),
        registry=table.flag("registry", default=False),
        lacks=table.texts("lacks", ()),
    )
    table.done()
    return policy


def _listed(table: Table) -> Listed:
    listed = Listed(table.texts("in"), table.path("at"), table.text("ends"))
    if listed.at[-1] != ("[{path}]",):
        raise table.wrong("at", "the path of what names files ends in `[{path}]`")
    table.done()
    return listed


def _lock(table: Table) -> HostLock:
    lock = HostLock(
        kind=table.word("kind", ("kernel", "folder")),
        path=paths_of(table, "path"),
        stale=table.number("stale", 0),
    )
    if (lock.kind == "folder") != (lock.stale > 0):
        raise table.wrong("stale", "a lock that is a folder is left behind after some seconds, and no other lock is")
    table.done()
    return lock


def _place(table: Table, files: Mapping[str, HostFile]) -> Place:
    place = Place(
        files=table.words("file", tuple(files)),
        at=table.path("at"),
        scope=table.word("scope", SCOPES, ""),
        accepts=table.text("accepts", ""),
        called=table.text("called", "{server}"),
        unless=table.text("unless", ""),
    )
    last = place.at[-1]
    if "{server}" in place.called and last != ("{server}",) and (len(last) != 1 or element(last[0])[1] != "{server}"):
        raise table.wrong("at", "the path of a place ends in `{server}`, or in `[key={server}]`")
    table.done()
    return place


def _rule(table: Table, files: Mapping[str, HostFile]) -> Rule:
    effect: Mapping[str, str]
    if table.is_table("effect"):
        effects = table.table("effect")
        effect = {key: effects.word(key, _EFFECTS) for key in effects.keys()}  # noqa: SIM118 - not a dict
    else:
        effect = {"": table.word("effect", _EFFECTS)}
    rule = Rule(
        effect=effect,
        files=table.words("in", (*files, IN_ENTRY)),
        at=table.path("at"),
        equals=table.scalar("is"),
        glob=frozenset(table.words("glob", ("server", "tool"), ())),
        fold=table.flag("fold", default=False),
        write=table.flag("write", default=True),
        empty=table.word("empty", ("none", "all"), "none"),
        every=table.text("all", ""),
        marked=table.flag("marked", default=True),
        of=table.words("of", SCOPES, ()),
        bypass=table.flag("bypass", default=False),
        give=table.flag("give", default=True),
    )
    table.done()
    for word in (word for step in rule.at for word in step):
        if "&" in word and not conditions(word):
            raise table.wrong("at", f"`{word}` is no list of conditions, such as `[key=text&names[]=text&!key]`")
    return rule


def _references(table: Table) -> References:
    declare = table.table("declare", {})
    references = References(
        **{key: table.text(key, "") for key in ("env", "secret", "workspace", "home")},
        default=table.text("default", "", like=_STOPPED),
        also=table.texts("also", ()),
        reserved=table.texts("reserved", ()),
        fields=table.words("fields", (*FIELDS, "oauth"), FIELDS),
        listed=table.flag("listed", default=False),
        declare=declare.text("at", ""),
        declaration=tuple((key, declare.scalar(key)) for key in declare.keys() if key != "at"),  # noqa: SIM118
    )
    declare.done()
    table.done()
    for key in ("also", "reserved"):
        for form in getattr(references, key):
            if re.search("DEFAULT|ANY", form) and not re.fullmatch(_STOPPED, form):
                raise table.wrong(key, f"`{form}` must end in a bracket: nothing else stops its text")
    return references


def _sandbox(table: Table) -> Sandbox:
    sandbox = Sandbox(lacks=table.text("lacks"))
    table.done()
    return sandbox


def _names(table: Table) -> Names:
    names = Names(
        accepts=table.regex("accepts", ".+"),
        reserved=frozenset(table.texts("reserved", ())),
        brought=table.regex("brought", "(?!)"),
        tool=table.text("tool", ""),
        drop=table.characters("drop"),
        keep=table.characters("keep"),
        lower=table.flag("lower", default=False),
        longest=int(table.number("longest", 0)),
    )
    table.done()
    return names


def _check_elements(row: HostRow, table: Table) -> None:
    for place in row.places:
        key = element(place.at[-1][0])[0]
        if key and row.dialect.fixed.get(key) != "{server}":
            raise table.wrong("entry.fixed", f"`{key}` must be `{{server}}`: a place finds servers by it")


def _check_needs(row: HostRow, table: Table) -> None:
    given = {effect for rule in row.rules for effect in rule.effect.values()}
    for file in row.files.values():
        for need in file.needs:
            if need not in given:
                raise table.wrong(f"file.{file.id}.needs", f"no rule of this row gives `{need}`")


def _check_bases(row: HostRow, table: Table) -> None:
    later = set(row.base)
    for name, paths in row.base.items():
        for path in paths.values():
            for other in later:
                if f"{{{other}}}" in path:
                    raise table.wrong(f"base.{name}", f"`{{{other}}}` must be given before it is used")
        later.remove(name)
