"""A guardrail tried on recorded events: events a second, CPU and memory; and how often its SQL agrees with `ask`.

    python benchmarks/iam/backtest.py --home DIR                      # 10M events, three rounds, 100,000 verdicts compared
    python benchmarks/iam/backtest.py --home DIR --months 10           # as many events of a quieter company: 4,110 small parts
    python benchmarks/iam/backtest.py --home DIR --copies 1 --rounds 1

DIR keeps a month of 1M simulated events as a lake, and its copies under other ids, over so many months; made where it is not
there. Three months are the usual `--since 90d`. Each part (account, Region and day) costs about a millisecond to open, twice.
Each round runs in a process of its own, start-up of Python left out. Prints; asserts nothing.
`without_resource`: no statement asks for it, or it is not recorded; then it is asked again with several.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from sakimori.analysis.iam.ask import Decision, ask
from sakimori.analysis.iam.backtest import Guard, Trial, try_policy
from sakimori.analysis.iam.event_actions import actions_of
from sakimori.analysis.iam.policy import policy_of
from sakimori.analysis.iam.sql.calls import calls_of
from sakimori.analysis.iam.sql.events import policies_of, request_of_event
from sakimori.analysis.iam.sql.predicates import policy_sql
from sakimori.analysis.iam.sql.trial import TrialSql
from sakimori.app.clock import utc_now
from sakimori.ingest.cloudtrail.table import TABLE
from sakimori.lake.engines.duck import Engine
from sakimori.lake.engines.log_parquet import read_part, write_parts
from sakimori.lake.log_parts import LogPart, Prepared
from sakimori.lake.log_reader import LogReader
from sakimori.lake.log_writer import LogWriter

SAKIMORI: Final = (sys.executable, "-m", "sakimori")
RANKS: Final = {Decision.ALLOWED: 0, Decision.UNKNOWN: 1, Decision.IMPLICIT_DENY: 2, Decision.EXPLICIT_DENY: 3}
CANDIDATES: Final = ("*", "arn:aws:s3:::app-logs/a", "arn:aws:ec2:us-east-1:111122223333:instance/i-00")
_DAYS: Final = 28
SCP: Final = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "Regions", "Effect": "Deny", "Resource": "*",
            "NotAction": ["iam:*", "sts:*", "organizations:*", "cloudfront:*", "route53:*", "support:*"],
            "Condition": {
                "StringNotEquals": {"aws:RequestedRegion": ["us-east-1", "ap-northeast-1"]},
                "ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/OrganizationAccountAccessRole"},
            },
        },
        {"Sid": "Leave", "Effect": "Deny", "Action": "organizations:LeaveOrganization", "Resource": "*"},
        {
            "Sid": "Trail", "Effect": "Deny", "Resource": "*",
            "Action": ["cloudtrail:StopLogging", "cloudtrail:DeleteTrail", "cloudtrail:UpdateTrail"],
        },
        {
            "Sid": "Root", "Effect": "Deny", "Action": "*", "Resource": "*",
            "Condition": {"StringLike": {"aws:PrincipalArn": "arn:aws:iam::*:root"}},
        },
        {
            "Sid": "Keys", "Effect": "Deny", "Action": ["iam:CreateAccessKey", "iam:CreateUser"], "Resource": "*",
            "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}},
        },
        {
            "Sid": "Logs", "Effect": "Deny", "Action": ["s3:PutObject", "s3:DeleteObject"],
            "Resource": "arn:aws:s3:::*-logs/*",
        },
        {
            "Sid": "Network", "Effect": "Deny", "Action": ["secretsmanager:GetSecretValue", "kms:Decrypt"], "Resource": "*",
            "Condition": {
                "NotIpAddressIfExists": {"aws:SourceIp": ["10.0.0.0/8", "198.51.100.0/24"]},
                "BoolIfExists": {"aws:ViaAWSService": "false"},
            },
        },
        {
            "Sid": "Sizes", "Effect": "Deny", "Action": "ec2:RunInstances", "Resource": "arn:aws:ec2:*:*:instance/*",
            "Condition": {"StringNotLike": {"ec2:InstanceType": ["t3.*", "m5.*"]}},
        },
    ],
}  # fmt: skip
TRIAL: Final = Trial(policy=policy_of("scp", SCP), guard=Guard.SCP)


# -- the lake ----------------------------------------------------------------------


def month_in(folder: Path) -> Path:
    """A home whose lake holds one simulated month."""
    home = folder / "home"
    if not (home / "lake" / "manifest.db").exists():
        month = folder / "month"
        told("simulating a month")
        attacks = ("--attack", "leaked-key", "--attack", "stolen-password")
        subprocess.run(
            (*SAKIMORI, "simulate", "month", "--directory", str(month), *attacks), check=True, stdout=subprocess.DEVNULL
        )
        environment = {**os.environ, "SAKIMORI_HOME": str(home)}
        subprocess.run((*SAKIMORI, "ingest", "cloudtrail", str(month / "AWSLogs"), "--format", "json"), env=environment, check=True, stdout=subprocess.DEVNULL)  # fmt: skip
    return home


def copied(home: Path, target: Path, copies: int, months: int) -> Path:
    """A home with the month so many times, each copy in one of so many months, its events with ids of their own."""
    if copies == 1:
        return home
    if (target / "lake" / "manifest.db").exists():
        return target
    told(f"copying the month {copies} times")
    unfinished = target.with_name(f"{target.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    with closing(LogReader(home)) as reader, closing(LogWriter(unfinished, utc_now)) as writer:
        for part in reader.parts(TABLE.name):
            rows = read_part(reader.root / part.path)
            for month in range(min(copies, months)):
                with writer.scratch() as scratch:
                    whole = together([copy_of(rows, number, month) for number in range(month, copies, months)])
                    written, _ = write_parts(TABLE, whole, scratch)
                    writer.commit(TABLE, Prepared(table=TABLE.name, parts=written, objects=()), scratch)
    unfinished.rename(target)
    return target


def together(copies: Sequence[Any]) -> Any:
    """The rows of all of them, by time, as compaction leaves them."""
    import pyarrow as pa  # noqa: PLC0415 - only the copies need it

    return pa.concat_tables(copies).sort_by("event_time")


def copy_of(rows: Any, number: int, months: int) -> Any:
    """The rows so many months before, with other ids for each number."""
    import pyarrow as pa  # noqa: PLC0415 - only the copies need it

    from sakimori.lake.engines.arrow import compute  # noqa: PLC0415

    if not number:
        return rows
    time_at, id_at = rows.schema.get_field_index("event_time"), rows.schema.get_field_index("event_id")
    moved = compute().subtract(rows.column(time_at), pa.scalar(timedelta(days=_DAYS * months), pa.duration("us")))
    ids = rows.column(id_at).cast(pa.string())
    renamed = compute().binary_replace_slice(ids, start=0, stop=2, replacement=f"{number:02x}")
    return rows.set_column(time_at, "event_time", moved).set_column(id_at, "event_id", renamed)


# -- what is measured ----------------------------------------------------------------


def one_round(home: Path, threads: int) -> dict[str, object]:
    """One trial over all events, start-up of Python aside."""
    began, used = time.perf_counter(), time.process_time()
    with closing(LogReader(home)) as reader, closing(Engine(threads=threads, query_seconds=600)) as engine:
        parts = reader.parts(TABLE.name)
        found = try_policy(engine, lambda columns: reader.relation(TABLE, parts, columns), TRIAL)
        facts = next(engine.rows("select count(*) from fact"))[0]
    wall, cpu = time.perf_counter() - began, time.process_time() - used
    return {
        "events": found.event_count,
        "judged": found.judged_count,
        "denied": found.count(denied=True, refused=False),
        "unknown": found.count(denied=False, refused=False),
        "alike": facts,
        "parts": len(parts),
        "wall_s": round(wall, 2),
        "cpu_s": round(cpu, 2),
        "events_per_wall_s": round(found.event_count / wall),
        "events_per_cpu_s": round(found.event_count / cpu),
        "peak_mb": peak_mb(),
    }


def peak_mb() -> int:
    """The most memory of this process. `ru_maxrss` would tell that of whoever started it, where that was more."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    [kib] = [line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:")]
    return int(kib) // 1024


def agreement(home: Path, wanted: int) -> dict[str, object]:
    """Verdicts of single events by the SQL, each asked again of `ask`, until so many are compared."""
    counts = {"verdicts": 0, "agree": 0, "unknown": 0, "without_resource": 0}
    with closing(LogReader(home)) as reader, closing(Engine()) as engine:
        for portion in portions(reader.parts(TABLE.name)):
            if counts["verdicts"] >= wanted:
                break
            compare(engine, reader, portion, counts)
    return {**counts, "share": counts["agree"] / max(1, counts["verdicts"])}


def portions(parts: tuple[LogPart, ...]) -> list[tuple[LogPart, ...]]:
    """The parts of each day, days far from each other first."""
    days = sorted({part.partition.day for part in parts})
    order = [day for start in range(7) for day in days[start::7]]
    return [tuple(part for part in parts if part.partition.day == day) for day in order]


def compare(engine: Engine, reader: LogReader, parts: tuple[LogPart, ...], counts: dict[str, int]) -> None:
    """Judge the events of these parts both ways."""
    relation = reader.relation(TABLE, parts)
    names = [column.name for column in TABLE.columns]
    written = policy_sql(TRIAL.policy)
    pairs = [
        tuple(row) for row in engine.rows(f"select distinct event_source, event_name from ({relation}) order by all")
    ]
    calls = calls_of(written, TRIAL.policy, pairs, actions_of, allows_rest=TRIAL.allows_rest)  # pyright: ignore[reportArgumentType]
    sql = TrialSql(written=written, calls=calls, trial=TRIAL, by_event=True)
    sql.run(engine, relation)
    events = {
        row[names.index("event_id")]: dict(zip(names, row, strict=True))
        for row in engine.rows(
            f"select {', '.join(names)} from ({relation}) where event_id in (select event_id from verdict)"
        )
    }
    policies = {
        account: policies_of(TRIAL, account) for account in {str(each["account_id"]) for each in events.values()}
    }
    for event_id, action, resource_arn, rank in engine.rows("select event_id, action, resource, rank from verdict"):
        event = events[event_id]
        known = policies[str(event["user_identity_account_id"])]
        resources = CANDIDATES if resource_arn is None else (resource_arn,)
        answers = {RANKS[ask(request_of_event(event, action, each), known).decision] for each in resources}
        counts["verdicts"] += 1
        counts["unknown"] += rank == 1
        counts["without_resource"] += resource_arn is None
        # Of a resource that is not known: refused or not whatever it is, or not known.
        is_sound = resource_arn is None and (rank == 1 or {each >= 2 for each in answers} == {rank >= 2})
        counts["agree"] += answers == {rank} or is_sound


def told(words: str) -> None:
    print(words, file=sys.stderr)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--copies", type=int, default=10)
    parser.add_argument("--months", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--verdicts", type=int, default=100_000)
    parser.add_argument("--one", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        print(json.dumps(one_round(given.one, given.threads)))
        return
    month = month_in(given.home)
    lake = copied(month, given.home / f"home-{given.copies}-{given.months}", given.copies, given.months)
    for _ in range(given.rounds):
        command = (
            sys.executable,
            __file__,
            "--home",
            str(given.home),
            "--one",
            str(lake),
            "--threads",
            str(given.threads),
        )
        print(subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip())
    if given.verdicts:
        print(json.dumps(agreement(month, given.verdicts)))


if __name__ == "__main__":
    main()
