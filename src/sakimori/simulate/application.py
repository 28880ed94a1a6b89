"""The way of one call through the simulated account: recognised, struck by faults, judged, answered, recorded."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sakimori.simulate.answers import error_code_of, failure, success
from sakimori.simulate.call import Answer, Call, CutConnectionError, ServiceError
from sakimori.simulate.enforcement import Gate, Principal
from sakimori.simulate.faults import Faults
from sakimori.simulate.identify import identify
from sakimori.simulate.models import model_of
from sakimori.simulate.moto_account import MotoAccount
from sakimori.simulate.recorder import RecordedCall, Recorder
from sakimori.simulate.stand_ins.form import Desk
from sakimori.simulate.stand_ins.register import stand_in_of
from sakimori.simulate.state import AccountState
from sakimori.simulate.trail.identity import identity_of

_ANYONE = "anonymous"


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """Answers calls to one account; `gate` is None where IAM is not enforced."""

    state: AccountState
    moto: MotoAccount
    gate: Gate | None
    faults: Faults
    recorder: Recorder

    def respond(self, environ: Mapping[str, Any], body: bytes) -> Answer:
        """The answer to one request; CutConnectionError where a fault cuts it."""
        call = identify(environ, body)
        model_of(call.service)  # read before moto asks for it, unguarded, in each thread
        principal: Principal | None = None
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

    def _answer(self, call: Call, principal: Principal | None) -> Answer:
        arn = principal.arn if principal else _ANYONE
        struck = self.faults.strike(call, arn)
        if struck is not None:
            return struck
        if self.gate:
            self.gate.admit(call, principal)
        stand_in = stand_in_of(call.name)
        if stand_in is None:
            return self.moto.answer(call)
        desk = Desk(call=call, principal=arn, state=self.state, ask_moto=self.moto.answer)
        result = stand_in(desk)
        return result if isinstance(result, Answer) else success(call, result)

    def _record(self, call: Call, principal: Principal | None, answer: Answer) -> None:
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
        """To CloudTrail, which hears of every call that a known key signed and AWS understood."""
        if not call.operation or not call.region or not answer.status:
            return
        identity = identity_of(self.state, call)
        if identity is not None:
            self.state.history.add(call, answer, identity, account_id=self.state.account_id, at=self.state.clock())
