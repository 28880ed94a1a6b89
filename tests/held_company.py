"""The messy company, seeded once for all tests of this process that only read it: seeding takes seconds.

moto keeps its state in globals of the process, and `mock_aws` wipes all of it on entering. So
the company is looked at before it is handed out, and seeded anew where somebody wiped it.
"""

from botocore.exceptions import ClientError

from sakimori.model.errors import UsageError
from sakimori.simulate.identities import OWNER
from sakimori.simulate.server import SimulatedAccount

_held: list[SimulatedAccount] = []


def held_company() -> SimulatedAccount:
    """The company without faults and with no call remembered; nobody may change what is in it."""
    if _held and not _is_whole(_held[0]):
        close_company()
    if not _held:
        _held.append(SimulatedAccount("messy-company").__enter__())
    _held[0].faults.clear()
    _held[0].forget_calls()
    return _held[0]


def close_company() -> None:
    """Stop it."""
    while _held:
        _held.pop().__exit__(None, None, None)


def _is_whole(company: SimulatedAccount) -> bool:
    company.faults.clear()
    try:
        company.credentials(OWNER)
        company.client("iam").get_user(UserName="sato.kenji")
    except (ClientError, UsageError):
        return False
    return True
