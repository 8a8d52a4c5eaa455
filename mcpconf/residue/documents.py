"""Documents of other programs that may name what is gone: what of them starts, allows or describes it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from mcpconf.errors import Problem
from mcpconf.formats.base import pointer
from mcpconf.model.base import Json
from mcpconf.model.residue import Severity
from mcpconf.packages import recognise, url_identity
from mcpconf.reconcile.gone import Gone
from mcpconf.residue.looking import At, Leftover, Looked, Surroundings, maps, parsed, plain, read, spoken_of


class Document(NamedTuple):
    """A file, the project that it may not lead out of, and its format."""

    path: str
    within: str = ""
    notation: str = "json"


class Said(NamedTuple):
    """Something that a document names, by what it is and how it is started, and where in the document."""

    at: At
    identity: str
    argv: tuple[str, ...] = ()


class Found(NamedTuple):
    """Something that is gone and that a document still names. `where` is the file with the pointer into it."""

    gone: Gone
    document: Document
    value: Json
    at: At

    @property
    def where(self) -> str:
        return f"{self.document.path}#{pointer(self.at)}" if self.at else self.document.path


class Told(NamedTuple):
    message: str
    instruction: str
    severity: Severity


def named_in(
    around: Surroundings,
    gone: Sequence[Gone],
    documents: Iterable[Document],
    said: Callable[[Json], Iterable[Said]],
    tell: Callable[[Found], Told],
) -> Looked:
    """Documents that cannot be read may name anything; those without a telling word are not understood at all."""
    found: list[Leftover] = []
    problems: list[Problem] = []
    for document in documents:
        text = read(around, document.path, document.within)
        value = (
            parsed(text, document.notation, document.path) if isinstance(text, str) and spoken_of(text, gone) else text
        )
        if isinstance(value, Problem):
            problems.append(value)
        elif isinstance(value, dict | list):
            found += _in_value(around, gone, Found(gone[0], document, value, ()), said, tell)
    return Looked(tuple(found), tuple(problems))


def _in_value(
    around: Surroundings,
    gone: Sequence[Gone],
    found: Found,
    said: Callable[[Json], Iterable[Said]],
    tell: Callable[[Found], Told],
) -> Iterator[Leftover]:
    for item in said(found.value):
        means = next((each for each in gone if each.is_it(item.identity, around.digest_of(item.argv))), None)
        if item.identity and means is not None:
            here = found._replace(gone=means, at=item.at)
            told = tell(here)
            yield Leftover(means, here.where, told.message, told.instruction, told.severity)


def launches(value: Json) -> Iterator[Said]:
    """Entries as most hosts spell them, at any depth."""
    for at, node in maps(value):
        identity, argv = plain(node)
        if identity:
            yield Said(at, identity, argv)


def images(value: Json) -> Iterator[Said]:
    """Images of containers, at any depth."""
    for at, node in maps(value):
        image = node.get("image")
        if isinstance(image, str) and image:
            yield Said((*at, "image"), recognise(["docker", "run", image]).identity)


def address(text: str) -> str:
    """The identity of an address; "" for what is none."""
    return url_identity(text) if text.startswith(("https://", "http://")) else ""
