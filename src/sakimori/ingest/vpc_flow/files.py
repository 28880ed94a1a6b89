"""Files of flow logs: how they are recognised, where they may be cut, and what their later pieces need."""

import re
from typing import Final

from sakimori.ingest.vpc_flow.fields import START, Form
from sakimori.ingest.vpc_flow.layout import is_shaped, names_of
from sakimori.ingest.vpc_flow.lines import first_line
from sakimori.ingest.wrapping import PARQUET

_NAME: Final = re.compile(r"vpcflowlogs")
"""In the keys and names of all flow logs that AWS delivers to S3, those of transit gateways too."""
_GATEWAY: Final = "tgw_id"
"""What the fields of a transit gateway's flow log have, and a VPC's have not."""
_FEWEST: Final = 3


def recognises(form: Form, name: str, head: bytes) -> bool:
    """A file of this kind of flow log, by its first line; where that tells nothing, by its name.

    Parquet tells its fields at its end: a long file is taken for a VPC's by its name.
    """
    is_gateway = _GATEWAY in form.fields
    if head.startswith(PARQUET):
        return (_GATEWAY.encode() in head) == is_gateway and (bool(_NAME.search(name)) or b"log_status" in head)
    line = first_line(head.lstrip(b"\r\n"))
    if names := names_of(line):
        known = [field for field in names if field in form.fields]
        by_fields = START in known and len(known) >= _FEWEST
        return (by_fields or bool(_NAME.search(name))) and any("tgw" in field for field in names) == is_gateway
    return not is_gateway and (is_shaped(line) or bool(_NAME.search(name)))


def cut(data: bytes) -> int:
    """After the last whole line; Parquet is never cut."""
    return 0 if data.startswith(PARQUET) else data.rfind(b"\n") + 1


def head(data: bytes) -> bytes:
    """The header of a file that has one."""
    line = first_line(data)
    return line if names_of(line) else b""
