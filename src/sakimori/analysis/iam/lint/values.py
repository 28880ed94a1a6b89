"""Values of conditions: of no form that their operator reads, or that no request can have; and variables in them.

Source: IAM User Guide, "IAM JSON policy elements: Condition operators", "AWS global condition context keys" (the form of each key's
values), "IAM policy elements: Variables and tags".
"""

import ipaddress
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from sakimori.analysis.iam.lint.finding import Checked, Found
from sakimori.analysis.iam.lint.lookalikes import shown
from sakimori.analysis.iam.lint.statement import LintCondition, LintPolicy, LintStatement, Word, has_wildcard, is_star
from sakimori.analysis.iam.lint.table import key_form
from sakimori.analysis.iam.readings import Network, as_flag, as_moment, as_network, as_number, as_octets

_VARIABLE: Final = re.compile(r"\$\{([^}]*)\}")
_SIGNS: Final = frozenset("*?$")
_NAME: Final = re.compile(r"\s*([^,\s]*)\s*(?:,\s*'[^']*'\s*)?\Z")
_ARN_PARTS: Final = 6
_LATIN: Final = 0xFF
_ACCOUNT: Final = re.compile(r"[0-9]{12}\Z")
_ORGANISATION: Final = re.compile(r"o-[a-z0-9]{10,32}\Z")
# The forms of values that AWS gives these keys. A value of another form is in no request.
_FORMS: Final[Mapping[str, re.Pattern[str]]] = {
    "aws:sourceaccount": _ACCOUNT,
    "aws:principalaccount": _ACCOUNT,
    "aws:resourceaccount": _ACCOUNT,
    "aws:vpceaccount": _ACCOUNT,
    "s3:resourceaccount": _ACCOUNT,
    "kms:calleraccount": _ACCOUNT,
    "aws:principalorgid": _ORGANISATION,
    "aws:resourceorgid": _ORGANISATION,
    "aws:sourceorgid": _ORGANISATION,
    "aws:vpceorgid": _ORGANISATION,
    "aws:sourcevpc": re.compile(r"vpc-[0-9a-z]+\Z"),
    "aws:sourcevpce": re.compile(r"vpce-[0-9a-z]+\Z"),
    "iam:passedtoservice": re.compile(r"[a-z0-9.-]+\.[a-z.]+\Z"),
    "aws:requestedregion": re.compile(r"[a-z0-9-]+\Z"),
}
_BOOLEANS: Final = frozenset({"true", "false"})


def check_values(policy: LintPolicy) -> Checked:
    """Of each value of each condition, and of the variables in resources."""
    for statement in policy.statements:
        for word in statement.resources:
            yield from _variables(policy, word)
        for condition in statement.conditions:
            for word in condition.values:
                yield from _variables(policy, word)
                yield from _value(condition, word)
            yield from _always_true(statement, condition)


def _value(condition: LintCondition, word: Word) -> Checked:
    asked, text = condition.asked, word.text
    if asked is None or "${" in text:
        return
    if any(ord(sign) > _LATIN for sign in text):
        yield Found("bad-character", word.path, {"given": shown(text)})
        return
    form = next((form for form in _READERS if asked.comparison.startswith(form)), "")
    is_arn = asked.comparison.startswith("arn")
    if form and _READERS[form](text) is None:
        yield Found("bad-value", word.path, {"value": text, "operator": condition.operator, "form": form})
    elif asked.comparison == "ipaddress":
        yield from _address(condition, word)
    elif asked.comparison in {"stringequals", "stringequalsignorecase"} and has_wildcard(text):
        instead = condition.operator.replace("EqualsIgnoreCase", "Like").replace("Equals", "Like")
        yield Found("wildcard-not-read", word.path, {"value": text, "operator": condition.operator, "instead": instead})
    elif is_arn or asked.comparison.startswith("string"):
        yield from _never(condition, word, is_arn=is_arn)


def _never(condition: LintCondition, word: Word, *, is_arn: bool) -> Checked:
    key, text = condition.key.lower(), word.text
    if is_arn:
        is_never = text.count(":") < _ARN_PARTS - 1 and not text.endswith("*")
    else:
        is_never = key in _FORMS and not has_wildcard(text) and not _FORMS[key].match(text)
    if is_never:
        yield Found("value-never-matches", word.path, {"key": condition.key, "value": text})


def _address(condition: LintCondition, word: Word) -> Checked:
    """Requests that come over the internet never have a private address. Source: the key aws:SourceIp."""
    network = as_network(word.text)
    if (
        network is not None
        and condition.key.lower() == "aws:sourceip"
        and any(_within(network, each) for each in _PRIVATE)
    ):
        yield Found("private-address", word.path, {"value": word.text})


_PRIVATE: Final = tuple(
    map(ipaddress.ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "127.0.0.0/8", "fc00::/7", "fe80::/10"))
)  # fmt: skip


def _within(inner: Network, outer: Network) -> bool:
    return inner.version == outer.version and inner.subnet_of(outer)  # pyright: ignore[reportArgumentType]


def _always_true(statement: LintStatement, condition: LintCondition) -> Checked:
    """A condition that every request with the key fulfils, in an Allow that rests on it."""
    asked = condition.asked
    if asked is None or asked.is_negated or not statement.is_allow:
        return
    texts = [each.text for each in condition.values]
    is_any = asked.comparison == "stringlike" and any(map(is_star, texts)) and not asked.quantifier
    is_world = asked.comparison == "ipaddress" and any(each in {"0.0.0.0/0", "::/0"} for each in texts)
    is_both = asked.comparison in {"bool", "null"} and {each.lower() for each in texts} >= _BOOLEANS
    if is_world or is_both or (is_any and condition.key.lower() in _SENSITIVE):
        values = {"key": condition.key, "value": next((each for each in texts), "")}
        yield Found("always-true", condition.path, values)


# Keys that are there to name somebody or some place. Source: "AWS global condition context keys", "Sensitive condition keys".
_SENSITIVE: Final = frozenset(
    ["aws:principalarn", "aws:principalaccount", "aws:principalorgid", "aws:principalorgpaths", "aws:resourceaccount", "aws:resourceorgid", "aws:sourcearn", "aws:sourceaccount", "aws:sourceorgid", "aws:sourceip", "aws:sourcevpc", "aws:sourcevpce", "aws:userid", "aws:username", "sts:externalid"]
)  # fmt: skip


def _variables(policy: LintPolicy, word: Word) -> Checked:
    if "${" not in word.text:
        return
    if not policy.has_variables:
        yield Found("variable-in-old-version", word.path, {"value": word.text})
        return
    rest = _VARIABLE.sub("", word.text)
    if "${" in rest:
        yield Found("open-variable", word.path, {"value": word.text})
    for name in _names(word.text):
        form = key_form(policy.table, name)
        if form is not None and form.is_multivalued:
            yield Found("multivalued-variable", word.path, {"name": name})
        elif form is None and not _may_be_key(policy, name):
            yield Found("unknown-variable", word.path, {"name": name})


def _names(text: str) -> Iterator[str]:
    for inner in _VARIABLE.findall(text):
        match = _NAME.match(inner)
        name = match.group(1) if match else inner
        if name not in _SIGNS:
            yield name


def _may_be_key(policy: LintPolicy, name: str) -> bool:
    """Keys of providers of identities bear the provider's name, and are in no table."""
    prefix, colon, rest = name.partition(":")
    return bool(colon and rest) and (
        "." in prefix or (prefix.lower() != "aws" and policy.table.service(prefix) is None)
    )


_READERS: Final[Mapping[str, Callable[[str], object]]] = {
    "numeric": as_number,
    "date": as_moment,
    "bool": as_flag,
    "null": as_flag,
    "ipaddress": as_network,
    "binary": as_octets,
}
"""What each family of operators reads, as the evaluation does."""
