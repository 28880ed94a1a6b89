"""Which logs a database sends to CloudWatch Logs, and which one of its engine tells most."""

from sakimori.collect.declaration import Context, Record

# The log in which an engine writes sign-ins and errors, by the beginning of the engine's name; the first that fits.
# Source: RDS API reference, CreateDBInstance and CreateDBCluster, EnableCloudwatchLogsExports; for clusters that can
# export an audit log, the one that Security Hub RDS.34, DocumentDB.4 and Neptune.2 ask for.
_MAIN_LOGS = (
    ("aurora-mysql", "audit"),
    ("aurora-postgresql", "postgresql"),
    ("neptune", "audit"),
    ("docdb", "audit"),
    ("postgres", "postgresql"),
    ("mysql", "error"),
    ("mariadb", "error"),
    ("sqlserver-", "error"),
    ("oracle-", "alert"),
    ("db2-", "diag.log"),
)


def exported(record: Record, _context: Context) -> list[str]:
    """The types of log it sends, in order; RDS leaves an empty list out."""
    found = record.get("EnabledCloudwatchLogsExports")
    if found is None:
        return []
    if not isinstance(found, list):
        raise TypeError(found)
    return sorted(map(str, found))


def main_log(record: Record, _context: Context) -> str | None:
    """The engine's main log; None for an engine that exports none or that we do not know."""
    engine = str(record.get("Engine", ""))
    return next((log for beginning, log in _MAIN_LOGS if engine.startswith(beginning)), None)


def exports_main_log(record: Record, context: Context) -> bool | None:
    """Whether the engine's main log is among those that it sends."""
    wanted = main_log(record, context)
    return None if wanted is None else wanted in exported(record, context)
