"""R62: a job of Glue of which no run goes on. Source: botocore's model of glue (GetJobRuns, BatchStopJobRun)."""

from collections.abc import Sequence
from typing import Final

from sakimori.actions.resources.ending import Ending, ending_step
from sakimori.actions.resources.named_resource import Kind
from sakimori.actions.site import Site
from sakimori.actions.step import State
from sakimori.model.action import Call

_RUNS: Final = "glue:GetJobRuns"
_STOP: Final = "glue:BatchStopJobRun"
_ON: Final = ("STARTING", "RUNNING", "WAITING")
_MOST: Final = 25
"""So many runs one call stops."""


def _read(site: Site, name: str) -> State | None:
    try_runs = site.call(_RUNS, ("EntityNotFoundException",), JobName=name)
    if try_runs is None:
        return None
    runs = site.all_of(_RUNS, "JobRuns", JobName=name)
    on = sorted(str(each["Id"]) for each in runs if each.get("JobRunState") in _ON)
    return {"runs": on} if on else None


def _calls(site: Site, name: str, state: State) -> Sequence[Call]:
    runs = list(state["runs"])
    return [
        Call(
            operation=_STOP, region=site.region, parameters={"JobName": name, "JobRunIds": runs[begin : begin + _MOST]}
        )
        for begin in range(0, len(runs), _MOST)
    ]


STEP: Final = ending_step(
    Ending(
        id="glue-job-stopped", order=3212, texts="respond_steps.glue_job_stopped",
        kind=Kind(service="glue", call=_RUNS, prefix="job/", pattern=r"[ -~]{1,255}"), reads=(_RUNS,), writes=(_STOP,),
        read=_read, calls=_calls,
    )
)  # fmt: skip
