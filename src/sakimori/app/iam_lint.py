"""Policies in files, checked: one policy or many, and what an account's listing holds.

A file that cannot be read is told and the others are checked all the same.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final, cast

from sakimori.analysis.iam.account import IamAccount
from sakimori.analysis.iam.action_table import action_table
from sakimori.analysis.iam.lint.finding import Level, LintFinding
from sakimori.analysis.iam.lint.linting import INLINE_LIMITS, About, Linted, lint_identity, lint_policy
from sakimori.analysis.iam.lint.statement import LintKind
from sakimori.analysis.iam.policy_lines import Path as Place
from sakimori.analysis.iam.policy_lines import lines_of
from sakimori.app.given_file import open_regular
from sakimori.app.iam import DETAIL_LISTS, find_identity
from sakimori.model.errors import UsageError

MAX_MEGABYTES: Final = 100
_OF_INLINE: Final = {"UserPolicyList": "user", "GroupPolicyList": "group", "RolePolicyList": "role"}


@dataclass(frozen=True, slots=True)
class Report:
    """What was checked, and how old the knowledge is. `unread` tells policies that were not there to be read."""

    linted: tuple[Linted, ...]
    as_of: date
    unread: tuple[str, ...] = ()

    @property
    def findings(self) -> tuple[LintFinding, ...]:
        """Of all policies, in their order."""
        return tuple(finding for each in self.linted for finding in each.findings)

    @property
    def statements(self) -> int:
        """Statements read."""
        return sum(each.statements for each in self.linted)

    def count(self, level: Level) -> int:
        """Findings of a level."""
        return sum(each.severity is level for each in self.findings)


def lint_path(path: Path, kind: LintKind | None = None, account: str = "") -> Report:
    """The policies in a file, or in each *.json of a folder; UsageError where there is none."""
    if not path.is_dir():
        return Report(tuple(_of_file(path, path.name, kind, account)), action_table().as_of)
    files = sorted(each for each in path.glob("*.json") if each.is_file())
    if not files:
        raise UsageError("iam_lint.no_files", folder=path)
    found = [each for file in files for each in _of_file(file, file.name, kind, account, is_alone=False)]
    return Report(tuple(found), action_table().as_of)


def lint_principal(account: IamAccount, words: str) -> Report:
    """The policies of one user or role, and of its groups; UsageError if there is none of that name."""
    who = find_identity(account, words)
    unread = dict.fromkeys(each.policy for each in who.unread)
    return Report(tuple(lint_identity(account, who)), action_table().as_of, tuple(unread))


def _text_in(path: Path) -> str:
    if not path.exists():
        raise UsageError("iam_lint.no_such_file", name=path)
    with open_regular(path) as file:
        content = file.read(MAX_MEGABYTES * 1_000_000 + 1)
    if len(content) > MAX_MEGABYTES * 1_000_000:
        raise UsageError("iam_lint.too_large", file=path, megabytes=MAX_MEGABYTES)
    return content.decode(json.detect_encoding(content), errors="replace")


def _of_file(path: Path, name: str, kind: LintKind | None, account: str, *, is_alone: bool = True) -> Iterator[Linted]:
    """One that is no JSON at all may be a policy with a fault: it is told with its place, by what reads faulty ones."""
    text = _text_in(path)
    try:
        raw = json.loads(text)
    except (ValueError, RecursionError):
        yield lint_policy(name, text, About(kind=kind, owner=account))
        return
    found = tuple(_documents(raw, name, kind))
    if len(found) == 1 and found[0].place == ():
        yield lint_policy(name, text, About(kind=kind, owner=account))
        return
    if not found and is_alone:
        raise UsageError("iam_lint.no_policies", file=path)
    lines = _Lines(text)
    for each in found:
        about = About(
            kind=each.kind, owner=account or each.owner, size_limit=each.size_limit, line_of=lines.within(each)
        )
        yield lint_policy(each.name, each.document, about)


class _Lines:
    """Lines of a file, counted when the first of them is asked for."""

    def __init__(self, text: str) -> None:
        self._text, self._known = text, None

    def within(self, document: "_Document") -> Callable[[Place], int]:
        """The lines of what lies in a document of the file."""

        def line_of(path: Place) -> int:
            whole = (*document.place, *path)
            while whole and whole not in self._lines():
                whole = whole[:-1]
            return self._lines().get(whole, 1)

        return line_of

    def _lines(self) -> Mapping[Place, int]:
        if self._known is None:
            self._known = lines_of(self._text)
        return self._known


@dataclass(frozen=True, slots=True)
class _Document:
    """A policy within a file, and its place there."""

    name: str
    place: Place
    document: object
    kind: LintKind | None
    size_limit: tuple[str, int] | None = None
    owner: str = ""


def _documents(raw: object, name: str, kind: LintKind | None) -> Iterator[_Document]:
    """A policy, a list of them or of records with one, lists by level (as --scp takes them), policies by ARN, or an account's listing."""
    if isinstance(raw, list):
        for place, each in _members(raw):
            yield from _listed(each, f"{name}{''.join(f'[{at}]' for at in place)}", place, kind)
        return
    if not isinstance(raw, Mapping):
        return
    members = cast("Mapping[str, Any]", raw)
    if any(isinstance(members.get(each), list) for each in DETAIL_LISTS):
        yield from _listing(members)
    elif members and all(each.startswith("arn:") for each in members):
        for arn, document in members.items():
            yield _of_resource(arn, (arn,), document, kind)
    elif (told := _wrapped(members)) is not None:
        yield _Document(name, (told[0],), told[1], kind)
    else:
        yield _Document(name, (), members, kind)


def _members(raw: Sequence[Any]) -> Iterator[tuple[Place, object]]:
    for place, each in enumerate(raw):
        if isinstance(each, list):
            yield from (((place, inner), one) for inner, one in enumerate(cast("list[Any]", each)))
        else:
            yield (place,), each


def _listed(raw: object, name: str, place: Place, kind: LintKind | None) -> Iterator[_Document]:
    members = cast("Mapping[str, Any]", raw) if isinstance(raw, Mapping) else {}
    if "policy" in members and str(members.get("resource")).startswith("arn:"):
        yield _of_resource(str(members["resource"]), (*place, "policy"), members["policy"], kind)
        return
    told = _wrapped(raw)
    yield _Document(name, (*place, told[0]) if told else place, told[1] if told else raw, kind)


def _of_resource(arn: str, place: Place, document: object, kind: LintKind | None) -> _Document:
    """As --resource-policies takes them."""
    return _Document(arn, place, document, kind or LintKind.RESOURCE, owner=_owner(arn))


def _owner(arn: str) -> str:
    return arn.split(":")[4] if arn.count(":") >= 5 else ""  # noqa: PLR2004 - where an ARN has its account


def _wrapped(raw: object) -> tuple[str, object] | None:
    """The policy in an answer of AWS that holds one, as get-bucket-policy, get-role-policy or get-policy-version."""
    members = cast("Mapping[str, Any]", raw) if isinstance(raw, Mapping) else {}
    for name in ("PolicyDocument", "Policy", "Document", "AssumeRolePolicyDocument"):
        if "Statement" not in members and isinstance(members.get(name), str | Mapping):
            return name, members[name]
    return None


def _listing(raw: Mapping[str, Any]) -> Iterator[_Document]:
    boundaries = {_boundary(each) for _, _, each in _records(raw)} - {""}
    for listed, place, record in _records(raw):
        arn = str(record.get("Arn") or f"{listed}[{place}]")
        at: Place = (listed, place)
        owner = _owner(arn)
        if listed == "Policies" and ":iam::aws:" not in arn:
            kind = LintKind.BOUNDARY if arn in boundaries else LintKind.IDENTITY
            yield from _versions(record, arn, at, kind, owner)
        for inline, of in _OF_INLINE.items():
            yield from _inline(record, (arn, owner), (*at, inline), of)
        if "AssumeRolePolicyDocument" in record:
            trust = (*at, "AssumeRolePolicyDocument")
            yield _Document(f"{arn}/AssumeRolePolicyDocument", trust, record["AssumeRolePolicyDocument"], LintKind.TRUST, owner=owner)  # fmt: skip


def _records(raw: Mapping[str, Any]) -> Iterator[tuple[str, int, Mapping[str, Any]]]:
    for listed in DETAIL_LISTS:
        for place, record in enumerate(_items(raw.get(listed))):
            # A service-linked role is AWS's to write.
            if isinstance(record, Mapping) and not str(record.get("Path")).startswith("/aws-service-role/"):
                yield listed, place, record


def _boundary(record: Mapping[str, Any]) -> str:
    told = record.get("PermissionsBoundary")
    return str(told.get("PermissionsBoundaryArn", "")) if isinstance(told, Mapping) else ""


def _versions(record: Mapping[str, Any], arn: str, at: Place, kind: LintKind, owner: str) -> Iterator[_Document]:
    """The version in force alone: the others bind nobody."""
    for place, version in enumerate(_items(record.get("PolicyVersionList"))):
        if isinstance(version, Mapping) and version.get("IsDefaultVersion") and "Document" in version:
            yield _Document(arn, (*at, "PolicyVersionList", place, "Document"), version["Document"], kind, owner=owner)


def _inline(record: Mapping[str, Any], whose: tuple[str, str], at: Place, of: str) -> Iterator[_Document]:
    """The limit is of all inline policies together: each is told what the others leave it."""
    told = [
        (place, each)
        for place, each in enumerate(_items(record.get(str(at[-1]))))
        if isinstance(each, Mapping) and "PolicyDocument" in each
    ]
    sizes = [len(json.dumps(each["PolicyDocument"], separators=(",", ":"))) for _, each in told]
    for (place, each), size in zip(told, sizes, strict=True):
        left = max(0, INLINE_LIMITS[of] - (sum(sizes) - size))
        yield _Document(
            f"{whose[0]}/{each.get('PolicyName', place)}", (*at, place, "PolicyDocument"), each["PolicyDocument"],
            LintKind.IDENTITY, (f"inline_{of}", left), whose[1],
        )  # fmt: skip


def _items(raw: object) -> Sequence[Any]:
    return cast("list[Any]", raw) if isinstance(raw, list) else []
