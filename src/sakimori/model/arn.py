"""Amazon Resource Names, parsed at the edge."""

from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class Arn:
    """The six parts of `arn:partition:service:region:account-id:resource`.

    Source: AWS General Reference, "Amazon Resource Names (ARNs)". `resource` may itself
    hold colons; `region` and `account_id` may be empty.
    """

    partition: str
    service: str
    region: str
    account_id: str
    resource: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """The parts of `text`; ValueError if it is no ARN.

        >>> Arn.parse("arn:aws-cn:s3:::a-bucket").partition
        'aws-cn'
        """
        parts = text.split(":", 5)
        if len(parts) != 6 or parts[0] != "arn" or not parts[1] or not parts[2]:  # noqa: PLR2004 - an ARN has six parts
            raise ValueError(text)
        return cls(*parts[1:])

    def __str__(self) -> str:
        return f"arn:{self.partition}:{self.service}:{self.region}:{self.account_id}:{self.resource}"
