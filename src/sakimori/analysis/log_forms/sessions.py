"""Logs of what was typed: database audits and sessions of Systems Manager."""

from typing import Final

from sakimori.analysis.log_forms.form import LogForm
from sakimori.ingest.rds_audit.source import SOURCE as RDS_AUDIT
from sakimori.ingest.ssm_session.source import SOURCE as SSM_SESSION

RDS_AUDIT_FORM: Final = LogForm(
    table=RDS_AUDIT.table,
    services=("rds", "rds_audit", "rds-audit"),
    categories=("database",),
    principal=("username",),
    origin=("host",),
    resources=("serverhost", "database"),
)
SSM_SESSION_FORM: Final = LogForm(
    table=SSM_SESSION.table,
    services=("ssm", "ssm_session", "ssm-session"),
    principal=("user_identity_arn", "session_id"),
    resources=("target_id",),
)
