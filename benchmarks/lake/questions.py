"""Ten questions that investigators ask, over a lake of CloudTrail events: seconds cold and warm, bytes an event.

    python benchmarks/lake/growth.py --events 10000000 --keep /tmp/lake10m
    python benchmarks/lake/questions.py /tmp/lake10m

*Cold* is a process of its own after the parts and the manifest were dropped from the page cache. *Warm* is the same
question again in the same process, each time through a new engine. Asked twice: as `sakimori query` asks (with its walls;
as root it reads parts through Arrow), and as DuckDB reads the parts itself for every other user.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from logs import held_in
from measured import Yardstick, print_table, save

TABLE: Final = "aws_cloudtrail_event"
NOW: Final = datetime(2027, 1, 1, tzinfo=UTC)
Values = dict[str, str]


@dataclass(frozen=True, slots=True)
class Question:
    """One question; `$name` is a value of `VALUES`."""

    asks: str
    sql: str


QUESTIONS: Final = (
    Question(
        "who deleted, stopped or opened something",
        f"select event_time, principal_root, event_name, source_ip_address, error_code from {TABLE} where event_name in "
        "('StopLogging', 'CreateAccessKey', 'AuthorizeSecurityGroupIngress') order by event_time desc limit 100",
    ),
    Question(
        "failed calls by principal and day",
        "select cast(event_time as date) as day, principal_root, count(*) as failed, count(distinct event_name) as kinds "
        f"from {TABLE} where error_code is not null group by 1, 2 order by failed desc limit 100",
    ),
    Question(
        "every use of root",
        f"select event_time, event_name, source_ip_address, user_agent, error_code from {TABLE} "
        "where user_identity_type = 'Root' order by event_time limit 10000",
    ),
    Question(
        "logins at the console, with and without MFA",
        "select cast(event_time as date) as day, json_extract_string(additional_event_data, '$.MFAUsed') as mfa, "
        "json_extract_string(response_elements, '$.ConsoleLogin') as ended, count(*) as logins "
        f"from {TABLE} where event_name = 'ConsoleLogin' group by all order by day",
    ),
    Question(
        "all calls from one IP address",
        "select event_source, event_name, principal_root, count(*) as calls, min(event_time) as first, "
        f"max(event_time) as last from {TABLE} where source_ip = $address group by all order by calls desc",
    ),
    Question(
        "all uses of one access key",
        f"select event_time, event_name, source_ip_address, request_parameters, error_code from {TABLE} "
        "where user_identity_access_key_id = $key order by event_time limit 10000",
    ),
    Question(
        "what was done to one bucket, by the request",
        f"select event_name, principal_root, count(*) as calls from {TABLE} where event_source = 's3.amazonaws.com' and "
        "json_extract_string(request_parameters, '$.bucketName') = $bucket group by all order by calls desc",
    ),
    Question(
        "the twenty most frequent programs",
        f"select user_agent, count(*) as calls, count(distinct principal_root) as principals from {TABLE} "
        "group by 1 order by calls desc limit 20",
    ),
    Question(
        "first and last sight of every principal",
        "select principal_root, min(event_time) as first, max(event_time) as last, count(*) as calls, "
        f"count(distinct source_ip) as addresses from {TABLE} group by 1 order by calls desc",
    ),
    Question(
        "one day's denied calls by service",
        "select event_source, event_name, count(*) as denied, count(distinct principal_root) as principals "
        f"from {TABLE} where event_time >= timestamp '2026-10-07' and event_time < timestamp '2026-10-08' and "
        "error_code in ('AccessDenied', 'Client.UnauthorizedOperation') group by all order by denied desc",
    ),
)
VALUES: Final = {
    "address": f"select source_ip from {TABLE} where source_ip is not null group by 1 order by count(*), 1 limit 1",
    "key": f"select user_identity_access_key_id from {TABLE} where user_identity_type = 'AssumedRole' "
    "group by 1 order by count(*) desc, 1 limit 1",
    "bucket": f"select json_extract_string(request_parameters, '$.bucketName') as name from {TABLE} "
    "where event_name = 'GetBucketAcl' group by 1 order by count(*) desc, 1 limit 1",
}


def guarded(home: Path, sql: str, values: Values) -> list[tuple[Any, ...]]:
    """As `sakimori query` does it."""
    from sakimori.app.query import QueryRequest, ask  # noqa: PLC0415 - a cold start pays for what it needs

    with ask(QueryRequest(home=home, sql=sql, parameters=values), clock=lambda: NOW) as answer:
        return list(answer.rows())


def direct(home: Path, sql: str, values: Values) -> list[tuple[Any, ...]]:
    """As DuckDB does it on the parts that the manifest lists, pruned as far as the program prunes them."""
    from sakimori.app.known_tables import known_tables  # noqa: PLC0415
    from sakimori.lake.engines.duck import Engine  # noqa: PLC0415
    from sakimori.lake.engines.spelling import literal  # noqa: PLC0415
    from sakimori.lake.log_reader import LogReader  # noqa: PLC0415
    from sakimori.lake.user_sql import check_user_sql  # noqa: PLC0415

    used = {name: value for name, value in values.items() if f"${name}" in sql}
    query = check_user_sql(sql, known_tables(), now=NOW, parameters=used)
    for name, value in used.items():
        sql = sql.replace(f"${name}", literal(value))
    with closing(LogReader(home)) as reader, closing(Engine()) as engine:
        where = query.where[TABLE]
        parts = reader.parts(TABLE, where) if where else ()
        engine.execute(f"create view {TABLE} as {reader.relation(known_tables()[TABLE], parts)}")
        return list(engine.rows(sql))


ROADS: Final[dict[str, Callable[[Path, str, Values], list[tuple[Any, ...]]]]] = {"guarded": guarded, "direct": direct}


def ask_one(number: int, home: Path, road: str, repetitions: int) -> dict[str, Any]:
    """Ask in this process: once, and then again and again."""
    values: Values = json.loads(os.environ.get("BENCHMARK_VALUES", "{}"))
    sql = QUESTIONS[number].sql
    values = {name: value for name, value in values.items() if f"${name}" in sql}
    seconds: list[float] = []
    cpu: list[float] = []
    rows = 0
    for _ in range(repetitions + 1):
        began, cpu_began = time.perf_counter(), time.process_time()
        rows = len(ROADS[road](home, sql, values))
        seconds.append(time.perf_counter() - began)
        cpu.append(time.process_time() - cpu_began)
    # Without a repetition the only time is that of the first asking.
    warm, warm_cpu = seconds[1:] or seconds, cpu[1:] or cpu
    return {"rows": rows, "warm": statistics.median(warm), "warm_cpu": statistics.median(warm_cpu)}


def drop_from_cache(home: Path) -> None:
    """Tell the kernel to forget the lake's files: only these, for others may be measuring on this machine."""
    for path in (home / "lake").rglob("*"):
        if path.is_file():
            descriptor = os.open(path, os.O_RDONLY)
            try:
                os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
            finally:
                os.close(descriptor)


def in_a_process(number: int, home: Path, road: str, repetitions: int, values: Values) -> dict[str, Any]:
    """Ask in a process of its own; its figures, and its seconds from start to end."""
    command = (
        sys.executable, __file__, str(home), "--one", str(number), "--road", road, "--repetitions", str(repetitions),
    )  # fmt: skip
    began = time.perf_counter()
    done = subprocess.run(
        command, check=True, stdout=subprocess.PIPE, text=True,
        env={**os.environ, "BENCHMARK_VALUES": json.dumps(values)},
    )  # fmt: skip
    return {"process": time.perf_counter() - began, **json.loads(done.stdout)}


def measure(number: int, home: Path, values: Values, repetitions: int) -> dict[str, dict[str, Any]]:
    """Cold and warm, on both roads."""
    found: dict[str, dict[str, Any]] = {}
    for road in ROADS:
        drop_from_cache(home)
        cold = in_a_process(number, home, road, 0, values)["process"]
        found[road] = {**in_a_process(number, home, road, repetitions, values), "cold": cold}
    if found["guarded"]["rows"] != found["direct"]["rows"]:
        raise SystemExit(f"{QUESTIONS[number].asks}: the two roads give other rows")
    return found


def main() -> None:
    """Ask all questions."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("home", type=Path, help="a home whose lake holds CloudTrail events")
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--road", choices=ROADS, default="guarded", help=argparse.SUPPRESS)
    parser.add_argument("--save", type=Path, help="all figures as JSON")
    chosen = parser.parse_args()
    home: Path = chosen.home.absolute()
    if chosen.one is not None:
        print(json.dumps(ask_one(chosen.one, home, chosen.road, chosen.repetitions)))
        return
    yardstick, held = Yardstick(), held_in(home)
    values = {name: str(direct(home, sql, {})[0][0]) for name, sql in VALUES.items()}
    measured: list[dict[str, dict[str, Any]]] = []
    for number, question in enumerate(QUESTIONS):
        print(f"{number + 1}. {question.asks}", file=sys.stderr)
        yardstick.take()
        measured.append(measure(number, home, values, chosen.repetitions))
    print(f"{held.rows:,} events in {held.parts:,} parts, {held.part_bytes / held.rows:.1f} bytes an event on disk\n")
    print_table(
        ("question", "rows", "cold s", "warm s", "warm CPU s", "not as root: cold s", "warm s", "warm CPU s"),
        [
            (f"{number}. {question.asks}", f"{found['guarded']['rows']:,}", *_three(found["guarded"]), *_three(found["direct"]))
            for number, (question, found) in enumerate(zip(QUESTIONS, measured, strict=True), 1)
        ],
    )  # fmt: skip
    print(yardstick.said())
    save(chosen.save, measured)


def _three(found: dict[str, Any]) -> tuple[str, str, str]:
    return f"{found['cold']:.2f}", f"{found['warm']:.2f}", f"{found['warm_cpu']:.2f}"


if __name__ == "__main__":
    main()
