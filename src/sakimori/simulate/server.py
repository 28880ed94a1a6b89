"""A whole simulated AWS account behind one endpoint on loopback."""

import os
from collections.abc import Mapping
from contextlib import AbstractContextManager, ExitStack
from datetime import timedelta
from types import TracebackType
from typing import Any, Final, Self

from sakimori.simulate.application import Application
from sakimori.simulate.clients import client_of
from sakimori.simulate.clock import MotoClock, StoryClock, system_clock
from sakimori.simulate.endpoint import Endpoint
from sakimori.simulate.enforcement import Gate
from sakimori.simulate.faults import Faults
from sakimori.simulate.identities import OWNER, Credentials, credentials_of, make_identities
from sakimori.simulate.listener import Listener
from sakimori.simulate.moto_account import MotoAccount
from sakimori.simulate.recorder import RecordedCall, Recorder
from sakimori.simulate.scenarios.form import Seeding, Truth
from sakimori.simulate.scenarios.register import accounts_of, scenario_of
from sakimori.simulate.state import AccountState, Clock, RootUser
from sakimori.simulate.trail.files import deliver

S3_CONTROL_NAME: Final = "http://s3-control.simulated.invalid"
"""Names under .invalid (RFC 2606) never resolve: only the listener as a proxy answers to it."""
_AGE_OF_THE_ACCOUNT: Final = timedelta(days=1200)


class SimulatedAccount(AbstractContextManager["SimulatedAccount"]):
    """One AWS account that any AWS client may talk to while the context lasts.

    `scenario` names a seeding, or is None for an account with nothing but the three
    identities of `identities`. `account_id` is 123456789012, or the next that is free
    where one process holds several accounts; their S3 buckets share one space of names.

    `accounts` makes more of them behind the same endpoint, each with its own identities: the
    key decides whose call it is. `states` has them in order, `state` is the first. A `clock` that is a
    StoryClock moves all that the accounts know of time; a story makes one. `seed` varies a story.
    """

    def __init__(  # noqa: PLR0913 - each is told by its name
        self,
        scenario: str | None = None,
        *,
        enforce_iam: bool = True,
        port: int = 0,
        auditor_policy: Mapping[str, Any] | None = None,
        account_id: str = "",
        accounts: int = 1,
        clock: Clock | None = None,
        seed: int = 1,
    ) -> None:
        self._scenario = scenario_of(scenario) if scenario else None
        wanted = max(accounts, accounts_of(scenario) if scenario else 1)
        self._enforce_iam = enforce_iam
        self._port = port
        self._auditor_policy = auditor_policy
        self._recorder = Recorder()
        self._open = ExitStack()
        self._url = ""
        self.faults = Faults()
        self.clock: Clock = clock or (StoryClock() if wanted > 1 and scenario else system_clock)
        self._seed = seed
        self.states = tuple(self._new_state(account_id if not number else "") for number in range(wanted))
        self.state = self.states[0]
        self.truth: Truth = {}
        self.story: object = None
        """What a scenario that tells a story has to tell beside the truth about rules."""

    def __enter__(self) -> Self:
        with ExitStack() as opening:
            if isinstance(self.clock, StoryClock):
                opening.enter_context(MotoClock(self.clock))
            applications = [self._application(state, opening) for state in self.states]
            listener = Listener(Endpoint(applications).respond, self._port, clock=self.clock)
            listener.start()
            opening.callback(listener.stop)
            self._url = listener.url
            if self._scenario:
                with Seeding(
                    endpoint_url=self._url,
                    credentials=self.credentials(OWNER),
                    state=self.state,
                    as_of=self.state.clock(),
                    seed=self._seed,
                ) as seeding:
                    self.truth = self._scenario(seeding)
                    self.story = seeding.story
                self._recorder.clear()
                for state in self.states:
                    state.history.forget_calls()
            self._open = opening.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._open.close()

    @property
    def account_id(self) -> str:
        """The account's number; known once the context is entered."""
        return self.state.account_id

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

    def deliver(self) -> int:
        """How many files the trails of all accounts deliver into their buckets now; without it they do when one is listed."""
        return sum(deliver(state) for state in self.states)

    def credentials(self, name: str = OWNER, *, account: int = 0) -> Credentials:
        """The key of `owner`, `auditor`, `nobody` or any user of the scenario that has one; `account` counts from 0."""
        return credentials_of(self.states[account], name)

    def client(self, service: str, name: str = OWNER, region: str = "us-east-1", *, account: int = 0) -> Any:
        """boto3's client of `service` with the key of `name`, without retries."""
        return client_of(service, region, self.endpoint_url, self.credentials(name, account=account))

    def environment(self, name: str = OWNER, region: str = "us-east-1") -> Mapping[str, str]:
        """This process's environment with what makes any AWS client talk to this account, and to nothing else.

        s3control puts the account's id before the endpoint's name, which an address does
        not bear: it gets a name, which the listener serves as the proxy. The listener is
        the proxy of HTTPS too, and refuses it: nothing reaches the real AWS.
        """
        key = self.credentials(name)
        kept = {variable: value for variable, value in os.environ.items() if not variable.startswith("AWS_")}
        here = self.endpoint_url
        proxies = dict.fromkeys(("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy"), here)
        direct = dict.fromkeys(("NO_PROXY", "no_proxy"), "127.0.0.1,localhost")
        return {
            **kept,
            **proxies,
            **direct,
            "AWS_ACCESS_KEY_ID": key.access_key_id,
            "AWS_SECRET_ACCESS_KEY": key.secret_access_key,
            "AWS_ENDPOINT_URL": here,
            "AWS_ENDPOINT_URL_S3_CONTROL": S3_CONTROL_NAME,
            "AWS_DEFAULT_REGION": region,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def _new_state(self, account_id: str) -> AccountState:
        root = RootUser(created_at=system_clock() - _AGE_OF_THE_ACCOUNT)
        return AccountState(account_id=account_id, clock=self.clock, root=root)

    def _application(self, state: AccountState, opening: ExitStack) -> Application:
        moto = opening.enter_context(MotoAccount(state.account_id))
        state.account_id = moto.account_id
        make_identities(state, self._auditor_policy)
        for each in self.states:
            # All know each other, in the order in which they got their numbers.
            each.accounts[state.account_id] = state
        gate = Gate(state) if self._enforce_iam else None
        return Application(state=state, moto=moto, gate=gate, faults=self.faults, recorder=self._recorder)
