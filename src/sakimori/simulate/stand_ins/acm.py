"""ACM's list, which shows certificates of RSA keys of 2048 bits alone to whoever asks for no kind of key.

Source: ACM API reference, ListCertificates.
"""

import json
from collections.abc import Mapping
from typing import Final

from sakimori.simulate.call import Answer
from sakimori.simulate.stand_ins.form import Desk, StandIn

_DEFAULT: Final = "RSA_2048"
_SUCCESS: Final = 300


def certificates(desk: Desk) -> Answer:
    """Moto's list without what AWS leaves out."""
    answer = desk.moto()
    if answer.status >= _SUCCESS or (desk.parameters().get("Includes") or {}).get("keyTypes"):
        return answer
    page = json.loads(answer.body)
    page["CertificateSummaryList"] = [
        each for each in page["CertificateSummaryList"] if each.get("KeyAlgorithm") == _DEFAULT
    ]
    return Answer(status=answer.status, headers=answer.headers, body=json.dumps(page).encode())


STAND_INS: Final[Mapping[str, StandIn]] = {"acm:ListCertificates": certificates}
