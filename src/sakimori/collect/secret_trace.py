"""Traces of a secret in a variable's name, a plain value or a URL: that they are there is all that is kept of a value."""

import re
from typing import Final

# Source: IAM User Guide, "Understanding unique ID prefixes"; the ids are base 32.
_ACCESS_KEY_ID: Final = re.compile(r"(?<![A-Z0-9])(?:AKIA|ASIA)[A-Z2-7]{16}(?![A-Z0-9])")
_SECRET: Final = re.compile(r"[A-Za-z0-9/+]{40}\Z")
_HEXADECIMAL: Final = re.compile(r"[0-9a-fA-F]+\Z")

# Of the scheme its last letters are enough: a search for all of them takes the square of a long text's length.
_URL_WITH_PASSWORD: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,20}://[^\s/?#@:]*:[^\s/?#@]+@[^\s/?#@]")
# Forms that their makers chose to be recognised. Source: GitHub Docs, "About authentication to GitHub"; GitLab
# "Token overview"; Slack "Tokens"; Stripe "API keys"; Google Cloud "API keys"; SendGrid "API keys"; RFC 7468.
_KNOWN_FORMS: Final = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----"
    r"|(?<![A-Za-z0-9])(?:"
    r"gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{50,}|glpat-[A-Za-z0-9_-]{20,}"
    r"|xox[abprs]-[A-Za-z0-9-]{10,}|xapp-[A-Za-z0-9-]{10,}"
    r"|[sr]k_live_[A-Za-z0-9]{16,}|AIza[A-Za-z0-9_-]{35}|SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}"
    r")"
    r"|https://hooks\.slack\.com/services/T"
)

_WORDS: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_SECRET_WORDS: Final = frozenset(
    {
        "password", "passwd", "passphrase", "passcode", "pwd", "pass",
        "secret", "secrets", "token", "credential", "credentials", "apikey",
    }
)  # fmt: skip
_SECRET_KEYS: Final = frozenset({"access", "api", "auth", "encryption", "master", "private", "secret", "signing"})
_RAILS: Final = ["secret", "key", "base"]
# Keys that are made to be shown to browsers say so in their names.
_PUBLIC: Final = frozenset({"public", "publishable"})
_NO_SECRETS: Final = frozenset({"", "true", "false", "yes", "no", "on", "off", "none", "null", "0", "1"})
# "prod/db/password", as secrets are named in their stores; what is generated has capitals.
_PATH: Final = re.compile(r"[a-z0-9._-]+(?:/[a-z0-9._-]+)+\Z")
_REFERENCES: Final = (
    "arn:",
    "/",
    "{{",
    "${",
    "$(",
    "ssm:",
    "secretsmanager:",
    "vault:",
    "op://",
    "http://",
    "https://",
)


def looks_like_aws_key(value: str) -> bool:
    """Whether a value holds an access key id, or is as long and as mixed as a secret access key (as no hash is)."""
    if _ACCESS_KEY_ID.search(value):
        return True
    text = value.strip()
    is_mixed = all(re.search(kind, text) for kind in ("[a-z]", "[A-Z]", "[0-9]"))
    return bool(_SECRET.match(text)) and is_mixed and not _HEXADECIMAL.match(text)


def looks_like_secret(value: str) -> bool:
    """Whether a value has the form of a secret: an AWS key, a known kind of token, a private key, a URL with a password."""
    return looks_like_aws_key(value) or bool(_KNOWN_FORMS.search(value)) or holds_password(value)


def holds_password(text: str) -> bool:
    """Whether a URL in the text carries a password or token beside its user; a user's name alone is none.

    >>> holds_password("https://sato:x@bitbucket.org/a/b"), holds_password("https://sato@bitbucket.org/a/b")
    (True, False)
    """
    return bool(_URL_WITH_PASSWORD.search(text))


def url_holds_credentials(url: str) -> bool:
    """Whether a URL carries a password, or a token of a known kind in the place of the user."""
    return holds_password(url) or bool(_KNOWN_FORMS.search(url))


def is_secret_name(name: str) -> bool:
    """Whether a variable's name ends as the names of secrets do; what goes on (`…_ARN`, `…_URL`) tells of one only.

    >>> [is_secret_name(name) for name in ("DB_PASSWORD", "slackApiKey", "DB_PASSWORD_ARN", "MAX_TOKENS")]
    [True, True, False, False]
    """
    words = [word.lower() for word in _WORDS.findall(name)]
    if words[-3:] == _RAILS:
        return True
    if not words or _PUBLIC & set(words):
        return False
    return words[-1] in _SECRET_WORDS or (words[-1] == "key" and len(words) > 1 and words[-2] in _SECRET_KEYS)


def is_plain_value(value: str) -> bool:
    """Whether a value could itself be a secret: it is no switch, not empty, and no reference to where one is kept."""
    text = value.strip()
    if text.lower() in _NO_SECRETS or text.lower().startswith(_REFERENCES):
        return False
    return not _PATH.match(text)
