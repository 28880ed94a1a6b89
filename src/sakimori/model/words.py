"""The closed vocabularies of the field: severity, confidence, status, scope, gap kinds."""

from enum import StrEnum


class Severity(StrEnum):
    """Harm if true; members are ordered from the worst down."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    INFORMATIONAL = "informational"

    @property
    def rank(self) -> int:
        """0 for informational … 4 for critical: higher is worse."""
        return len(Severity) - 1 - list(Severity).index(self)


class Confidence(StrEnum):
    """How sure a verdict is; never mixed with severity."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Status(StrEnum):
    """The three values of a verdict."""

    PASS = "pass"  # noqa: S105 - no password
    FAIL = "fail"
    UNKNOWN = "unknown"


class Story(StrEnum):
    """The three ways in which ordinary accounts come to harm; every built-in rule belongs to one."""

    LEAKED_KEY = "leaked-key"
    """An access key got out, and somebody runs machines or takes data with it."""
    STOLEN_PASSWORD = "stolen-password"  # noqa: S105 - no password
    """Somebody signs in to the console as a user or as root."""
    EXPOSED_SERVICE = "exposed-service"
    """A bucket, port, database or function stood open."""


class Scope(StrEnum):
    """Where a table is read, and so which units it has in one account."""

    ACCOUNT = "account"
    """Once an account; its rows and its one unit have the region `global`."""
    REGION = "region"
    """Once in every enabled Region; rows and units carry that Region."""
    RESOURCE_REGION = "resource_region"
    """Listed once an account (unit `global`), each row carrying its own Region (S3 buckets)."""


class GapKind(StrEnum):
    """Why something could not be read."""

    DENIED = "denied"
    """An IAM policy of the caller does not allow it, or denies it."""
    DENIED_BY_ORGANIZATION = "denied_by_organization"
    """A service or resource control policy of the organisation denies it."""
    PAID_FEATURE = "paid_feature"
    """It needs a support plan or a subscription that this account does not have."""
    CREDENTIALS = "credentials"
    """The credentials are missing, expired or not accepted (there)."""
    THROTTLED = "throttled"
    """AWS refused for rate until the time for this call was used up."""
    UNREACHABLE = "unreachable"
    """No connection, no name, no answer in time."""
    SERVICE_ERROR = "service_error"
    """AWS answered with a server error after all retries."""
    MALFORMED = "malformed"
    """The answer was not what the service's own model promises."""
    UNSUPPORTED = "unsupported"
    """The endpoint does not know this operation."""
    REFUSED = "refused"
    """AWS refused with another error, quoted in the gap."""
    NOT_SELECTED = "not_selected"
    """This run was asked to leave it out."""
    INTERRUPTED = "interrupted"
    """The run was stopped before this was read."""
    RULE_ERROR = "rule_error"
    """The rule itself failed."""


GLOBAL = "global"
"""The `region` of what belongs to an account and to no Region."""
