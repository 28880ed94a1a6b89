"""Who uses what is about to be closed, from the logs that the lake holds: access logs of S3, data events of CloudTrail, flow logs."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from sakimori.actions.site import Usage
from sakimori.app.query import QueryRequest, ask
from sakimori.lake.log_reader import Where
from sakimori.lake.user_sql import Value
from sakimori.model.errors import UsageError

_SPAN: Final = timedelta(days=30)
_READS: Final = """
select count(distinct date_trunc('day', time)) as days,
  count(*) filter (where requester is null and http_status < 400) as found,
  max(time) filter (where requester is null and http_status < 400) as last_at
from aws_s3_access_log where bucket = $bucket
"""
_EVENTS: Final = """
select count(distinct date_trunc('day', event_time)) as days,
  count(*) filter (where user_identity_account_id = 'anonymous' and error_code is null) as found,
  max(event_time) filter (where user_identity_account_id = 'anonymous' and error_code is null) as last_at
from aws_cloudtrail_event
where event_source = 's3.amazonaws.com' and not management_event and read_only
  and json_extract_string(request_parameters, '$.bucketName') = $bucket
"""
"""Reads alone: where only writes are recorded, no event says that nobody reads."""
_FLOWS: Final = r"""
select count(distinct date_trunc('day', start_time)) as days,
  count(*) filter (where dstport between $low and $high and not is_private) as found,
  max(end_time) filter (where dstport between $low and $high and not is_private) as last_at
from (
  select start_time, end_time, dstport,
    regexp_matches(srcaddr, '^(10\.|192\.168\.|169\.254\.|127\.|172\.(1[6-9]|2[0-9]|3[01])\.|f[cd]|fe[89ab])') as is_private
  from aws_vpc_flow_log where interface_id = $interface and action = 'ACCEPT'
)
"""
"""Accepted flows alone: a flow log of what was refused says nothing of who comes in."""


@dataclass(frozen=True, slots=True)
class LakeLogs:
    """The last thirty days of one account's logs in the lake under a home; a day counts as seen where a log of the thing itself is of it."""

    home: Path
    account: str
    now: datetime

    def public_reads(self, bucket: str) -> Usage:
        """From access logs, or where there are none of this bucket, from data events."""
        # A bucket's name is its alone in all accounts, and its access logs do not say whose it is.
        found = self._usage(_READS, {"bucket": bucket}, ())
        return found if found.days else self._usage(_EVENTS, {"bucket": bucket}, (self.account,))

    def accepted(self, interface: str, ports: tuple[int, int]) -> Usage:
        """From the flow logs of the network interface."""
        return self._usage(_FLOWS, {"interface": interface, "low": ports[0], "high": ports[1]}, (self.account,))

    def _usage(self, sql: str, parameters: dict[str, Value], accounts: tuple[str, ...]) -> Usage:
        where = Where(since=self.now - _SPAN, accounts=accounts)
        request = QueryRequest(home=self.home, sql=sql, where=where, parameters=parameters)
        try:
            with ask(request, clock=lambda: self.now) as answer:
                days, found, last_at = next(answer.rows())
        except UsageError:
            return Usage()
        return Usage(count=found, days=days, last_at=last_at.replace(tzinfo=self.now.tzinfo) if last_at else None)
