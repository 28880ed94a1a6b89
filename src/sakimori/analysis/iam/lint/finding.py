"""What the lint says of a policy: a code that stays, how bad it is, where, and a sentence in both languages.

The codes are the keys of `texts/catalogue/iam_lint.yaml` with hyphens for underscores.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, TypeAlias

from sakimori.analysis.iam.policy_lines import Path
from sakimori.model.verdict import Text
from sakimori.texts.sentences import say_both


class Level(StrEnum):
    """How bad a finding is, the worst first."""

    ERROR = "error"
    """AWS refuses it, it never works, or it opens what nobody meant to open."""
    WARNING = "warning"
    """Most likely not what its author meant."""
    INFO = "info"
    """To be known; often right as it is."""

    @property
    def rank(self) -> int:
        """0 for info, 2 for error."""
        return len(Level) - 1 - list(Level).index(self)


@dataclass(frozen=True, slots=True)
class Found:
    """A mistake as a check tells it: its place in the document, and what fills its sentence.

    `level` is set where the code's own does not hold.
    """

    code: str
    path: Path
    values: Mapping[str, object] = field(default_factory=dict[str, object])
    level: Level | None = None


Checked: TypeAlias = Iterable[Found]


@dataclass(frozen=True, slots=True)
class LintFinding:
    """A mistake as people and machines read it. `line` from 1, in the file or in the policy as it is written out."""

    policy: str
    line: int
    code: str
    severity: Level
    message: Text

    def plain(self) -> dict[str, object]:
        """Its stable form as JSON."""
        return {
            "policy": self.policy,
            "line": self.line,
            "code": self.code,
            "severity": str(self.severity),
            "message": {"en": self.message.en, "ja": self.message.ja},
        }


def finding_of(policy: str, found: Found, line_of: Callable[[Path], int]) -> LintFinding:
    """The finding; KeyError for a code that is not among CODES."""
    level = found.level or CODES[found.code]
    message = say_both(f"iam_lint.{found.code.replace('-', '_')}", **found.values)
    return LintFinding(policy, line_of(found.path), found.code, level, message)


_ERRORS: Final = (
    "malformed-json", "too-large-to-check", "not-a-policy", "no-statement", "repeated-name", "unknown-element",
    "not-a-statement", "bad-effect", "no-action", "both-actions", "no-resource", "both-resources",
    "resource-in-trust", "bad-list", "bad-version", "over-size", "lookalike-characters", "bad-character",
    "bad-action", "star-on-star", "principal-in-identity", "no-principal", "both-principals", "bad-principal",
    "bad-principal-kind", "wildcard-in-principal", "not-principal-allow", "anyone-may-assume", "bad-arn",
    "bad-condition", "unknown-operator", "null-if-exists", "bad-value", "bad-key", "contradictory-conditions",
    "open-variable", "oidc-any-subject", "saml-no-audience", "trust-action-mismatch", "rcp-element", "bad-sid",
)  # fmt: skip
_WARNINGS: Final = (
    "unknown-action", "unknown-service", "no-action-matches", "gone-action", "operation-not-action",
    "not-action-allow", "not-resource-allow", "pass-role-any", "resource-matches-no-action",
    "action-matches-no-resource", "s3-object-action-on-bucket", "s3-bucket-action-on-objects",
    "unknown-condition-key", "useless-condition", "wrong-operator-type", "needs-set-operator",
    "set-operator-on-single", "for-all-passes-absent", "value-never-matches", "wildcard-not-read", "private-address",
    "always-true", "unknown-variable", "variable-in-old-version", "multivalued-variable", "version-missing",
    "version-old", "empty-list", "repeated-sid", "covered-statement", "allow-fully-denied", "denies-nothing",
    "allows-nothing", "denies-everything", "anyone-may", "confused-deputy", "no-external-id", "oidc-broad-subject",
    "oidc-no-audience", "oidc-no-subject", "deleted-principal",
)  # fmt: skip
_INFO: Final = (
    "if-exists-passes-absent", "confused-deputy-unsure", "no-external-id-unsure", "not-checked",
)  # fmt: skip
CODES: Final[Mapping[str, Level]] = {
    **dict.fromkeys(_ERRORS, Level.ERROR),
    **dict.fromkeys(_WARNINGS, Level.WARNING),
    **dict.fromkeys(_INFO, Level.INFO),
}
"""Every code with its level."""
