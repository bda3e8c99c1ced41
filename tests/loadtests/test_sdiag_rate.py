"""The rate of Slurm's backfill is read from what sdiag prints."""

from __future__ import annotations

from loadtests.sdiag_rate import BackfillCycle, cycle_in

SDIAG = """\
Main schedule statistics (microseconds):
	Last cycle:   38
	Total cycles: 215
	Last queue length: 24

Backfilling stats
	Total backfilled jobs (since last slurm start): 189
	Total cycles: 140
	Last cycle when: Sun Nov 22 00:02:24 2026 (1795305744)
	Last cycle: 2000000
	Max cycle:  2036770
	Last depth cycle: 1200
	Last depth cycle (try sched): 1000
	Depth Mean: 37
"""


def test_the_last_pass_of_backfill_is_read_and_not_that_of_the_main_loop() -> None:
    cycle = cycle_in(SDIAG)
    assert cycle == BackfillCycle(number=140, jobs=1200, seconds=2.0)
    assert cycle.jobs_per_second == 600


def test_without_a_pass_there_is_no_rate() -> None:
    assert cycle_in("Main schedule statistics\n\tLast cycle: 3\n") is None
    assert BackfillCycle(1, 0, 0.0).jobs_per_second == 0
