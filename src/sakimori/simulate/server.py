"""A whole simulated AWS account behind one endpoint on loopback."""

import os
import time
from collections.abc import Mapping
from contextlib import AbstractContextManager, ExitStack
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any, Final, Self

from sakimori.simulate.application import Application
from sakimori.simulate.enforcement import Gate
from sakimori.simulate.faults import Faults
from sakimori.simulate.identities import OWNER, Credentials, credentials_of, make_identities
from sakimori.simulate.listener import Listener
from sakimori.simulate.moto_account import MotoAccount
from sakimori.simulate.recorder import RecordedCall, Recorder
from sakimori.simulate.scenarios.form import Seeding, Truth
from sakimori.simulate.scenarios.register import scenario_of
from sakimori.simulate.state import AccountState, Clock, RootUser

ACCOUNT_ID: Final = "123456789012"
"""moto's own number of the account, visibly not a real one."""
_AGE_OF_THE_ACCOUNT: Final = timedelta(days=1200)


def system_clock() -> datetime:
    """Now, in UTC."""
    return datetime.fromtimestamp(time.time(), tz=UTC)


class SimulatedAccount(AbstractContextManager["SimulatedAccount"]):
    """One AWS account that any AWS client may talk to while the context lasts.

    Its state lives in this process's moto: one account at a time (UsageError for a
    second), as many after one another as you like. `scenario` names a seeding, or None
    for an account with nothing but the three identities of `identities`.
    """

    def __init__(
        self, scenario: str | None = None, *, enforce_iam: bool = True, port: int = 0,
        auditor_policy: Mapping[str, Any] | None = None, account_id: str = ACCOUNT_ID, clock: Clock = system_clock,
    ) -> None:  # fmt: skip
        self._scenario = scenario_of(scenario) if scenario else None
        self._enforce_iam = enforce_iam
        self._port = port
        self._auditor_policy = auditor_policy
        self._recorder = Recorder()
        self._open = ExitStack()
        self._url = ""
        self.account_id = account_id
        self.faults = Faults()
        self.state = AccountState(
            account_id=account_id, clock=clock, root=RootUser(created_at=clock() - _AGE_OF_THE_ACCOUNT)
        )
        self.truth: Truth = {}

    def __enter__(self) -> Self:
        with ExitStack() as opening:
            moto = opening.enter_context(MotoAccount(self.account_id))
            make_identities(self.state, self._auditor_policy)
            listener = Listener(self._application(moto).respond, self._port)
            listener.start()
            opening.callback(listener.stop)
            self._url = listener.url
            if self._scenario:
                seeding = Seeding(
                    endpoint_url=self._url,
                    credentials=self.credentials(OWNER),
                    state=self.state,
                    as_of=self.state.clock(),
                )
                self.truth = self._scenario(seeding)
                self._recorder.clear()
            self._open = opening.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._open.close()

    @property
    def endpoint_url(self) -> str:
        """`http://127.0.0.1:PORT`, the endpoint of every service."""
        return self._url

    @property
    def calls(self) -> tuple[RecordedCall, ...]:
        """Every call since seeding, in the order of the answers."""
        return self._recorder.calls

    def forget_calls(self) -> None:
        """Begin a new list of calls."""
        self._recorder.clear()

    def credentials(self, name: str = OWNER) -> Credentials:
        """The key of `owner`, `auditor`, `nobody` or any user of the scenario that has one."""
        return credentials_of(self.state, name)

    def environment(self, name: str = OWNER, region: str = "us-east-1") -> Mapping[str, str]:
        """This process's environment with what makes any AWS client talk to this account."""
        key = self.credentials(name)
        kept = {variable: value for variable, value in os.environ.items() if not variable.startswith("AWS_")}
        return {
            **kept,
            "AWS_ACCESS_KEY_ID": key.access_key_id,
            "AWS_SECRET_ACCESS_KEY": key.secret_access_key,
            "AWS_ENDPOINT_URL": self.endpoint_url,
            "AWS_DEFAULT_REGION": region,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def _application(self, moto: MotoAccount) -> Application:
        gate = Gate(self.state) if self._enforce_iam else None
        return Application(state=self.state, moto=moto, gate=gate, faults=self.faults, recorder=self._recorder)
