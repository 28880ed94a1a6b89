"""sakimori 防人 defends an AWS account: what is wrong, what to do, and the way back."""

from sakimori.model.version import __version__

TYPE_CHECKING = False
"""Not from `typing`: to import that takes a tenth of what a commit waits for its hook."""
if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import boto3

    from sakimori.model.assessment import Assessment

__all__ = ["__version__", "assess"]


def assess(  # noqa: PLR0913, PLR0917 - the documented form
    session: "boto3.Session",
    regions: "Sequence[str] | None" = None,
    rules: "Sequence[str] | None" = None,
    frameworks: "Sequence[str] | None" = None,
    thresholds: str | None = None,
    home: "Path | str | None" = None,
) -> "Assessment":
    """What is wrong with the account that a boto3 session belongs to.

    `regions` are Region codes (all enabled ones if None), `rules` ids or patterns like
    `aws.s3.*`, `thresholds` one of seed, fsbp and cis-5.0. Snapshots and findings go to
    `home`, or to a temporary directory that is gone with the result. Every call goes
    through the session as it is, so it works under `moto.mock_aws`.

    Raises AccessError where AWS does not accept the session, UsageError for a Region,
    rule or profile that does not exist; what could not be read is in `.gaps`, and the
    verdicts that need it are unknown.
    """
    from sakimori.app.handed_in import assess_session  # noqa: PLC0415 - importing sakimori costs nothing

    return assess_session(
        session, regions=regions or (), rules=rules or (), frameworks=frameworks or (), thresholds=thresholds, home=home
    )
