"""Laws of adding by a registry's document: a server that loads or a reason why not, and never a secret in clear."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mcpconf.authoring.registry import KINDS, Request, choose, portable
from mcpconf.authoring.registry_doubts import judged
from mcpconf.authoring.registry_inputs import Said
from mcpconf.authoring.registry_reading import Page, listing, page
from mcpconf.documents.editing import with_server
from mcpconf.documents.manifest import load_manifest
from mcpconf.errors import McpconfError, Problem
from mcpconf.model.registry import Listing
from mcpconf.secrets import looks_secret
from tests.laws.registry_documents import SECRETS, documents, json_values, old

EMPTY = b"mcpconf: 1\nservers: {}\nhosts: {}\n"
SAYS = st.one_of(
    st.just({}),
    st.dictionaries(
        st.sampled_from(["region", "port", "path", "token"]),
        st.sampled_from([("eu",), ("a", "b"), ("8080",), ("${home}/a",), ("$",)]),
        max_size=1,
    ),
)


@given(documents, SAYS, st.sampled_from(["", *KINDS]))
def test_a_document_becomes_a_server_that_loads_or_is_refused_with_a_reason(document, says, kind) -> None:
    found = listing(document)
    assert isinstance(found, Listing), found
    name = portable(document["name"])
    text, problems = "", ()
    try:
        chosen = choose(found, Request(document["name"], package=kind, said=Said(says)), name)
        judged(found.server, chosen.made, {})
        text = with_server(EMPTY, "m", name, chosen.made, ()).text
        load_manifest(text.encode(), "m", known_hosts={})
    except McpconfError as error:
        problems = error.problems
    told = text + "".join(problem.message + problem.hint for problem in problems)
    assert text or (problems and all(problem.message for problem in problems))
    assert not looks_secret(told)
    assert not any(secret in told for secret in SECRETS)


@given(documents)
def test_older_spellings_say_the_same(document) -> None:
    assert listing(old(document)) == listing(document)


@given(json_values)
def test_whatever_a_registry_answers_is_read_or_refused(value) -> None:
    assert isinstance(listing(value), (Listing, Problem))
    assert isinstance(page(value), (Page, Problem))


@given(st.text(min_size=1, max_size=64))
def test_every_name_has_one_that_a_manifest_takes(name) -> None:
    load_manifest(
        f"mcpconf: 1\nservers: {{{portable(name)!r}: {{url: 'https://a.example'}}}}\nhosts: {{}}\n".encode(),
        "m",
        known_hosts={},
    )
