"""The catalogue of ways in which one identity comes to act with the rights of another: data, one file a way.

A file names what is needed (actions, each on a resource, under a context that the attacker's own call carries), what must be
true of the thing that is aimed at, and what is won. The catalogue knows no account; `path_graph` applies it to one.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any, Final, TypeVar, cast

from sakimori.model.errors import RuleError
from sakimori.model.verdict import Text
from sakimori.texts.bounded_yaml import Document, read_yaml

_ACTION: Final = re.compile(r"[a-z0-9-]+:[A-Za-z0-9]+\Z")
_ID: Final = re.compile(r"[a-z][a-z0-9_]{2,60}\Z")
_SERVICE: Final = re.compile(r"[a-z0-9.-]+\.amazonaws\.com\Z")
_PLACES: Final = re.compile(r"\{([^}]*)\}")
_KNOWN_PLACES: Final = frozenset({"target", "partition", "account", "region", "policy"})
_KEYS: Final = frozenset(
    {"id", "title", "how", "target", "trusts", "needs", "makes", "certainty", "references", "has_password"}
)
_NEED_KEYS: Final = frozenset({"action", "resource", "with", "is_trusted"})
_Word = TypeVar("_Word", bound=StrEnum)


class Target(StrEnum):
    """What a way aims at, and `{target}` stands for."""

    USER = "user"
    ROLE = "role"
    GROUP = "group"
    POLICY = "policy"
    """A customer managed policy."""
    EXISTING_POLICY = "existing_policy"
    """A user or role, with a policy of the account (`{policy}`) that it does not have yet."""
    PASSED_ROLE = "passed_role"
    """A role that one of the services named in `trusts` may assume."""
    PROFILE_ROLE = "profile_role"
    """Likewise, one that stands in an instance profile."""
    SSO_ROLE = "sso_role"
    """A role that IAM Identity Center keeps for a permission set."""
    SAML_PROVIDER = "saml_provider"
    OIDC_PROVIDER = "oidc_provider"
    INSTANCE = "instance"
    FUNCTION = "function"
    CONTAINER_TASK = "container_task"
    BUILD_PROJECT = "build_project"
    GLUE_JOB = "glue_job"
    GLUE_ENDPOINT = "glue_endpoint"
    NOTEBOOK = "notebook"
    STATE_MACHINE = "state_machine"
    STACK = "stack"
    PIPELINE = "pipeline"
    APP_SERVICE = "app_service"
    CODE_INTERPRETER = "code_interpreter"
    NOTHING = "nothing"
    """Nothing that exists."""


WORKLOADS: Final = frozenset(
    {
        Target.INSTANCE, Target.FUNCTION, Target.CONTAINER_TASK, Target.BUILD_PROJECT, Target.GLUE_JOB, Target.GLUE_ENDPOINT,
        Target.NOTEBOOK, Target.STATE_MACHINE, Target.STACK, Target.PIPELINE, Target.APP_SERVICE, Target.CODE_INTERPRETER,
    }
)  # fmt: skip
"""What runs with a role that somebody gave it before."""


class Effect(StrEnum):
    """What is won."""

    BECOMES = "becomes"
    """The source acts as the target, or as the role of what is aimed at."""
    CONTROLS = "controls"
    """The target, or all that have it, may be given any permission; its boundary and the organisation still bind it."""
    UNBINDS = "unbinds"
    """The boundary of the target, or of all whose boundary the policy is, no longer binds."""
    JOINS = "joins"
    """A user may be put into the group."""
    ADDS = "adds"
    """The target may be given the policy, as it stands."""
    SWITCHES = "switches"
    """All that have the policy get the words of an older version of it."""
    CREATES = "creates"
    """A new identity with any permission."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """One action that must be allowed, on `on`: an ARN with places; a * in it is the attacker's to choose."""

    action: str
    on: str
    context: Mapping[str, str]
    """Keys in lower case that the call carries."""
    is_trusted: bool = False
    """The role's trust policy names the source by then."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Technique:
    """One way. `trusts`: services of which the role must let one in."""

    id: str
    title: Text
    how: Text
    target: Target
    trusts: tuple[str, ...]
    needs: tuple[Need, ...]
    makes: Effect
    is_only_possible: bool
    """It hangs on facts that no policy tells."""
    references: tuple[str, ...]
    order: int = 0
    has_password: bool | None = None
    """Whether the user that is aimed at must have a console password, or must have none; None where that is the same."""

    @property
    def actions(self) -> tuple[str, ...]:
        """In the order in which they are used."""
        return tuple(dict.fromkeys(need.action for need in self.needs))


@cache
def techniques() -> tuple[Technique, ...]:
    """The catalogue of this version, in the order of its files' names."""
    with as_file(files("sakimori") / "rulebook" / "iam" / "edges") as directory:
        return load_techniques(directory)


def load_techniques(directory: Path) -> tuple[Technique, ...]:
    """All ways in `*.yaml` of the directory; RuleError, with file and line, for the first that is malformed."""
    return tuple(_technique(read_yaml(path), order) for order, path in enumerate(sorted(directory.glob("*.yaml"))))


def _technique(document: Document, order: int) -> Technique:
    told = document.data
    if not isinstance(told, dict):
        raise _fault(document, "form")
    data = cast("Mapping[str, Any]", told)
    if unknown := [key for key in data if key not in _KEYS]:
        raise _fault(document, "unknown_key", unknown[0])
    identifier = data.get("id")
    if not isinstance(identifier, str) or not _ID.match(identifier) or identifier != Path(document.source).stem:
        raise _fault(document, "id", "id")
    trusts = _texts(document, data.get("trusts", []), "trusts")
    if any(not _SERVICE.match(each) for each in trusts):
        raise _fault(document, "trusts", "trusts")
    certainty = data.get("certainty", "proven")
    if certainty not in {"proven", "possible"}:
        raise _fault(document, "certainty", "certainty")
    has_password = data.get("has_password")
    if has_password is not None and (not isinstance(has_password, bool) or data.get("target") != Target.USER):
        raise _fault(document, "has_password", "has_password")
    references = _texts(document, data.get("references"), "references")
    if not references or any(not each.startswith("https://") for each in references):
        raise _fault(document, "references", "references")
    return Technique(
        id=identifier,
        title=_both(document, data, "title"),
        how=_both(document, data, "how"),
        target=_word(document, data, "target", Target),
        trusts=trusts,
        needs=_needs(document, data.get("needs")),
        makes=_word(document, data, "makes", Effect),
        is_only_possible=certainty == "possible",
        references=references,
        order=order,
        has_password=has_password,
    )


def _needs(document: Document, told: object) -> tuple[Need, ...]:
    if not isinstance(told, list) or not told:
        raise _fault(document, "needs", "needs")
    needs = list[Need]()
    for index, each in enumerate(cast("list[object]", told)):
        if not isinstance(each, dict):
            raise _fault(document, "needs", "needs", index)
        need = cast("Mapping[str, Any]", each)
        action, on, carried = need.get("action"), need.get("resource"), need.get("with", {})
        is_good = isinstance(action, str) and isinstance(on, str) and isinstance(carried, dict)
        is_good = is_good and not set(need) - _NEED_KEYS
        if not is_good or not _ACTION.match(str(action)) or set(_PLACES.findall(str(on))) - _KNOWN_PLACES:
            raise _fault(document, "needs", "needs", index)
        context = {str(key).lower(): str(value) for key, value in cast("Mapping[str, Any]", carried).items()}
        needs.append(Need(action=str(action), on=str(on), context=context, is_trusted=need.get("is_trusted") is True))
    return tuple(needs)


def _word(document: Document, data: Mapping[str, Any], key: str, words: type[_Word]) -> _Word:
    try:
        return words(data.get(key))
    except ValueError:
        raise _fault(document, key, key) from None


def _both(document: Document, data: Mapping[str, Any], key: str) -> Text:
    told = data.get(key)
    if not isinstance(told, dict):
        raise _fault(document, key, key)
    both = cast("Mapping[str, Any]", told)
    if set(both) != {"en", "ja"} or not all(isinstance(each, str) and each.strip() for each in both.values()):
        raise _fault(document, key, key)
    return Text(en=both["en"], ja=both["ja"])


def _texts(document: Document, told: object, key: str) -> tuple[str, ...]:
    if not isinstance(told, list) or not all(isinstance(each, str) for each in cast("Sequence[object]", told)):
        raise _fault(document, key, key)
    return tuple(cast("Sequence[str]", told))


def _fault(document: Document, what: str, *path: object) -> RuleError:
    return RuleError("iam_paths.edge_malformed", file=document.source, line=document.line_of(*path), what=what)
