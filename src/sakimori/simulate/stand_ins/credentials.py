"""The credential report, with the root user's row and AWS's own words for what is not known.

Source: IAM user guide, "Generate credential reports for your AWS account".
"""

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from moto.iam.models import IAMBackend, User, iam_backends

from sakimori.simulate.call import Answer, ServiceError
from sakimori.simulate.stand_ins.form import Desk, StandIn
from sakimori.simulate.state import RootMfa

_COLUMNS: Final = (
    "user", "arn", "user_creation_time", "password_enabled", "password_last_used", "password_last_changed",
    "password_next_rotation", "mfa_active", "access_key_1_active", "access_key_1_last_rotated",
    "access_key_1_last_used_date", "access_key_1_last_used_region", "access_key_1_last_used_service",
    "access_key_2_active", "access_key_2_last_rotated", "access_key_2_last_used_date",
    "access_key_2_last_used_region", "access_key_2_last_used_service", "cert_1_active", "cert_1_last_rotated",
    "cert_2_active", "cert_2_last_rotated",
)  # fmt: skip
_NONE: Final = "N/A"
_NO_CERTIFICATES: Final = ("false", _NONE, "false", _NONE)
_NO_KEY: Final = ("false", _NONE, _NONE, _NONE, _NONE)
_KEYS_A_USER: Final = 2


def report(desk: Desk) -> Mapping[str, Any]:
    """The report as of now, once one was generated: the root user first, then every user."""
    iam = _iam(desk)
    if not iam.report_generated():
        message = "No credential report exists. Call GenerateCredentialReport first."
        raise ServiceError("ReportNotPresent", message, 410)
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(_COLUMNS)
    writer.writerow(_root_row(desk))
    writer.writerows(_user_row(desk, user) for user in iam.users.values())
    return {
        "Content": written.getvalue().encode(),
        "ReportFormat": "text/csv",
        "GeneratedTime": desk.state.clock(),
    }


def set_password(desk: Desk) -> Answer:
    """Moto's answer to a new or changed password; the day is kept for the report."""
    answer = desk.moto()
    if answer.status == 200:  # noqa: PLR2004 - HTTP's success
        desk.state.password_changed_at[desk.parameters()["UserName"]] = desk.state.clock()
    return answer


STAND_INS: Final[Mapping[str, StandIn]] = {
    "iam:CreateLoginProfile": set_password,
    "iam:GetCredentialReport": report,
    "iam:UpdateLoginProfile": set_password,
}


def _iam(desk: Desk) -> IAMBackend:
    return iam_backends[desk.state.account_id][desk.state.partition]


def _root_row(desk: Desk) -> Sequence[str]:
    root = desk.state.root
    keys = [
        ("true" if key.active else "false", _day(key.created_at), _day(key.last_used_at, _NONE), _NONE, _NONE)
        for key in root.access_keys
    ]
    return (
        "<root_account>",
        desk.state.root_arn,
        _day(root.created_at),
        "not_supported",
        _day(root.password_last_used_at, "no_information"),
        "not_supported",
        "not_supported",
        "false" if root.mfa is RootMfa.NONE else "true",
        *_padded(keys),
        *_NO_CERTIFICATES,
    )


def _user_row(desk: Desk, user: User) -> Sequence[str]:
    keys = [
        (
            "true" if key.status == "Active" else "false",
            _day(key.create_date),
            _day(key.last_used.timestamp if key.last_used else None, _NONE),
            key.last_used.region if key.last_used else _NONE,
            key.last_used.service if key.last_used else _NONE,
        )
        for key in user.access_keys
    ]
    return (
        user.name,
        user.arn,
        _day(user.create_date),
        *_password(desk, user),
        "true" if user.mfa_devices else "false",
        *_padded(keys),
        *_NO_CERTIFICATES,
    )


def _password(desk: Desk, user: User) -> Sequence[str]:
    if not user.password:
        return ("false", _NONE, _NONE, _NONE)
    changed = desk.state.password_changed_at.get(user.name, user.create_date)
    return ("true", _day(user.password_last_used, "no_information"), _day(changed), _NONE)


def _padded(keys: Sequence[tuple[str, ...]]) -> Sequence[str]:
    slots = [*keys, *(_NO_KEY for _ in range(_KEYS_A_USER))][:_KEYS_A_USER]
    return [cell for slot in slots for cell in slot]


def _day(moment: datetime | None, otherwise: str = "") -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S+00:00") if moment else otherwise
