"""DNS queries: of VPCs, as Route 53 Resolver logs them, and of public hosted zones, as Route 53 does.

Resolver writes JSON lines (to S3, CloudWatch Logs or Firehose), hosted zones lines of ten fields (to CloudWatch Logs).
Neither gives a query an identifier, and one host may ask the same twice within a millisecond: only files are told apart.
Source: Route 53 Developer Guide, "Values that appear in VPC Resolver query logs" and "Public DNS query logging".
"""

import re
from functools import partial
from typing import Final

from sakimori.ingest.json_members import Values, finished, inside, moment, plan_of, take
from sakimori.ingest.json_records import Record, cut, json_text, rows_of, top_keys
from sakimori.ingest.log_messages import Message, first_message
from sakimori.ingest.rows import RowBatch
from sakimori.ingest.source import INTEGER, TEXT, TIMESTAMP, Reason, Refused, Row, Source, col, log_table

TABLE: Final = log_table(
    "aws_dns_query_log",
    "DNS queries that VPCs sent to Route 53 Resolver, and that public hosted zones of Route 53 got.",
    key="query_name",
    time="query_timestamp",
    distinct=("query_timestamp",),
    columns=(
        col("query_timestamp", TIMESTAMP, "When the query was made."),
        col("query_name", TEXT, "The name that was asked for; Resolver ends it with a dot."),
        col("query_type", TEXT, "The type of record that was asked for, such as A or TXT."),
        col("query_class", TEXT, "The class of the query, IN as a rule."),
        col("rcode", TEXT, "How the query was answered, such as NOERROR or NXDOMAIN."),
        col("rdata", TEXT, "The values of all answers, separated by commas; NULL where there is none."),
        col("answers", TEXT, "All answers with type and class, as JSON."),
        col("srcaddr", TEXT, "The IP address in the VPC that asked."),
        col("srcport", INTEGER, "The port from which it asked."),
        col("transport", TEXT, "UDP, TCP or another protocol of the query."),
        col("vpc_id", TEXT, "The VPC from which the query came; NULL for a hosted zone."),
        col("instance", TEXT, "The instance that asked; NULL where Resolver knows none."),
        col("resolver_endpoint", TEXT, "The Resolver endpoint that the query passed."),
        col("resolver_network_interface", TEXT, "The network interface of that endpoint."),
        col("firewall_rule_action", TEXT, "What DNS Firewall did, such as ALERT or BLOCK; NULL where no rule matched."),
        col("firewall_rule_group_id", TEXT, "The rule group of DNS Firewall that matched."),
        col("firewall_domain_list_id", TEXT, "The domain list of the rule that matched."),
        col("hosted_zone_id", TEXT, "The public hosted zone that was asked; NULL for a query of a VPC."),
        col("edge_location", TEXT, "Where Route 53 answered for the hosted zone."),
        col("resolver_ip", TEXT, "The IP address of the resolver that asked the hosted zone."),
        col("edns_client_subnet", TEXT, "The network of the client, where the resolver told it."),
        col("version", TEXT, "The version of the log's format."),
        col("rest", TEXT, "All other fields, as JSON."),
    ),
)  # fmt: skip

_PLAN: Final = plan_of(
    TABLE,
    {
        name: name
        for name in (
            "query_timestamp", "query_name", "query_type", "query_class", "rcode", "srcaddr", "srcport", "transport",
            "vpc_id", "firewall_rule_action", "firewall_rule_group_id", "firewall_domain_list_id", "version",
            "account_id", "region",
        )
    },
    {"answers": "answers"},
)  # fmt: skip
_SOURCE_PLAN: Final = plan_of(
    TABLE,
    {
        "instance": "instance",
        "resolver_endpoint": "resolver_endpoint",
        "resolver-endpoint": "resolver_endpoint",
        "resolver_network_interface": "resolver_network_interface",
    },
)
_ZONE_LINE: Final = re.compile(
    r"[0-9]+\.[0-9]+ [0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z Z[A-Z0-9]+ \S+ [A-Z0-9]+ [A-Za-z]+ (?:UDP|TCP) "
)
_ZONE_FIELDS: Final = (
    "version", "query_timestamp", "hosted_zone_id", "query_name", "query_type", "rcode", "transport", "edge_location",
    "resolver_ip", "edns_client_subnet",
)  # fmt: skip


def _resolver_row(record: Record) -> Row | Refused:
    row: Values = {}
    rest = dict(record.members)
    answers = rest.get("answers")
    take(_PLAN, rest, row)
    if isinstance(answers, list):
        row["rdata"] = ", ".join(filter(None, map(_rdata, answers))) or None
    sources = rest.pop("srcids", None)
    if isinstance(sources, dict):
        take(_SOURCE_PLAN, sources, row)
    if sources:
        rest["srcids"] = sources
    if "query_name" not in row:
        return Refused(offset=record.offset, reason=Reason.NOT_A_RECORD)
    return finished(record, TABLE, row, rest)


def _rdata(answer: object) -> str | None:
    found = inside(answer, "Rdata")
    return found if isinstance(found, str) else None


def _zone_row(message: Message) -> Row | Refused:
    """The row of a hosted zone's line. A space in a name is written as an octal number, so that none stands in a field."""
    fields = message.text.split(" ")
    if not _ZONE_LINE.match(message.text) or len(fields) < len(_ZONE_FIELDS):
        return Refused(offset=message.offset, reason=Reason.BAD_LINE, size=len(message.text))
    row: Values = {name: value for name, value in zip(_ZONE_FIELDS, fields, strict=False) if value != "-"}
    row["query_timestamp"] = moment(fields[1]) or message.logged_at
    if row["query_timestamp"] is None:
        return Refused(offset=message.offset, reason=Reason.NO_TIME, detail=TABLE.time)
    if len(fields) > len(_ZONE_FIELDS):
        row["rest"] = json_text({"more": fields[len(_ZONE_FIELDS) :]})
    return row


def _recognises(name: str, head: bytes) -> bool:
    if "/vpcdnsquerylogs/" in name or "_vpcdnsquerylogs_" in name:
        return True
    return {"query_timestamp", "query_name", "rcode"} <= top_keys(head) or bool(_ZONE_LINE.match(first_message(head)))


SOURCE: Final = Source(
    name="dns",
    table=TABLE,
    batch=partial(RowBatch, TABLE, partial(rows_of, row=_resolver_row, line=_zone_row)),
    recognises=_recognises,
    cut=cut,
)
