"""Several accounts behind one address: the key that signed a call decides whose call it is, as on AWS."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sakimori.collect.policy_reach import account_in
from sakimori.simulate.answers import parameters_of
from sakimori.simulate.application import Application
from sakimori.simulate.call import Answer, Call
from sakimori.simulate.identify import identify
from sakimori.simulate.sessions import iam_of
from sakimori.simulate.stand_ins.form import GIVEN

_BY_ROLE: Final = frozenset({"sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity"})


@dataclass(frozen=True, slots=True)
class Endpoint:
    """`applications` in the order of the accounts; the first answers those whom no account knows."""

    applications: Sequence[Application]

    def respond(self, environ: Mapping[str, Any], body: bytes) -> Answer:
        """The answer to one request; CutConnectionError where a fault cuts it."""
        path = str(environ.get("PATH_INFO", ""))
        if path.startswith(GIVEN):
            return self._given(path)
        call = identify(environ, body)
        return self._of(call).respond(call)

    def _given(self, path: str) -> Answer:
        found = next((each.state.given[path] for each in self.applications if path in each.state.given), None)
        return Answer(status=404) if found is None else Answer(status=200, body=found)

    def _of(self, call: Call) -> Application:
        first = self.applications[0]
        if len(self.applications) == 1:
            return first
        if call.access_key_id:
            return next(
                (each for each in self.applications if call.access_key_id in iam_of(each.state).access_keys), first
            )
        if call.name in _BY_ROLE:
            owner = account_in(str(parameters_of(call).get("RoleArn", "")))
            return next((each for each in self.applications if each.state.account_id == owner), first)
        return first
