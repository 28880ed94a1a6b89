"""What a flow log's own settings say of the log group that it writes to: whose traffic, in which order of fields."""

import re
from dataclasses import dataclass
from typing import Final

from sakimori.aws.door import Door
from sakimori.aws.refusal import Refusal

DESCRIBE_FLOW_LOGS: Final = "ec2:DescribeFlowLogs"
_FIELD: Final = re.compile(r"\$\{([a-z][a-z0-9_-]{0,63})\}")
_GATEWAY: Final = "tgw-"


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupFlowLog:
    """The kind of the group's log, and the header that its lines would have in a file; b"" where they are not all alike."""

    kind: str
    head: bytes


def flow_log_of(door: Door, region: str, group: str) -> GroupFlowLog | None:
    """The flow log that writes to this group; None where none does, or AWS does not say."""
    asked = {"Filters": [{"Name": "log-group-name", "Values": [group]}]}
    try:
        found = [each for page in door.pages(DESCRIBE_FLOW_LOGS, region, asked) for each in page.get("FlowLogs") or ()]
    except Refusal:
        # Lines of the default format tell what they are without it.
        return None
    if not found:
        return None
    formats = {str(each.get("LogFormat", "")) for each in found}
    are_of_gateways = {str(each.get("ResourceId", "")).startswith(_GATEWAY) for each in found}
    names = _FIELD.findall(formats.pop()) if len(formats) == 1 else []
    return GroupFlowLog(
        kind="tgw-flow" if are_of_gateways == {True} else "vpc-flow",
        head=" ".join(names).encode() + b"\n" if names else b"",
    )
