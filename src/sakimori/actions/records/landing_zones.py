"""Who set up a whole account from outside, told by the names that they give to what they make.

Source: AWS Control Tower User Guide, "Resources created in the shared accounts" and "How AWS Control Tower works with
roles"; Landing Zone Accelerator on AWS, implementation guide (its default prefix).
"""

from collections.abc import Iterable
from typing import Final

_BY_PART: Final = {
    "aws-controltower": "AWS Control Tower",
    "awscontroltower": "AWS Control Tower",
    "aws-accelerator": "Landing Zone Accelerator on AWS",
    "awsaccelerator": "Landing Zone Accelerator on AWS",
}


def landing_zone_of(names: Iterable[str]) -> str:
    """Who makes things of such names; "" where none of the names tells of anybody."""
    for name in names:
        for part, owner in _BY_PART.items():
            if part in name.lower():
                return owner
    return ""
