"""What can be wrong about funds, grants and what they pay for; the tree of errors is `errors`."""

from __future__ import annotations

from scheduler.errors import TendikError
from scheduler.texts import Said, said


class OwnGrant(TendikError):
    """Who asked for a grant decides about it."""

    reason = "OWN_GRANT"
    mend = said("ask another cluster admin to review and award it")

    def __init__(self, who: str, number: int) -> None:
        super().__init__(
            said("{who} asked for grant {number} and may not decide it", who=who, number=number)
        )
        self.place = f"grants/{number}"
        self.who = who
        self.number = number


class NotAStepOfGrant(TendikError):
    """A grant does not lead there from where it is."""

    reason = "NOT_A_STEP_OF_GRANT"
    mend = said("see where it is with tendik grant show, and what can follow")

    def __init__(self, number: int, here: Said, there: Said) -> None:
        super().__init__(
            said(
                "grant {number} is {here}, and cannot be {there} from there",
                number=number,
                here=here,
                there=there,
            )
        )
        self.place = f"grants/{number}"
        self.number = number


class FundExceeded(TendikError):
    """An award is larger than what its fund has left."""

    reason = "FUND_EXCEEDED"
    mend = said("award less, or have it asked of another fund; `tendik admin fund list` has all")

    def __init__(self, fund: str, left: float, total: float, wanted: float) -> None:
        super().__init__(
            said(
                "fund {fund} has {left:,.2f} of its {total:,.2f} GPU-hours left, and {wanted:,.2f} "
                "are to be awarded",
                fund=fund,
                left=left,
                total=total,
                wanted=wanted,
            )
        )
        self.place = f"funds/{fund}"
        self.fund = fund
        self.left = left
        self.wanted = wanted


class BudgetExceeded(TendikError):
    """A job that must be paid for by grants asks for more than these have left."""

    reason = "BUDGET_EXCEEDED"
    mend = said("ask for what fits, wait until jobs end that hold it, or request a grant")

    def __init__(self, project: str, left: float, needed: float, fits: Said) -> None:
        super().__init__(
            said(
                "project {project} has {left:,.2f} GPU-hours left and this needs {needed:,.2f}: "
                "{fits}",
                project=project,
                left=left,
                needed=needed,
                fits=fits,
            )
        )
        self.place = f"projects/{project}"
        self.project = project
        self.left = left
        self.needed = needed
