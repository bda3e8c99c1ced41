"""The engine lets a forecast see its cycles, and never suffers from it."""

from __future__ import annotations

from scheduler.domain.decisions import Allocation
from scheduler.domain.estimates import StartEstimate, TrackRecord
from scheduler.domain.snapshot import Snapshot
from scheduler.forecast.forecaster import Forecaster
from tests.engine.rig import a_rig


class Broken:
    """A forecast with a fault."""

    def saw(self, snapshot: Snapshot, allocation: Allocation) -> tuple[StartEstimate, ...]:
        raise ZeroDivisionError

    def track_record(self) -> tuple[TrackRecord, ...]:
        return ()


def test_a_waiting_job_is_told_a_start_time_and_the_view_how_it_came_out() -> None:
    forecaster = Forecaster()
    with a_rig(forecast=forecaster) as rig:
        rig.submit("alpha", gpus=64, sleep_s=60)
        rig.ticks(2)
        waiting = rig.submit("beta", gpus=64)
        rig.ticks(1)
        told = forecaster.estimate_of(waiting)
        assert told is not None
        assert rig.store.job(waiting).estimate == told
        rig.ticks(90)

        (record,) = rig.view.latest().start_times
        assert (record.tenant_class, record.judged) == ("universities", 1)


def test_a_forecast_that_fails_costs_no_cycle() -> None:
    with a_rig(forecast=Broken()) as rig:
        job = rig.submit("alpha")
        rig.ticks(3)

        assert rig.states(job) == ["running"]
        assert rig.view.latest().start_times == ()
