"""Conditions: operators and keys that are none, keys that no action of the statement knows, and sets of values.

Source: IAM User Guide, "IAM JSON policy elements: Condition", "… Condition operators", "Set operators for multivalued context keys"
and "AWS global condition context keys"; Service Authorization Reference (keys by action).
"""

from collections.abc import Mapping
from typing import Final, cast

from sakimori.analysis.iam.lint.finding import Checked, Found, Level
from sakimori.analysis.iam.lint.lookalikes import shown, skeleton
from sakimori.analysis.iam.lint.statement import (
    LintCondition,
    LintKind,
    LintPolicy,
    LintStatement,
    items_of,
    members_of,
)
from sakimori.analysis.iam.lint.table import KeyForm, all_keys, key_form, named_actions, stem
from sakimori.texts.nearest import nearest

_OPERATORS: Final = (
    "StringEquals", "StringNotEquals", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase", "StringLike", "StringNotLike",
    "NumericEquals", "NumericNotEquals", "NumericLessThan", "NumericLessThanEquals", "NumericGreaterThan",
    "NumericGreaterThanEquals", "DateEquals", "DateNotEquals", "DateLessThan", "DateLessThanEquals", "DateGreaterThan",
    "DateGreaterThanEquals", "Bool", "BinaryEquals", "IpAddress", "NotIpAddress", "ArnEquals", "ArnLike", "ArnNotEquals",
    "ArnNotLike", "Null",
)  # fmt: skip
# The types of keys that the operators of a family are made for. A text compares well with an ARN, which many do on purpose.
_FAMILIES: Final = {
    "string": {"String", "ARN"}, "numeric": {"Numeric", "Long", "Float", "Number"}, "date": {"Date", "Numeric", "Long"}, "bool": {"Bool", "Boolean"},
    "binary": {"Binary"}, "ipaddress": {"IPAddress"}, "arn": {"ARN", "String"},
}  # fmt: skip
_BEST: Final = {
    "String": "StringEquals", "ARN": "ArnLike", "Bool": "Bool", "Boolean": "Bool", "Numeric": "NumericEquals", "Long": "NumericEquals",
    "Date": "DateGreaterThan", "IPAddress": "IpAddress", "Binary": "BinaryEquals",
}  # fmt: skip
# Prefixes of keys that come from providers of identities, and so with roles alone.
_PROVIDERS: Final = frozenset({"saml", "www.amazon.com", "graph.facebook.com"})


def check_conditions(policy: LintPolicy) -> Checked:
    """Of each statement's conditions, one by one."""
    for statement in policy.statements:
        yield from _form(statement)
        known = _known_keys(policy, statement)
        for condition in statement.conditions:
            yield from _operator(condition)
            yield from _key(policy, statement, condition, known)
            form = key_form(policy.table, condition.key)
            if form is not None and condition.asked is not None:
                yield from _type(condition, form)
                yield from _sets(condition, form)
            yield from _absence(statement, condition)


def _form(statement: LintStatement) -> Checked:
    raw: object = statement.raw.get("Condition")
    if "Condition" not in statement.raw:
        return
    at = statement.at("Condition")
    if not isinstance(raw, Mapping):
        yield Found("bad-condition", at)
        return
    for operator, keys in members_of(raw).items():  # pyright: ignore[reportUnknownArgumentType]
        if not isinstance(keys, Mapping) or not keys:
            yield Found("bad-condition", (*at, operator))
            continue
        for key, values in members_of(keys).items():  # pyright: ignore[reportUnknownArgumentType]
            told = items_of(cast(object, values)) if isinstance(values, list) else [values]
            if values == []:
                yield Found("empty-list", (*at, operator, key), {"name": key})
            elif not all(isinstance(each, str | int | float) for each in told):
                yield Found("bad-condition", (*at, operator, key))


def _operator(condition: LintCondition) -> Checked:
    name = condition.operator
    if condition.asked is not None:
        return
    if not name.isascii():
        yield Found("lookalike-characters", condition.path[:-1], {"given": shown(name), "plain": skeleton(name)})
    elif name.lower() == "nullifexists":
        yield Found("null-if-exists", condition.path[:-1])
    else:
        prefix, colon, bare = name.rpartition(":")
        ending = "IfExists" if bare.lower().endswith("ifexists") else ""
        near = nearest(bare[: len(bare) - len(ending)], _OPERATORS)
        head = nearest(prefix, ("ForAllValues", "ForAnyValue")) if colon else ""
        told = (f"{head}:" if head else "") + near + ending if near else ""
        yield Found("unknown-operator", condition.path[:-1], {"operator": name, "near": told if told != name else ""})


def _known_keys(policy: LintPolicy, statement: LintStatement) -> frozenset[str] | None:
    """The keys that go with some action of the statement; None where that is not known."""
    actions = named_actions(policy.table, statement)
    if actions is None:
        return None
    return frozenset[str]().union(*(all_keys(policy.table, each) for each in actions))


def _key(
    policy: LintPolicy, statement: LintStatement, condition: LintCondition, known: frozenset[str] | None
) -> Checked:
    key = condition.key
    if not key.isascii():
        yield Found("lookalike-characters", condition.path, {"given": shown(key), "plain": skeleton(key)})
        return
    prefix, colon, rest = key.partition(":")
    if not colon or not prefix or not rest or key != key.strip():
        near = _near(policy, f"aws:{key.strip()}") if not colon else ""
        yield Found("bad-key", condition.path, {"key": key, "near": near})
        return
    form = key_form(policy.table, key)
    is_provider = "." in prefix or prefix.lower() in _PROVIDERS
    if form is None:
        if not is_provider and (prefix.lower() == "aws" or policy.table.service(prefix) is not None):
            yield Found("unknown-condition-key", condition.path, {"key": key, "near": _near(policy, key)})
        elif not is_provider:
            near = nearest(prefix.lower(), (*policy.table.prefixes, "aws"))
            yield Found("unknown-condition-key", condition.path, {"key": key, "near": f"{near}:{rest}" if near else ""})
    elif known is not None and not is_provider and _is_useless(form, known, statement, policy):
        names = [each.text for each in statement.actions[:3]]
        yield Found("useless-condition", condition.path, {"key": key, "actions": names, "as_of": policy.table.as_of})


def _is_useless(form: KeyForm, known: frozenset[str], statement: LintStatement, policy: LintPolicy) -> bool:
    """A key of one service that none of the actions knows. Of AWS's own keys only those on tags of requests are listed in full."""
    name = stem(form.name)
    prefix = name.partition(":")[0]
    if name in known or policy.kind is LintKind.TRUST:
        return False
    if prefix == "aws":
        return name in {"aws:requesttag/", "aws:tagkeys"} and not any(each.startswith("aws:re") for each in known)
    # Some services' keys go with the requests of others (kms:ViaService, ec2:SourceInstanceARN, lambda:SourceFunctionArn).
    services = {each.text.partition(":")[0].lower() for each in statement.actions}
    is_cross = "source" in name or name.endswith(("viaservice", "calledvia", "kms:calleraccount"))
    return not is_cross and (prefix in services or not any(each.startswith(f"{prefix}:") for each in known))


def _near(policy: LintPolicy, key: str) -> str:
    prefix = key.partition(":")[0].lower()
    table = policy.table
    service = table.service(prefix)
    names = [str(each) for each in service.condition_keys] if service else list(_GLOBAL)
    by_lower = {each.lower(): each for each in names}
    near = nearest(key.lower(), by_lower)
    return by_lower.get(near, "")


_GLOBAL: Final = (
    "aws:PrincipalArn", "aws:PrincipalAccount", "aws:PrincipalOrgPaths", "aws:PrincipalOrgID", "aws:PrincipalTag/", "aws:PrincipalIsAWSService",
    "aws:PrincipalServiceName", "aws:PrincipalServiceNamesList", "aws:PrincipalType", "aws:userid", "aws:username", "aws:FederatedProvider",
    "aws:TokenIssueTime", "aws:MultiFactorAuthAge", "aws:MultiFactorAuthPresent", "aws:SourceIdentity", "aws:SourceIp", "aws:SourceVpc",
    "aws:SourceVpce", "aws:SourceVpcArn", "aws:VpcSourceIp", "aws:VpceAccount", "aws:VpceOrgID", "aws:VpceOrgPaths", "aws:ResourceAccount",
    "aws:ResourceOrgID", "aws:ResourceOrgPaths", "aws:ResourceTag/", "aws:CalledVia", "aws:CalledViaFirst", "aws:CalledViaLast", "aws:ViaAWSService",
    "aws:CurrentTime", "aws:EpochTime", "aws:referer", "aws:RequestedRegion", "aws:RequestTag/", "aws:TagKeys", "aws:SecureTransport",
    "aws:SourceArn", "aws:SourceAccount", "aws:SourceOrgID", "aws:SourceOrgPaths", "aws:UserAgent", "aws:Ec2InstanceSourceVpc",
    "aws:Ec2InstanceSourcePrivateIPv4",
)  # fmt: skip


def _type(condition: LintCondition, form: KeyForm) -> Checked:
    asked = condition.asked
    if asked is None or asked.comparison == "null" or not form.types:
        return
    family = next((each for each in _FAMILIES if asked.comparison.startswith(each)), "")
    if form.types & _FAMILIES.get(family, form.types):
        return
    best = [_BEST[each] for each in sorted(form.types) if each in _BEST]
    values = {"key": condition.key, "operator": condition.operator, "type": ", ".join(sorted(form.types))}
    yield Found("wrong-operator-type", condition.path, {**values, "instead": best[0] if best else ""})


def _sets(condition: LintCondition, form: KeyForm) -> Checked:
    asked = condition.asked
    if asked is None or asked.comparison == "null":
        return
    if form.is_multivalued and not asked.quantifier:
        values = {"key": condition.key, "instead": f"ForAnyValue:{condition.operator}"}
        yield Found("needs-set-operator", condition.path, values)
    elif not form.is_multivalued and asked.quantifier and form.types:
        values = {"key": condition.key, "instead": condition.operator.partition(":")[2]}
        yield Found("set-operator-on-single", condition.path, values)


def _absence(statement: LintStatement, condition: LintCondition) -> Checked:
    """An Allow that holds where the key is not there at all. Source: "Set operators for multivalued context keys"."""
    asked = condition.asked
    if not statement.is_allow or asked is None or condition.key.lower() in statement.must_have:
        return
    if asked.quantifier == "forallvalues":
        # Where nothing is tagged there are no tag keys to refuse: AWS's own policies are written so.
        level = Level.INFO if condition.key.lower().endswith("tagkeys") else None
        yield Found("for-all-passes-absent", condition.path, {"key": condition.key}, level)
    elif asked.is_if_exists and not asked.is_negated:
        yield Found("if-exists-passes-absent", condition.path, {"key": condition.key})
