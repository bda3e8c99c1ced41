"""The options that generated scripts are made of: for each, values that are right and odd ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """An option's letter ("" for none), values that Slurm takes, and odd ones that it may not.

    No values at all: the option takes none.
    """

    letter: str
    good: tuple[str, ...] = ()
    odd: tuple[str, ...] = ()


# No larger ones: over 99999999999 tasks on each node slurmctld of 22.05 does not come to an answer.
_COUNTS_ODD = ("0", "-1", "+2", "2.0", "x", "1e1", "02", "0x4", " 3", "3 ", "", "4k", "2000000")
_MEMORY_GOOD = ("4G", "4g", "2048", "1500M", "900m", "4GB", "12000K", "1T", "1500K", "64gb")
_MEMORY_ODD = ("0", "4X", "G", "-1", "1.5G", "4 G", "+4G", "4GiB", "00", "99999999T", "", "04G")

SIZES: Mapping[str, Words] = {
    "gpus": Words(
        "G",
        ("1", "2", "4", "8", "16", "h200:1", "h200:4", "h200:8"),
        ("0", "a100:2", "h200", "gpu:2", "h200:2,a100:1", "h200:", ":2", "2:h200",
         *_COUNTS_ODD),
    ),
    "gpus-per-node": Words(
        "", ("1", "2", "4", "8", "h200:2", "h200:8"), ("9", "h200:0", "h200:x", *_COUNTS_ODD)
    ),
    "gres": Words(
        "",
        ("gpu", "gpu:1", "gpu:2", "gpu:8", "gpu:h200:4", "gpu:h200", "gpu:h200:1"),
        ("gpu:0", "gpu:a100:1", "gpu:2,gpu:1", "shard:1", "none", "gpu=2", "gpu:h200:1:2", "",
         "gres:gpu:2", "gpu:h200=2", "GPU:1", "gpu:", "gpu:1k", "gpu:01", "gpu:2(S:0)",
         "gres/gpu:1"),
    ),
    "nodes": Words(
        "N",
        ("1", "2", "4", "1-2", "2-4", "2-2", "8"),
        ("0", "4-2", "1-", "-2", "1,2", "1k", "1K", "0-1", "1-1m", "2 - 4", "x", "1:2", "2-4-8",
         "01", "+1", "1.0", "", "2,4", "1-8:2"),
    ),
    "ntasks": Words("n", ("1", "2", "4", "8", "16"), _COUNTS_ODD),
    "ntasks-per-node": Words("", ("1", "2", "4", "8"), _COUNTS_ODD),
    "cpus-per-task": Words("c", ("1", "2", "4", "8"), _COUNTS_ODD),
    "cpus-per-gpu": Words("", ("1", "2", "4", "8"), _COUNTS_ODD),
    "mem": Words("", _MEMORY_GOOD, _MEMORY_ODD),
    "mem-per-cpu": Words("", ("1G", "500M", "2048", "1000k", "2g"), _MEMORY_ODD),
    "mem-per-gpu": Words("", ("8G", "16g", "4096", "9000M"), _MEMORY_ODD),
    "time": Words(
        "t",
        ("10", "90", "1:30", "90:30", "01:00:00", "2:00:00", "00:00:30", "1-0", "1-12", "2-03:30",
         "1-00:00:00", "0-1", "0-00:05", "6-23:59:59", "1:0:0", "12:5", "0:59", "25:00:00"),
        ("0", "", "1h", "1:", ":30", "1-", "1-2-3", "1:2:3:4", "-1", "UNLIMITED", "infinite", "1.5",
         "1d", "00:00:00", "+5", "1-1:1:1:1", "99999999", " 10", "10 ", "1 0", "0-0", "00", "-5",
         "1-24:60:60", "now", "8-0", "0:0:1"),
    ),
    "array": Words(
        "a",
        ("0-3", "1-10%2", "1,3,7", "0-15:4", "5", "0-2,5-6", "0-10:5%1", "1,2,3%10", "3,1,2",
         "7-7"),
        ("3-1", "0-3:0", "a", "1-", "-3", "1,,2", "1,2,", "0-3%0", "0-3%", "0-3%x", "[0-3]",
         "[1-3]%2",
         "0-3:", "1 - 3", "1001", "0-1000", "1,1,1", "1-3,2-5", "0-3%2%1", "%2", "", "01-03", "+1",
         "0-3:2:1", "1:2", "1-5:9", "0-2%5,7", "0x2", "1-3%02", "0-999"),
    ),
}  # fmt: skip

PLACES: Mapping[str, Words] = {
    "partition": Words(
        "p",
        ("alem", "gpu", "gpu,short", "alem,gpu,short", "gpu,gpu"),
        ("nope", "", "gpu,", ",gpu", "gpu short", "GPU", "gpu;short", "gpu,,short", "*"),
    ),
    "constraint": Words(
        "C",
        ("nvlink", "ib&nvlink", "nvlink|ib", "nvlink|ib&a100", "ib,nvlink", "ib&nvlink|a100"),
        ("[nvlink|ib]", "nvlink*2", "nope", "(nvlink|ib)&a100", "nvlink&", "&ib", "nvlink||ib", "",
         "nvlink ib", "nvlink & ib", "!ib", "NVLINK", "nvlink&nope", "nvlink*1&ib*1", "ib|",
         "ib&&nvlink"),
    ),
    "job-name": Words(
        "J",
        ("train", "a b", "теңдік", "x" * 40, "it's", "a#b", "run_1.2", "a=b", "100%", "наука"),
        ("", "a\tb", "x" * 300, "--gpus=4", "#x", "$HOME", "`id`", "hetjob", "*", "a\\b",
         "%j", "-N2"),
    ),
    "chdir": Words("D", ("/srv", "sub", "/srv/./x", ".", "a/../b"), ("", "~", "$HOME", "a b", "/")),
    "signal": Words(
        "",
        ("USR1", "USR1@120", "B:USR1@90", "10@60", "SIGUSR1@30", "B:TERM", "TERM@300", "INT@30",
         "usr2@10", "B:12", "15", "R:USR1@60", "RB:USR1@100"),
        ("USR7", "B:", "@60", "USR1@", "USR1@x", "0", "65", "B:R:USR1", "USR1@99999", "SIGFOO", "",
         "USR1@-1", "x:USR1", "BB:USR1", "B:USR1@0", "KILL@70000", "USR1@1@2", "64", "9@65535",
         "b:USR1"),
    ),
}  # fmt: skip

PASSED: Mapping[str, Words] = {
    "output": Words("o", ("out-%j.txt", "logs/%x-%A_%a.out", "/dev/null", "a b.txt"), ("#x",)),
    "error": Words("e", ("err-%j.txt", "/srv/e%N"), ("a'b",)),
    "input": Words("i", ("/dev/null", "in.txt"), ()),
    "export": Words("", ("ALL", "NONE", "ALL,A=1", "A=1,B=2", "ALL,X=a b"), ("",)),
    "mail-type": Words(
        "", ("END", "ALL", "BEGIN,END,FAIL", "NONE", "end,fail", "TIME_LIMIT_80"), ("SOON", "end,")
    ),
    "mail-user": Words("", ("aru@example.kz", "a"), ()),
    "open-mode": Words("", ("append", "truncate", "a"), ("x",)),
    "requeue": Words(""),
    "no-requeue": Words(""),
    "wckey": Words("", ("key",), ()),
    "wait-all-nodes": Words("", ("0", "1"), ("2",)),
    "acctg-freq": Words("", ("30", "task=30", "task=5,energy=10"), ("x", "foo=3")),
    "gpu-bind": Words("", ("closest", "none", "single:2", "map_gpu:0,1"), ("x", "single")),
    "gpu-freq": Words("", ("high", "medium,memory=high"), ("x",)),
    "cpu-freq": Words("", ("high", "low-high:ondemand", "1000000", "Performance"), ("x", "1-")),
    "mem-bind": Words("", ("local", "verbose,local", "none"), ("x", "local,")),
    "profile": Words("", ("all", "none", "task,energy"), ("x", "task,")),
    "propagate": Words("", ("NONE", "ALL", "CORE,NOFILE"), ("x", "core,")),
    "power": Words("", ("level",), ("x",)),
    "container": Words("", ("/images/a", "a"), ()),
    "no-kill": Words("k"),
    "parsable": Words(""),
    "verbose": Words("v"),
    "ignore-pbs": Words(""),
}

ANSWERED: Mapping[str, Words] = {
    "account": Words("A", ("lab", "LAB"), ("def-pi", "")),
    "qos": Words("q", ("normal",), ("high", "Normal", "")),
    # Before all cases, job 1 and an array 2 of four elements were submitted and held.
    "dependency": Words(
        "d",
        ("afterok:1", "singleton", "afterany:1:2_1", "after:1+5", "after:1+5,after:2",
         "aftercorr:2", "afterok:1?afternotok:2", "afterok:1,afterany:2,singleton", "1", "1,2",
         "AfterOK:01"),
        ("", "0", "afterok:9999", "afterok:2_9", "afterok", "afterok:", "afterok:x", "foo:1",
         "afterok:1,", ",afterok:1", "afterok:1,,afterany:2", "afterok:1,afterany:2?after:1",
         "singleton:1", "afterok:1+5", "after:1+", "after:1+0", "afterok:0", "1:2", "afterok::1",
         "afterok:1 ", "afterok: 1", "afterok:1:afterany:2", "expand:1", "afterok:2_[1-2]",
         "afterok:2_*", "afterok:-1", "afterok:+1", "afterok:1;afterany:2", "afterok:1:1",
         "afterok:1?", "afterburstbuffer:1", "after:1+5:2", "after:1:2+5", "after:2+5:1+7"),
    ),
    "hold": Words("H"),
    "kill-on-invalid-dep": Words("", ("yes", "no"), ("maybe",)),
}  # fmt: skip

REFUSED: Mapping[str, Words] = {
    "exclusive": Words(""),
    "nodelist": Words("w", ("n1", "n[1-2]"), ()),
    "exclude": Words("x", ("n1",), ()),
    "reservation": Words("", ("mine",), ()),
    "nice": Words(""),
    "begin": Words("b", ("now", "now+1hour"), ()),
    "uid": Words("", ("0",), ()),
    "clusters": Words("M", ("tendik",), ()),
    "gpus-per-task": Words("", ("1", "2"), ()),
    "ntasks-per-gpu": Words("", ("1",), ()),
    "mincpus": Words("", ("2",), ()),
    "hint": Words("", ("nomultithread",), ()),
    "distribution": Words("m", ("block",), ()),
    "overcommit": Words("O"),
    "oversubscribe": Words("s"),
    "licenses": Words("L", ("a:1",), ()),
    "tmp": Words("", ("1G",), ()),
    "threads-per-core": Words("", ("1",), ()),
    "comment": Words("", ("a b",), ()),
    "deadline": Words("", ("now+2hours",), ()),
    "test-only": Words(""),
    "wait": Words("W"),
}

ALL: Mapping[str, Words] = {**SIZES, **PLACES, **PASSED, **ANSWERED, **REFUSED}
# Each as a whole line where a directive might stand.
ODD_LINES = (
    "", "  ", "\t", "# a comment", "   # a comment", "##SBATCH --gpus=8", " #SBATCH --nodes=2",
    "#sbatch --nodes=2", "# SBATCH --nodes=2", "#SBATCH", "#SBATCH ", "#SBATCH # nothing",
    "#SBATCH #", "#SBATCH --nodes=1 #--exclusive", "#SBATCH\t--nodes\t1\t", "#SBATCH--nodes=1",
    "#SBATCH: --nodes=1", "#SBATCHX --nodes=2", "#PBS -l nodes=4", "#BSUB -n 4", "#SLURM -N2",
    "#SBATCH hetjob", "#SBATCH packjob", "#SBATCH -N1 : -N1", "#SBATCH --", "#SBATCH -- -N2",
    "#SBATCH -", "#SBATCH ''", "#SBATCH \"\" --nodes=4", "#SBATCH --no-such=1", "#SBATCH --gpu=1",
    "#SBATCH --n=2", "#SBATCH -Z", "#SBATCH word", "#SBATCH --gpus", "#SBATCH -N", "#SBATCH -J 'x",
    "#SBATCH -J x\\ y", "#SBATCH \\", "#SBATCH --requeue=yes", "#SBATCH --nodes 2\r", "\r",
    "#SBATCH --exclusive=user", "#SBATCH -vvv", "#SBATCH -vN1", "#SBATCH -kN 1", "#SBATCH -N1-n2",
    "#SBATCH --nodes==1", "#SBATCH --nodes =1", "#SBATCH --nodes= 1", "#SBATCH --mem 4 G",
    "#SBATCH -J 'a'\"b\"c", "#SBATCH -J a'b c'd", "#SBATCH -J \"a#b\"", "#SBATCH -J a#b -N2",
    "#SBATCH -J 'it''s'", "#SBATCH -J \"'\"", "#SBATCH -J '\"'", "#SBATCH\u00a0-N2",
    "#SBATCH -J=x", "#SBATCH -N=2", "#SBATCH -t=10", "#SBATCH -t 1:00:00,", "#SBATCH -Gh200:2",
    "#SBATCH --time=1:00:00 --time=2:00:00", "#SBATCH --wrap=true", "#SBATCH --quiet",
    "#SBATCH --no-kill=off", "#SBATCH -koff", "#SBATCH --propagate", "#SBATCH --propagate=NONE",
    "#SBATCH -J x \\# y", "#SBATCH -J $USER", "#SBATCH -J `id`", "#SBATCH -J x;y", "\u00a0", "\x0c",
    "#SBATCH -J x\x0by", "#SBATCH -J 'x\ty'", "#SBATCH\t-N1\t-n\t1", "#!SBATCH -N2", "#SBATCH -h",
    "#SBATCH --usage", "#SBATCH -V", "#SBATCH --tasks-per-node=2", "#SBATCH --TIME=10",
)  # fmt: skip
COMMANDS = ("srun python train.py", "set -e", "module load cuda", "echo '#SBATCH -N4'", "a=1 ; :")
SHEBANGS = (
    "#!/bin/bash", "#!/bin/bash", "#!/bin/sh", "#!/bin/bash -l", "#!/usr/bin/env bash",
    "#!/usr/bin/env python3",
)  # fmt: skip
ODD_SHEBANGS = (
    "",
    " #!/bin/bash",
    "#! /bin/bash",
    "#!/bin/bash\r",
    "#SBATCH -N1",
    "echo",
    "\n#!/bin/sh",
)
