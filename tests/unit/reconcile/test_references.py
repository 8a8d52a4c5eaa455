"""Secrets in clear where references should be, and who refers to what."""

from __future__ import annotations

import pytest

from mcpconf.model.entry import Entry, Value
from mcpconf.reconcile.references import moved_secrets, referring, replaced, replaced_texts
from tests.pieces import ONE, situation, there, wanted


@pytest.mark.parametrize(
    ("after", "before", "texts"),
    [
        ("${env:A}", "s", ("s",)),
        ("Bearer ${env:A}", "Bearer s", ("s",)),
        ("${env:A}!", "s!", ("s",)),
        ("${env:A}!", "s!!", ("s!",)),
        ("<${env:A}>", "<s>", ("s",)),
        ("${env:A}:${env:B}", "u:p", ("u", "p")),
        ("${env:A}:${env:B}", "u:p:q", ("u", "p:q")),
        ("${env:A}-${env:B}-c", "u-p-c", ("u", "p")),
        ("a", "a", ()),
        ("a", "ab", ()),
        ("Bearer ${env:A}", "Basic s", ()),
        ("Bearer ${env:A}", "Bearer ", ()),
        ("<${env:A}>", "<>", ()),
        ("<${env:A}>", "<s", ()),
        ("aa${env:A}aa", "aaa", ()),
        ("${env:A}", "${env:B}", ()),
        ("${env:A}", "s${env:B}", ()),
        ("${env:A}", "a$$b", ("a$b",)),
        ("${env:A}", "a$${b}", ("a${b}",)),
        ("$$${env:A}", "$$s", ("s",)),
        ("${env:A}", "", ()),
    ],
)
def test_what_references_take_the_place_of(after, before, texts):
    assert replaced(Value.parse(after), Value.parse(before)) == texts


def env(**values):
    return Entry("stdio", env={name: Value.parse(text) for name, text in values.items()})


def headers(**values):
    return Entry("http", headers={name: Value.parse(text) for name, text in values.items()})


def argv(*words):
    return Entry("stdio", Value.literal("npx"), tuple(map(Value.parse, words)))


def url(text):
    return Entry("http", url=Value.parse(text))


@pytest.mark.parametrize(
    ("field", "after", "before", "texts"),
    [
        ("env", env(A="${env:A}", B="b"), env(A="s", B="b"), ("s",)),
        ("env", env(A="${env:A}"), env(A="s", B="b"), ()),
        ("env", env(A="${env:A}", B="b"), env(A="s"), ()),
        ("env", env(A="${env:A}", B="b"), env(A="s", B="c"), ()),
        ("env", env(A="${env:A}", B="${env:B}"), env(A="s", B="t"), ("s", "t")),
        ("env", env(), env(), ()),
        ("headers", headers(A="${env:A}"), headers(A="s"), ("s",)),
        ("headers", headers(A="${env:A}"), headers(A="s", B="b"), ()),
        ("headers", headers(A="${env:A}", B="b"), headers(A="s"), ()),
        ("launch", argv("a", "${env:A}"), argv("a", "s"), ("s",)),
        ("launch", argv("a", "${env:A}"), argv("a", "s", "more"), ()),
        ("launch", argv("a", "${env:A}", "more"), argv("a", "s"), ()),
        ("url", url("https://e/${env:A}"), url("https://e/s"), ("s",)),
        ("url", url("https://e/${env:A}"), url("https://f/s"), ()),
        ("cwd", ONE, ONE, ()),
        ("transport", ONE, url("https://e"), ()),
    ],
)
def test_a_field_that_differs_in_nothing_but_secrets(field, after, before, texts):
    assert replaced_texts(after, before, [field]) == texts


def test_every_field_must_differ_in_nothing_else():
    after = Entry("stdio", ONE.command, env={"A": Value.parse("${env:A}")}, url=Value.parse("${env:B}"))
    before = Entry("stdio", ONE.command, env={"A": Value.literal("s")}, url=Value.literal("t"))
    assert replaced_texts(after, before, ["env", "url"]) == ("s", "t")
    assert replaced_texts(after, before, ["url", "env"]) == ("t", "s")
    assert replaced_texts(after, before, ["env", "cwd"]) == ()
    assert replaced_texts(after, before, []) == ()


def test_secrets_that_move():
    after = env(A="${secret:S}", B="${env:E}", C="${home}/c", D="${env:D}", F="f", G="${env:N}")
    before = env(A="a", B="b", C="c", D="${env:X}", F="g", G="")
    assert moved_secrets(after, before, ["env"]) == ["E", "S"]
    assert moved_secrets(after, before, ["headers", "launch"]) == []
    assert moved_secrets(headers(A="${secret:S}"), headers(A="a"), ["headers"]) == ["S"]
    assert moved_secrets(argv("${secret:S}"), argv("a"), ["launch"]) == ["S"]
    assert moved_secrets(url("${secret:S}"), url("a"), ["url"]) == ["S"]


def test_who_refers_to_a_secret():
    place = {
        "h/user/a": argv("${secret:S}"),
        "h/user/b": env(A="${secret:S}", B="${env:E}"),
        "h/user/c": url("${secret:T}"),
    }
    seen = [there(address, entry) for address, entry in place.items()]
    asked = [wanted("h/user/d", headers(A="x${secret:S}")), wanted("h/user/e", env(A="${secret:S}"), path="/g")]
    assert referring(situation(asked, seen)) == {
        ("/f", "S"): {"h/user/a", "h/user/b", "h/user/d"},
        ("/f", "T"): {"h/user/c"},
        ("/g", "S"): {"h/user/e"},
    }
