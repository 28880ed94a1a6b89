"""Traces of secrets: found where they are, and not where something only speaks of them."""

import string
import time

import pytest

from sakimori.collect.secret_trace import (
    holds_password,
    is_plain_value,
    is_secret_name,
    looks_like_secret,
    url_holds_credentials,
)

# Made here, so that nothing like a secret stands in the repository.
LETTERS = string.ascii_letters + string.digits


@pytest.mark.parametrize(
    "value",
    [
        "AK" + "IA" + string.ascii_uppercase[:16],
        "gh" + "p_" + LETTERS[:36],
        "xo" + "xb-" + "1" * 12,
        "sk_" + "live_" + LETTERS[:24],
        "-----BEGIN RSA " + "PRIVATE KEY-----\nx",
        "postgres://app:" + "not-a-secret@db.example.jp/app",
        "https://hooks." + "slack.com/services/T0000",
    ],
)
def test_the_forms_of_secrets_are_recognised(value: str) -> None:
    assert looks_like_secret(value)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "production",
        "https://db.example.jp:5432/app",
        "postgres://app@db.example.jp/app",
        "a@b:c@d",
        "sk_" + "test_" + LETTERS[:24],
        "0123456789abcdef0123456789abcdef01234567",
        "-----BEGIN CERTIFICATE-----",
    ],
)
def test_other_values_are_no_secrets(value: str) -> None:
    assert not looks_like_secret(value)


@pytest.mark.parametrize(
    "name", ["PASSWORD", "db_password", "MYSQL_PASS", "slackToken", "API_KEY", "apiKey", "APIKEY", "SECRET_KEY_BASE"]
)
def test_the_names_of_secrets_are_recognised(name: str) -> None:
    assert is_secret_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "パスワード",
        "KEY",
        "TOKEN_URL",
        "DB_SECRET_ARN",
        "PASSWORD_MIN_LENGTH",
        "MAX_TOKENS",
        "S3_KEY",
        "bypass",
        "NEXT_PUBLIC_API_KEY",
    ],
)
def test_a_name_that_only_speaks_of_a_secret_is_not(name: str) -> None:
    assert not is_secret_name(name)


@pytest.mark.parametrize(
    "value",
    [
        "",
        " ",
        "true",
        "0",
        "arn:aws:secretsmanager:x",
        "/app/db",
        "{{resolve:ssm:x}}",
        "https://auth.example.jp/token",
        "prod/db/password",
    ],
)
def test_a_switch_or_a_reference_is_no_plain_value(value: str) -> None:
    assert not is_plain_value(value)


def test_a_word_and_what_a_machine_made_are_plain_values() -> None:
    assert is_plain_value("hunter2")
    assert is_plain_value("Zm9v/" + "YmFyYmF6")


def test_a_users_name_in_a_url_is_no_password() -> None:
    assert holds_password("git clone https://x-token-auth:" + "abc@bitbucket.org/a/b.git")
    assert not holds_password("https://sato@bitbucket.org/a/b.git")
    assert not holds_password("ssh://git@bitbucket.org:22/a/b.git")
    assert not holds_password("https://example.jp/a:b@c")


def test_a_token_in_the_place_of_a_user_is_a_credential() -> None:
    assert url_holds_credentials("https://gh" + "p_" + LETTERS[:36] + "@github.com/a/b.git")
    assert url_holds_credentials("https://sato:" + "x@bitbucket.org/a/b.git")
    assert not url_holds_credentials("https://sato@bitbucket.org/a/b.git")
    assert not url_holds_credentials("bucket/" + LETTERS[:33])


def test_one_long_word_does_not_take_long() -> None:
    started = time.thread_time()
    assert not holds_password("a" * 200_000)
    assert holds_password("a" * 200_000 + "://sato:x@bitbucket.org")
    assert time.thread_time() - started < 2
