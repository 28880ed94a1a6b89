"""KMS keys with KMS's defaults and rules: moto leaves out what a key is for, and rotates what cannot be rotated.

Source: KMS API reference, CreateKey, GetKeyRotationStatus and EnableKeyRotation.
"""

import json
from collections.abc import Mapping
from typing import Any, Final

from moto.kms import models
from moto.kms.models import Key, KmsBackend, kms_backends

from sakimori.simulate.call import Answer, ServiceError
from sakimori.simulate.stand_ins.form import Desk, StandIn

_SUCCESS: Final = 300

_models: Any = models  # it re-exports without saying so
_pair_of = _models.generate_private_key


def _pair_if_asymmetric(key_spec: str) -> Any:
    return None if key_spec == "SYMMETRIC_DEFAULT" or key_spec.startswith("HMAC_") else _pair_of(key_spec)


# moto makes an RSA pair, which takes a tenth of a second, for symmetric keys too, and never uses it.
_models.generate_private_key = _pair_if_asymmetric


def create(desk: Desk) -> Answer:
    """Moto's key with KMS's defaults; one for imported material waits for it."""
    answer = desk.moto()
    if answer.status >= _SUCCESS:
        return answer
    key = _backend(desk).keys[json.loads(answer.body)["KeyMetadata"]["KeyId"]]
    _complete(key)
    if key.origin == "EXTERNAL":
        key.key_state, key.enabled = "PendingImport", False
    return Answer(status=answer.status, headers=answer.headers, body=json.dumps(key.to_dict()).encode())


def describe(desk: Desk) -> Answer:
    """Moto's answer; a key under one of AWS's own aliases is AWS's, though moto made it."""
    key = _key(desk)
    if key:
        _complete(key)
    return desk.moto()


def change(desk: Desk) -> Answer:
    """Moto's answer, for an enabled key that KMS can rotate."""
    key = _key(desk)
    if key:
        _require_rotatable(key)
        if key.key_state == "Disabled":
            raise ServiceError("DisabledException", f"{key.arn} is disabled.", 400)
        if key.key_state != "Enabled":
            raise ServiceError("KMSInvalidStateException", f"{key.arn} is pending deletion.", 400)
    return desk.moto()


def status(desk: Desk) -> Mapping[str, object] | Answer:
    """Moto's answer; false for a key that waits for its deletion."""
    key = _key(desk)
    if key is None:
        return desk.moto()
    _require_rotatable(key)
    is_on = key.key_rotation_status and key.key_state != "PendingDeletion"
    return {"KeyId": key.id, "KeyRotationEnabled": is_on, **({"RotationPeriodInDays": 365} if is_on else {})}


STAND_INS: Final[Mapping[str, StandIn]] = {
    "kms:CreateKey": create,
    "kms:DescribeKey": describe,
    "kms:DisableKeyRotation": change,
    "kms:EnableKeyRotation": change,
    "kms:GetKeyRotationStatus": status,
}


def _backend(desk: Desk) -> KmsBackend:
    return kms_backends[desk.state.account_id][desk.call.region]


def _key(desk: Desk) -> Key | None:
    """The key that is asked for, None where moto shall refuse."""
    return _backend(desk).keys.get(str(desk.parameters()["KeyId"]).rpartition("/")[2])


def _complete(key: Key) -> None:
    key.key_usage = key.key_usage or "ENCRYPT_DECRYPT"
    key.multi_region = bool(key.multi_region)
    if any(name.startswith("alias/aws/") for name in key.aliases):
        key.key_manager = "AWS"


def _require_rotatable(key: Key) -> None:
    if key.key_spec != "SYMMETRIC_DEFAULT" or key.origin != "AWS_KMS":
        raise ServiceError("UnsupportedOperationException", f"{key.arn} does not support automatic rotation.", 400)
