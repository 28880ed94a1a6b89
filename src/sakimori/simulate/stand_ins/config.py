"""How AWS Config's recorders fare: a recorder without a way to deliver fails."""

from collections.abc import Mapping
from typing import Any, Final

from moto.config.models import config_backends
from moto.s3.models import s3_backends

from sakimori.simulate.call import Answer
from sakimori.simulate.stand_ins.form import Desk, StandIn


def recorder_status(desk: Desk) -> Answer:
    """Moto's answer, with SUCCESS or FAILURE in the place of a delivery that stays PENDING for ever."""
    backend = config_backends[desk.state.account_id][desk.call.region]
    buckets = s3_backends[desk.state.account_id][desk.state.partition].buckets
    delivers = any(channel.s3_bucket_name in buckets for channel in backend.delivery_channels.values())
    for recorder in backend.recorders.values():
        status: Any = recorder.status  # moto declares nothing of its attributes
        if status.recording:
            status.last_status = "SUCCESS" if delivers else "FAILURE"
            status.last_error_code = None if delivers else "NoSuchBucket"
    return desk.moto()


STAND_INS: Final[Mapping[str, StandIn]] = {"config:DescribeConfigurationRecorderStatus": recorder_status}
