"""The way of one call through the simulated account: recognised, struck by faults, judged, answered, recorded."""

from dataclasses import dataclass
from uuid import uuid4

from sakimori.collect.policy_reach import account_in
from sakimori.simulate.answers import error_code_of, failure, parameters_of, success
from sakimori.simulate.call import Answer, Call, CutConnectionError, ServiceError
from sakimori.simulate.callers import Caller
from sakimori.simulate.enforcement import Gate
from sakimori.simulate.faults import Faults
from sakimori.simulate.models import model_of
from sakimori.simulate.moto_account import MotoAccount
from sakimori.simulate.recorder import RecordedCall, Recorder
from sakimori.simulate.reserved_roles import refuse_change
from sakimori.simulate.sessions import session_of
from sakimori.simulate.stand_ins.form import Desk
from sakimori.simulate.stand_ins.register import stand_in_of
from sakimori.simulate.state import AccountState
from sakimori.simulate.trail.identity import as_seen_elsewhere, identity_of

_ANYONE = "anonymous"
_REFUSED = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """Answers calls to one account; `gate` is None where IAM is not enforced."""

    state: AccountState
    moto: MotoAccount
    gate: Gate | None
    faults: Faults
    recorder: Recorder

    def respond(self, call: Call) -> Answer:
        """The answer to one request; CutConnectionError where a fault cuts it."""
        model_of(call.service)  # read before moto asks for it, unguarded, in each thread
        principal: Caller | None = None
        try:
            principal = self.gate.principal_of(call) if self.gate else None
            answer = self._answer(call, principal)
        except ServiceError as error:
            answer = failure(call, error)
        except CutConnectionError:
            self._record(call, principal, Answer(status=0))
            raise
        self._record(call, principal, answer)
        return answer

    def _answer(self, call: Call, principal: Caller | None) -> Answer:
        arn = principal.arn if principal else _ANYONE
        struck = self.faults.strike(call, arn)
        if struck is not None:
            return struck
        if self.gate:
            self.gate.admit(call, principal)
        refuse_change(self.state, call)
        stand_in = stand_in_of(call.name)
        if stand_in is None:
            return self.moto.answer(call)
        desk = Desk(call=call, principal=arn, state=self.state, ask_moto=self.moto.answer, caller=principal)
        result = stand_in(desk)
        return result if isinstance(result, Answer) else success(call, result)

    def _record(self, call: Call, principal: Caller | None, answer: Answer) -> None:
        if principal or not self.gate or not call.access_key_id:
            self._tell(call, answer)
        self.recorder.add(
            RecordedCall(
                service=call.service,
                operation=call.operation,
                region=call.region,
                principal=principal.arn if principal else "",
                status=answer.status,
                error_code=error_code_of(answer),
            )
        )

    def _tell(self, call: Call, answer: Answer) -> None:
        """To CloudTrail, which hears of every call that a valid key signed and AWS understood."""
        if not call.operation or not call.region or not answer.status:
            return
        identity = identity_of(self.state, call)
        if identity is None:
            return
        reached = self._reached(call) if answer.status < _REFUSED else None
        shared = str(uuid4()) if reached else ""
        at, session = self.state.clock(), session_of(self.state, call.access_key_id)
        self.state.history.add(
            call, answer, identity, account_id=self.state.account_id, at=at, shared=shared,
            is_from_console=session is not None and session.is_console,
        )  # fmt: skip
        if reached:
            seen = as_seen_elsewhere(identity)
            reached.history.add(call, answer, seen, account_id=reached.account_id, at=at, shared=shared)

    def _reached(self, call: Call) -> AccountState | None:
        """The other account whose role was assumed: it tells of that too."""
        if call.name != "sts:AssumeRole":
            return None
        owner = account_in(str(parameters_of(call).get("RoleArn", "")))
        return self.state.accounts.get(owner) if owner != self.state.account_id else None
