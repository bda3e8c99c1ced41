"""Slurm's accounts and associations, read and changed by sacctmgr."""

from __future__ import annotations

import re
from collections.abc import Iterator

from scheduler.backend.programs import Programs
from scheduler.domain.slurm_accounts import Act, Found, FoundAccount, SlurmStep
from scheduler.errors import BackendUnavailable
from scheduler.texts import said

PROGRAMS = ("sacctmgr", "scontrol")
# Both at once are how we stop submissions: who set one of them alone, by hand, is not overruled.
STOPPED = ("GrpSubmitJobs=0", "MaxSubmitJobs=0")
RESUMED = ("GrpSubmitJobs=-1", "MaxSubmitJobs=-1")
_FIELDS = "account,user,parentname,partition,grpsubmit,maxsubmit"


class SlurmAccounts:
    """The accounts of one cluster; those that the register made carry its installation.

    Calls block, and raise BackendUnavailable with what sacctmgr said.
    """

    def __init__(self, programs: Programs, installation: str) -> None:
        self._programs = programs
        self._mark = f"tendik:{installation}"
        self._cluster = f"cluster={_cluster_name(programs)}"

    def found(self) -> Found:
        """Return what Slurm has."""
        marks = dict(self._list("accounts", "account,descr"))
        rows = list(self._list("associations", _FIELDS, "wopl", self._cluster))
        accounts = {
            account: FoundAccount(parent, marks.get(account) == self._mark, limits == ["0", "0"])
            for account, user, parent, _, *limits in rows
            if not user
        }
        elsewhere = {name: FoundAccount("", False) for name in marks.keys() - accounts.keys()}
        users = {
            (account, user): limits == ["0", "0"]
            for account, user, _, partition, *limits in rows
            if user and not partition
        }
        return Found(accounts | elsewhere, users)

    def take(self, step: SlurmStep) -> None:
        """Do one step."""
        self._programs.answer("sacctmgr", "--immediate", *self._words(step))

    def _words(self, step: SlurmStep) -> tuple[str, ...]:
        one = (f"account={step.account}", self._cluster)
        match step.act:
            case Act.ADD_ACCOUNT:
                return (
                    *("add", "account", step.account, f"parent={step.parent}", self._cluster),
                    *(f"description={self._mark}", f"organization={step.organisation}"),
                )
            case Act.ADD_USER:
                return ("add", "user", step.user, *one)
            case Act.STOP_ACCOUNT | Act.RESUME_ACCOUNT:
                return (
                    "modify",
                    "account",
                    "where",
                    f"name={step.account}",
                    self._cluster,
                    "set",
                    *_limits(step.act),
                )
            case Act.STOP_USER | Act.RESUME_USER:
                return (
                    "modify",
                    "user",
                    "where",
                    f"name={step.user}",
                    *one,
                    "set",
                    *_limits(step.act),
                )

    def _list(self, what: str, fields: str, *more: str) -> Iterator[list[str]]:
        words = ("--noheader", "--parsable2", "list", what, *more, f"format={fields}")
        for line in self._programs.answer("sacctmgr", *words).splitlines():
            yield line.split("|")


def _limits(act: Act) -> tuple[str, ...]:
    return STOPPED if act in (Act.STOP_ACCOUNT, Act.STOP_USER) else RESUMED


def _cluster_name(programs: Programs) -> str:
    """Return the name under which slurmdbd knows the cluster of this slurm.conf."""
    config = programs.answer("scontrol", "show", "config")
    found = re.search(r"^ClusterName\s*=\s*(\S+)", config, re.MULTILINE)
    if found is None:
        raise BackendUnavailable(said("scontrol tells no ClusterName"))
    return found[1]
