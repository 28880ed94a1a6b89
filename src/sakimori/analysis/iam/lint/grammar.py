"""The form of a policy: its elements, their lists, Sids, version and size.

Source: IAM User Guide, "Grammar of the IAM JSON policy language", "IAM JSON policy elements: Version" and "… Sid", "IAM and AWS
STS quotas" (which characters a document may hold).
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from sakimori.analysis.iam.lint.finding import Checked, Found
from sakimori.analysis.iam.lint.json_text import Members
from sakimori.analysis.iam.lint.statement import LintKind, LintPolicy, LintStatement, items_of, members_of
from sakimori.analysis.iam.policy_lines import Path
from sakimori.texts.nearest import nearest

_OF_DOCUMENT: Final = ("Version", "Id", "Statement")
_OF_STATEMENT: Final = (
    "Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition",
)  # fmt: skip
_VERSIONS: Final = ("2012-10-17", "2008-10-17")
_SID: Final = re.compile(r"[A-Za-z0-9]*\Z")
_LISTED: Final = ("Action", "NotAction", "Resource", "NotResource")
# A repository's policy has no resource: it is the repository's. So with a registry.
# Source: Amazon ECR User Guide, "Private repository policy examples".
_RESOURCELESS: Final = ("ecr:", "ecr-public:", "codeartifact:")


def check_grammar(policy: LintPolicy) -> Checked:
    """Of the document and of each statement."""
    yield from _document(policy)
    for path in policy.others:
        yield Found("not-a-statement", path)
    for statement in policy.statements:
        yield from _elements(policy, statement)
        yield from _lists(statement)
        yield from _sid(policy, statement)
    yield from _repeated(policy.raw, ())
    yield from _repeated_sids(policy)


def _document(policy: LintPolicy) -> Checked:
    raw = policy.raw
    for name in raw:
        if name not in _OF_DOCUMENT:
            yield Found("unknown-element", (name,), {"name": name, "near": nearest(name, _OF_DOCUMENT)})
    version = raw.get("Version")
    if version is None:
        yield Found("version-missing", ())
    elif version not in _VERSIONS:
        yield Found("bad-version", ("Version",), {"version": str(version)})
    elif version != _VERSIONS[0]:
        yield Found("version-old", ("Version",), {"version": version})
    if "Statement" not in raw or raw["Statement"] in ([], {}):
        yield Found("no-statement", ("Statement",) if "Statement" in raw else ())
    elif not isinstance(raw["Statement"], list | Mapping):
        yield Found("not-a-statement", ("Statement",))
    if policy.size_limit is not None and policy.size > policy.size_limit[1]:
        name, limit = policy.size_limit
        yield Found("over-size", (), {"size": policy.size, "limit": limit, "of": name})


def _elements(policy: LintPolicy, statement: LintStatement) -> Checked:
    raw, path = statement.raw, statement.path
    for name in raw:
        if name not in _OF_STATEMENT:
            near = nearest(name, _OF_STATEMENT)
            yield Found("unknown-element", (*path, name), {"name": name, "near": near})
    if not statement.effect:
        at = statement.at("Effect") if "Effect" in raw else path
        yield Found("bad-effect", at, {"effect": str(raw.get("Effect", ""))})
    if "Action" not in raw and "NotAction" not in raw:
        yield Found("no-action", path)
    if "Action" in raw and "NotAction" in raw:
        yield Found("both-actions", statement.at("NotAction"))
    yield from _resource(policy, statement)
    if "Principal" in raw and "NotPrincipal" in raw:
        yield Found("both-principals", statement.at("NotPrincipal"))


def _resource(policy: LintPolicy, statement: LintStatement) -> Checked:
    raw = statement.raw
    told = [name for name in ("Resource", "NotResource") if name in raw]
    if policy.kind is LintKind.TRUST:
        if told:
            yield Found("resource-in-trust", statement.at(told[0]), {"name": told[0]})
        return
    is_resourceless = policy.kind is LintKind.RESOURCE and all(
        each.text.lower().startswith(_RESOURCELESS) for each in statement.actions
    )
    if not told and not is_resourceless:
        yield Found("no-resource", statement.path)
    if len(told) > 1:
        yield Found("both-resources", statement.at("NotResource"))


def _lists(statement: LintStatement) -> Checked:
    for name in _LISTED:
        if name in statement.raw:
            yield from _list(statement.raw[name], statement.at(name), name)
    for name in ("Principal", "NotPrincipal"):
        told = statement.raw.get(name)
        if name in statement.raw and told in ({}, []):
            yield Found("empty-list", statement.at(name), {"name": name})
        for kind, each in members_of(told).items():
            yield from _list(each, (*statement.at(name), kind), f"{name}.{kind}")


def _list(raw: object, path: Path, name: str) -> Checked:
    if raw in ([], ""):
        yield Found("empty-list", path, {"name": name})
    elif isinstance(raw, list):
        for place, each in enumerate(items_of(raw)):  # pyright: ignore[reportUnknownArgumentType]
            if not isinstance(each, str) or not each:
                yield Found("bad-list", (*path, place), {"name": name})
    elif not isinstance(raw, str):
        yield Found("bad-list", path, {"name": name})


def _sid(policy: LintPolicy, statement: LintStatement) -> Checked:
    """IAM takes letters and figures alone; other services take more, so that only its own kinds are judged."""
    sid = statement.raw.get("Sid", "")
    is_ours = policy.kind not in {LintKind.RESOURCE, LintKind.RCP, LintKind.SCP}
    if not isinstance(sid, str) or (is_ours and not _SID.match(sid)):
        yield Found("bad-sid", statement.at("Sid"), {"sid": str(sid)})


def _repeated_sids(policy: LintPolicy) -> Checked:
    seen = set[str]()
    for statement in policy.statements:
        if statement.sid and statement.sid in seen:
            yield Found("repeated-sid", statement.at("Sid"), {"sid": statement.sid})
        seen.add(statement.sid)


def _repeated(raw: object, path: Path, depth: int = 0) -> Iterator[Found]:
    """Names that stand twice in one object: the last one counts to a parser, and AWS refuses the policy."""
    if depth > 8:  # noqa: PLR2004 - no element of a policy lies deeper
        return
    if isinstance(raw, Members):
        for name in raw.repeated:
            yield Found("repeated-name", (*path, name), {"name": name})
    for name, each in members_of(raw).items():
        yield from _repeated(each, (*path, name), depth + 1)
    for place, each in enumerate(items_of(raw)):
        yield from _repeated(each, (*path, place), depth + 1)
