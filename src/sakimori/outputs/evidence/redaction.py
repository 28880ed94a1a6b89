"""Leaves secrets out of what is kept: by the names under which AWS's answers hold them, and by their look in texts.

CloudTrail hides most of them (`HIDDEN_DUE_TO_SECURITY_REASONS`), the answers of the calls themselves do not: CreateAccessKey
(`SecretAccessKey`), AssumeRole (`SessionToken`), kms:Decrypt (`Plaintext`), CreateKeyPair (`KeyMaterial`), and so on. Names are
those of botocore's service models, compared without case and punctuation.
"""

import json
import re
from collections.abc import Mapping
from typing import Any, Final

REDACTED: Final = "[redacted by sakimori]"
_NAMES: Final = frozenset({
    "secretaccesskey", "sessiontoken", "securitytoken", "secretkey", "awssecretaccesskey", "awssessiontoken",
    "password", "passwd", "masteruserpassword", "masterpassword", "adminpassword", "newpassword", "oldpassword", "dbpassword",
    "temporarypassword", "servicepassword", "servicecredentialsecret", "passworddata", "userpassword",
    "plaintext", "privatekey", "privatekeyplaintext", "keymaterial", "privatekeymaterial", "importedkeymaterial",
    "secretstring", "secretbinary", "clientsecret", "authorizationtoken", "authtoken", "accesstoken", "refreshtoken", "idtoken",
    "bearertoken", "token", "tokenvalue", "webidentitytoken", "samlassertion", "signintoken", "tokencode", "mfacode", "oauthtoken",
    "base32stringseed", "qrcodepng", "apikey", "apisecret", "userdata", "presharedkey", "authorization", "signature",
    "xamzsecuritytoken", "xamzsignature", "connectionstring", "passphrase",
})  # fmt: skip
_VARIABLES: Final = frozenset(
    {"environmentvariables", "env", "variables", "stagevariables", "environmentvariablesoverride"}
)
"""Under these anything may stand that a person took for a good place for a secret: only the names are kept."""
_ENVIRONMENT: Final = "environment"
"""Variables for ECS and SageMaker, for Lambda and CodeBuild what holds them beside plain settings."""
_SETTINGS: Final = frozenset({"computetype", "image", "error", "arn"})
_NAMING: Final = frozenset({"name", "type", "valuefrom"})
_VALUE: Final = "value"
_SECURE: Final = "securestring"
_PUNCTUATION: Final = re.compile(r"[^a-z0-9]")
_WORD: Final = (
    r"(?:aws_?)?secret_?access_?key|secret_?key|session_?token|security_?token|pass(?:word|wd|phrase)|plaintext|private_?key"
    r"|secret_?string|client_?secret|auth(?:orization)?_?token|(?:access|refresh|id|bearer)_?token|api_?key|api_?secret|signature"
)
_ASSIGNED: Final = re.compile(
    rf"((?:{_WORD})(?:\\*[\"'])?\s{{0,5}}[:=]{{1,2}}>?\s{{0,5}})"
    r"(?:(\\*[\"'])(?:(?<=\\[\"'])[\s\S]{1,10000}?(?<!\\)\2|(?<![\\][\"'])(?:(?!\2)[^\\]|\\[\s\S]){1,10000}\2?)|[^\s\"',;&<>{}\[\]]{1,10000})",
    re.IGNORECASE,
)
"""A name, what assigns, and a value: in quotes, in quotes that are escaped as in JSON within JSON, or bare."""
_PEM: Final = re.compile(
    r"-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----.{0,20000}?(?:-----END [A-Z ]{0,40}PRIVATE KEY-----|\Z)", re.DOTALL
)
_KNOWN: Final = re.compile(
    r"gh[opsru]_[A-Za-z0-9]{36,255}|github_pat_[A-Za-z0-9_]{22,255}|xox[abeprs]-[A-Za-z0-9-]{10,250}"
    r"|eyJ[A-Za-z0-9_-]{10,8000}\.[A-Za-z0-9_-]{10,8000}\.[A-Za-z0-9_-]{0,2000}|(?:IQoJ|FwoG|FQoG)[A-Za-z0-9+/=%]{100,10000}"
    r"|ABSK[A-Za-z0-9+/=]{100,200}"
)
_FORTY: Final = re.compile(r"(?<![A-Za-z0-9/+=_.-])[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=_.-])")
_KEY_ID: Final = re.compile(r"(?:AKIA|ASIA)[A-Z0-9]{16}")
_HEXADECIMAL: Final = re.compile(r"[0-9a-fA-F]+\Z")
_MOST_JSON: Final = 8_000_000
_MOST_NESTED: Final = 4


class Redactor:
    """Walks one payload; `count` is how many values it left out."""

    def __init__(self) -> None:
        self.count = 0

    def walk(self, value: Any, depth: int = 0) -> Any:
        """Plain JSON without its secrets. Texts that are JSON themselves are walked too (`CloudTrailEvent` of LookupEvents)."""
        if isinstance(value, Mapping):
            return self._mapping(value, depth)
        if isinstance(value, list):
            return [self.walk(item, depth) for item in value]
        return self.text(value, depth) if isinstance(value, str) else value

    def text(self, value: str, depth: int = 0) -> str:
        """A text without the secrets in it."""
        if depth < _MOST_NESTED and value.lstrip()[:1] in {"{", "["} and len(value) <= _MOST_JSON:
            inner = _json(value)
            if inner is not None:
                before = self.count
                walked = self.walk(inner, depth + 1)
                # A text without secrets stays byte for byte.
                return value if self.count == before else json.dumps(walked, ensure_ascii=False, separators=(",", ":"))
        value = _PEM.sub(self._whole, value)
        value = _ASSIGNED.sub(self._assigned, value)
        value = _KNOWN.sub(self._whole, value)
        return _FORTY.sub(self._forty_near_key if _KEY_ID.search(value) else self._forty, value)

    def _mapping(self, value: Mapping[str, Any], depth: int) -> dict[str, Any]:
        is_secure = any(_bare(key) == "type" and _bare(item) == _SECURE for key, item in value.items())
        found: dict[str, Any] = {}
        for key, item in value.items():
            name = _bare(key)
            shown = self._name(key, found)
            if name in _NAMES or (is_secure and name == _VALUE):
                found[shown] = self._hidden(item)
            elif name in _VARIABLES or (name == _ENVIRONMENT and _is_variables(item)):
                found[shown] = self._named_only(item)
            else:
                found[shown] = self.walk(item, depth)
        return found

    def _name(self, key: str, taken: Mapping[str, Any]) -> str:
        """The name without a secret in it; two that held one must not become one."""
        name = found = self.text(key, _MOST_NESTED)
        number = 2
        while found in taken:
            found, number = f"{name} #{number}", number + 1
        return found

    def _hidden(self, value: Any) -> Any:
        """Nothing stays nothing: that a password was not given is no secret."""
        if value is None or isinstance(value, bool) or value in ("", [], {}):
            return value
        self.count += 1
        return REDACTED

    def _named_only(self, value: Any, *, is_entry: bool = False) -> Any:
        """The names of variables without their values: by name, or as a list of entries of a name and a value."""
        if isinstance(value, list):
            return [self._named_only(item, is_entry=True) for item in value]
        if not isinstance(value, Mapping):
            return self._hidden(value)
        found: dict[str, Any] = {}
        for key, item in value.items():
            is_kept = is_entry and _bare(key) in _NAMING and isinstance(item, str)
            found[self._name(key, found)] = self.text(item, _MOST_NESTED) if is_kept else self._named_only(item)
        return found

    def _whole(self, _found: re.Match[str]) -> str:
        self.count += 1
        return REDACTED

    def _assigned(self, found: re.Match[str]) -> str:
        self.count += 1
        quote = found[2] or ""
        return f"{found[1]}{quote}{REDACTED}{quote}"

    def _forty(self, found: re.Match[str]) -> str:
        """A secret access key without its name: 40 of base64's signs, of all kinds."""
        text = found[0]
        is_mixed = any(map(str.isupper, text)) and any(map(str.islower, text)) and any(map(str.isdigit, text))
        return self._whole(found) if is_mixed and not _HEXADECIMAL.match(text) else text

    def _forty_near_key(self, found: re.Match[str]) -> str:
        return found[0] if _HEXADECIMAL.match(found[0]) else self._whole(found)


def _bare(name: Any) -> str:
    return _PUNCTUATION.sub("", name.lower()) if isinstance(name, str) else ""


def _is_variables(environment: Any) -> bool:
    if not isinstance(environment, Mapping):
        return True
    names = {_bare(key) for key in environment}
    return not names & (_SETTINGS | _VARIABLES)


def _json(text: str) -> Any | None:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict | list) else None
