"""Which operations a stand-in answers."""

from collections.abc import Mapping
from typing import Final

from sakimori.simulate.stand_ins import (
    authorization,
    backup,
    cloudtrail,
    config,
    credentials,
    ec2,
    iam,
    opensearch,
    rds,
    redshift,
    s3,
    sns,
    sts,
    support,
)
from sakimori.simulate.stand_ins.form import StandIn

STAND_INS: Final[Mapping[str, StandIn]] = {
    **authorization.STAND_INS,
    **backup.STAND_INS,
    **cloudtrail.STAND_INS,
    **config.STAND_INS,
    **credentials.STAND_INS,
    **ec2.STAND_INS,
    **iam.STAND_INS,
    **opensearch.STAND_INS,
    **rds.STAND_INS,
    **redshift.STAND_INS,
    **s3.STAND_INS,
    **sns.STAND_INS,
    **sts.STAND_INS,
    **support.STAND_INS,
}
"""By `service:Operation`; everything else goes to moto."""


def stand_in_of(name: str) -> StandIn | None:
    """The stand-in of `service:Operation`; support answers as a whole (its plan decides)."""
    if name.startswith("support:"):
        return STAND_INS.get(name, support.behind_the_plan)
    return STAND_INS.get(name)
