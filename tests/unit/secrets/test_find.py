"""Which texts are secrets, and which only stand where secrets stand. No real secret is written here."""

import base64

import pytest

from mcpconf.model.entry import Entry, OAuth, Value
from mcpconf.secrets import find, is_placeholder, looks_secret, secret_named

RANDOM = "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8s9T0"
HEX = "3f9a0c2b7d1e4856" * 4

VENDORS = [
    "ghp_" + RANDOM,
    "gho_" + RANDOM,
    "github_pat_" + RANDOM,
    "glpat-" + RANDOM[:20],
    "sk-" + RANDOM,
    "sk-proj-" + RANDOM,
    "sk-ant-api03-" + RANDOM,
    "sk-or-v1-" + HEX,
    "xoxb-" + "12345-67890-" + RANDOM,
    "xapp-" + "1-A0-" + RANDOM,
    "AKIA" + "Q3EGRT7UZ5YHW2MN",
    "AIza" + RANDOM[:35],
    "ya29." + RANDOM,
    "npm_" + RANDOM[:36],
    "pypi-" + RANDOM,
    "hf_" + RANDOM[:34],
    "lin_api_" + RANDOM,
    "ntn_" + RANDOM,
    "secret_" + RANDOM + "aB3",
    "tvly-" + RANDOM[:32],
    "fc-" + HEX[:32],
    "BSA" + RANDOM[:28],
    "napi_" + HEX,
    "eyJ" + RANDOM + ".eyJ" + RANDOM + "." + RANDOM,
    "-----BEGIN " + "RSA PRIVATE KEY-----\nMIIE",
    "https://hooks." + "slack.com/services/T0AB/B0CD/" + RANDOM,
    "$2b$10$" + (RANDOM * 2)[:53],
]

PLAIN = [
    *("", "info", "production", "8080", "true", "us-east-1", "/usr/bin", "~/work", "https://api.x.com/v1", "none"),
    *("YOUR_TOKEN_HERE", "<token>", "xxxxxxxxxxxxxxxx", "changeme", "your-api-key", "ghp_xxxxxxxxxxxxxxxxxxxxxxxx"),
    *("$TOKEN", "%TOKEN%", "{secret}", "{{token}}", "${input:token}", "token", " ur key", "sk-your-key-goes-here-now"),
    *("AKIAIOSFODNN7EXAMPLE", "my-api-key", "...", "********", "1.5s", "C:\\keys", "./key.pem", "local", "disabled"),
]


def env(name: str, text: str) -> Entry:
    return Entry("stdio", Value.literal("server"), env={name: Value.literal(text)})


def args(*texts: str) -> Entry:
    return Entry("stdio", Value.literal("server"), tuple(map(Value.literal, texts)))


@pytest.mark.parametrize("secret", VENDORS)
def test_known_forms_are_found_wherever_they_stand(secret: str) -> None:
    assert looks_secret(secret)
    found = [
        find(entry)[0]
        for entry in (
            env("NOTE", secret),
            args("--x", f"use {secret}"),
            Entry("http", url=Value.literal(f"https://x.com/{secret}")),
            Entry("http", headers={"X-Note": Value.literal(secret)}),
            Entry("stdio", oauth=OAuth(more={"a": [{"b": secret}]})),
        )
    ]
    assert [one.place for one in found] == ["env.NOTE", "args[1]", "url", "headers.X-Note", "oauth.a[0].b"]
    assert {one.kind for one in found} == {found[0].kind}
    assert all(secret.startswith(one.value) for one in found)


@pytest.mark.parametrize("text", PLAIN)
def test_settings_and_placeholders_are_no_secrets(text: str) -> None:
    for name in ("LOG_LEVEL", "GITHUB_TOKEN", "API_KEY"):
        assert find(env(name, text)) == ()
    assert find(args("--token", text, f"--api-key={text}", f'API_KEY="{text}"')) == ()
    assert find(Entry("http", headers={"Authorization": Value.literal(f"Bearer {text}")})) == ()


@pytest.mark.parametrize(
    ("texts", "place", "secret"),
    [
        (("--token", RANDOM), "args[1]", RANDOM),
        (("--api-key=" + RANDOM,), "args[0]", RANDOM),
        (("--access-token", "sbp_" + HEX[:40]), "args[1]", "sbp_" + HEX[:40]),
        (('API_KEY="' + RANDOM + '"',), "args[0]", RANDOM),
        (('API_KEY=\\"' + RANDOM + '\\"',), "args[0]", RANDOM),
        (("-e", "GITHUB_TOKEN=" + RANDOM), "args[1]", RANDOM),
        (("-eGITHUB_TOKEN=" + RANDOM,), "args[0]", RANDOM),
        (('{"apiKey": "' + RANDOM + '"}',), "args[0]", RANDOM),
        (("--header", "Authorization: Bearer " + RANDOM), "args[1]", RANDOM),
        (("--header", "X-Api-Key:" + RANDOM), "args[1]", RANDOM),
        (("postgresql://app:hunter42x@db.x.com/prod",), "args[0]", "hunter42x"),
        (("redis://:hunter42x@10.0.0.1:6379/0",), "args[0]", "hunter42x"),
        ((f"https://{RANDOM}@x.com/r.git",), "args[0]", RANDOM),
        (("https://x.com/sse?a=1&api_key=" + RANDOM + "&b=2",), "args[0]", RANDOM),
    ],
)
def test_secrets_in_arguments(texts: tuple[str, ...], place: str, secret: str) -> None:
    assert [(one.place, one.value) for one in find(args(*texts))] == [(place, secret)]


@pytest.mark.parametrize(
    "text",
    [
        *("postgresql://steampipe@localhost:9193/db", "postgresql://ai:***@localhost:5432/ai", "git@github.com:o/r"),
        *("postgres://postgres:postgres@localhost/db", "postgres://user:password@host/db", "https://x.com:8080/a@b"),
        "https://x.com/acme/next-app-router-starter-kit-v2-2026-10",
        *(
            "--max-tokens=4096",
            "--key-file=/run/key",
            "--token-url=https://x.com",
            "a" * 40,
            HEX,
            "--sort-key=" + RANDOM,
        ),
    ],
)
def test_plain_arguments(text: str) -> None:
    assert find(args(text)) == ()


@pytest.mark.parametrize("password", ["hunter2x", "s3cr", "correct horse battery", "20240817"])
def test_passwords_need_no_randomness(password: str) -> None:
    assert [one.value for one in find(env("DB_PASSWORD", password))] == [password]
    assert find(env("DB_NAME", password)) == ()


def test_a_random_value_is_a_secret_only_under_a_secret_name() -> None:
    for text in (RANDOM, HEX, "00f0a3c4-1834-4abc-9def-0193456289cd"):
        assert find(env("SERVICE_KEY", text))
        assert find(env("BUILD_COMMIT", text)) == ()


@pytest.mark.parametrize(
    "text",
    [
        "Kd93kYouRfLs02kdLs9fkE",
        "a-Kd93kfLs02kdLs9fkE",
        "sk-proj-Zk3xXxx9fjd83jfLKSD93jf",
        "E49HtF-UR_TRIK9u",
        "ghp_abcdefghijklmnopqrstuvwxyz0123456789",
        "xoxb-123456789012-abcdefghijklmnop",
    ],
)
def test_a_token_that_holds_a_word_by_chance_is_no_placeholder(text: str) -> None:
    assert [one.value for one in find(env("API_KEY", text))] == [text]


def test_a_password_may_begin_with_a_dollar_sign() -> None:
    assert [one.value for one in find(env("DB_PASSWORD", "$Tr0ng!pass9"))] == ["$Tr0ng!pass9"]


@pytest.mark.parametrize("kind", ["PRIVATE KEY", "OPENSSH PRIVATE KEY", "PGP PRIVATE KEY BLOCK"])
@pytest.mark.parametrize("newline", ["\n", "\\n"])
def test_a_private_key_is_a_secret_to_its_last_line(kind: str, newline: str) -> None:
    key = newline.join([f"-----BEGIN {kind}-----", "DEK-Info: AES-128-CBC,9F", RANDOM, f"-----END {kind}-----"])
    account = f'{{"type": "service_account", "private_key": "{key}{newline}", "client_email": "a@b"}}'
    assert [one.value for one in find(env("NOTE", key))] == [key]
    assert [one.value for one in find(env("GOOGLE_CREDENTIALS", account))] == [key]
    assert [one.value for one in find(env("NOTE", key[:60]))] == [key[:60]]


def test_headers() -> None:
    basic = base64.b64encode(b"user:hunter42x").decode()
    for name, text, secret in (
        ("Authorization", f"Basic {basic}", basic),
        ("authorization", f"Bearer {RANDOM}", RANDOM),
        ("X-Api-Key", RANDOM, RANDOM),
        ("X-Forward", f"Bearer {RANDOM}", RANDOM),
    ):
        entry = Entry("http", headers={name: Value.literal(text)})
        assert [(one.place, one.value) for one in find(entry)] == [(f"headers.{name}", secret)]


@pytest.mark.parametrize(
    "text", ["${env:X}", "Bearer ${env:X}", "${secret:X}", "prefix-${env:X}", "${env:X:-}", "${env:X:-changeme}"]
)
def test_references_are_no_literals(text: str) -> None:
    assert find(Entry("stdio", env={"API_TOKEN": Value.parse(text)})) == ()
    assert find(Entry("http", url=Value.parse(f"https://u:{text.replace(' ', '')}@x.com/?token={text}"))) == ()


def test_literals_beside_and_inside_references_are_found() -> None:
    beside = Entry("stdio", args=(Value.parse(f"${{home}}/x --token={RANDOM}"),))
    inside = Entry("stdio", env={"API_TOKEN": Value.parse(f"${{env:X:-{RANDOM}}}"), "A": Value.parse("${env:X:-info}")})
    named = Entry("stdio", env={"NOTE": Value.parse(f"${{env:X:-ghp_{RANDOM}}}")})
    assert [one.value for one in find(beside)] == [RANDOM]
    assert [(one.place, one.value) for one in find(inside)] == [("env.API_TOKEN", RANDOM)]
    assert [one.value for one in find(named)] == ["ghp_" + RANDOM]


def test_a_marker_in_the_text_hides_nothing() -> None:
    assert find(args("--token=" + RANDOM[:8] + "\x00" + RANDOM[8:]))


def test_other_places_and_each_once() -> None:
    entry = Entry(
        "stdio",
        Value.literal(f"server --token={RANDOM}"),
        cwd=Value.literal(f"/x/ghp_{RANDOM}"),
        oauth=OAuth(more={"clientId": "x", "clientSecret": RANDOM}),
    )
    assert [one.place for one in find(entry)] == ["command", "cwd", "oauth.clientSecret"]
    assert len(find(args(f"--token={RANDOM} --key={RANDOM}"))) == 1


def test_a_secret_never_shows_in_its_representation() -> None:
    assert RANDOM not in repr(find(env("API_KEY", RANDOM)))


@pytest.mark.parametrize(
    "name",
    [
        *("GITHUB_TOKEN", "github_personal_access_token", "API_KEY", "apiKey", "APIKEY", "x-api-key", "clientSecret"),
        *(
            "DB_PASSWORD",
            "PGPASSWORD",
            "DB_PASS",
            "Authorization",
            "OPENAI_API_KEY_1",
            "SSH_PRIVATE_KEY",
            "key",
            "AUTH",
        ),
        *("GOOGLE_APPLICATION_CREDENTIALS", "SUPABASE_ANON_KEY", "accessToken", "Cookie", "JWT", "STRIPE_KEY_LIVE"),
    ],
)
def test_secret_names(name: str) -> None:
    assert secret_named(name)


@pytest.mark.parametrize(
    "name",
    [
        *(
            "",
            "1",
            "LOG_LEVEL",
            "PATH",
            "MAX_TOKENS",
            "TOKEN_URL",
            "SECRET_NAME",
            "PASSWORD_FILE",
            "KEYBOARD",
            "MONKEY",
        ),
        *("PUBLIC_KEY", "SORT_KEY", "AUTH_TYPE", "TOKEN_LIMIT", "AWS_REGION", "TOKENIZER", "COMPASS", "API_KEY_ID"),
    ],
)
def test_other_names(name: str) -> None:
    assert not secret_named(name)


def test_placeholders() -> None:
    assert is_placeholder("YOUR_KEY")
    assert not is_placeholder(RANDOM)
