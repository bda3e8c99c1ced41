"""Values of options: every format that sbatch knows, and what is said of those it does not."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from scheduler.domain.recalls.notices import NoticeSignal, Receiver
from scheduler.domain.sbatch import values
from scheduler.domain.sbatch.values import TypedGpus

TIMES = {
    "90": 90 * 60,
    "90:00": 90 * 60,
    "0:01": 60,
    "1:30": 120,
    "2:30:00": 9000,
    "2:00:01": 7260,
    "100:00:00": 360_000,
    "1-0": 86400,
    "1-12": 129_600,
    "1-12:30": 131_400,
    "1-12:30:15": 131_460,
    "0-0:5": 300,
}


@pytest.mark.parametrize(("text", "seconds"), TIMES.items())
def test_times_are_read_in_all_formats_and_rounded_up_to_a_minute(text: str, seconds: int) -> None:
    assert values.walltime_s(text) == seconds


MEMORY = {
    "1": 1,
    "512": 512,
    "1K": 1,
    "1025k": 2,
    "16G": 16384,
    "16gb": 16384,
    "2T": 2 * 1024**2,
    "64M": 64,
    f"{1024**3}M": 1024**3,
}


@pytest.mark.parametrize(("text", "mib"), MEMORY.items())
def test_memory_is_read_with_its_suffix(text: str, mib: int) -> None:
    assert values.memory_of_node(text).mib == mib


NODES = {"1": 1, "2-4": 2, "2k": 2048, "3-1k": 3, "4-4": 4}


@pytest.mark.parametrize(("text", "nodes"), NODES.items())
def test_of_a_range_of_nodes_the_smaller_number_counts(text: str, nodes: int) -> None:
    assert values.nodes(text) == nodes


GRES = {
    "gpu": TypedGpus(1),
    "gpu:2": TypedGpus(2),
    "gpu:h200": TypedGpus(1, "h200"),
    "gpu:h200:8": TypedGpus(8, "h200"),
    "gpu:1080:2": TypedGpus(2, "1080"),
}


@pytest.mark.parametrize(("text", "gpus"), GRES.items())
def test_generic_resources_are_gpus(text: str, gpus: TypedGpus) -> None:
    assert values.gres(text) == gpus


ARRAYS = {
    "3": ((3,), 0),
    "0-3": ((0, 1, 2, 3), 0),
    "0-9:4": ((0, 4, 8), 0),
    "7,1-2,1": ((1, 2, 7), 0),
    "1-4%2": ((1, 2, 3, 4), 2),
    "4000000": ((4_000_000,), 0),
}


@pytest.mark.parametrize(("text", "want"), ARRAYS.items())
def test_array_indices_come_sorted_and_once(text: str, want: tuple[tuple[int, ...], int]) -> None:
    array = values.array(text)

    assert (array.indices(), array.limit) == want


# Slurm gives neither sign precedence: it reads from left to right.
CONSTRAINTS = {
    "a": ({"a"},),
    "a&b": ({"a", "b"},),
    "a,b": ({"a", "b"},),
    "a|b": ({"a"}, {"b"}),
    "a&b|c": ({"a", "b"}, {"c"}),
    "a|b&c": ({"a", "c"}, {"b", "c"}),
}


@pytest.mark.parametrize(("text", "want"), CONSTRAINTS.items())
def test_features_are_read_from_left_to_right(text: str, want: tuple[set[str], ...]) -> None:
    assert values.constraint(text) == want


def test_a_partition_named_twice_counts_once() -> None:
    assert values.partitions("b,a,b") == ("b", "a")


WRONG: dict[str, tuple[Callable[[str], object], list[str]]] = {
    "a whole number": (values.count, ["", "x", "-1", "1.5", "٣", "1_000", "9" * 30]),
    "from 1 to": (values.count, ["0", "1000001"]),
    "a number of nodes": (values.nodes, ["", "-4", "2-", "1,2", "2-4:2", "٣"]),
    "ends before it begins": (values.nodes, ["4-2"]),
    "GPUs of one type": (values.gpus, ["h200:2,a100:1"]),
    "n or type:n": (values.gpus, [":2", "a b:2", "gpu:h200:2", "(", "h200", ""]),
    "only one gpu:type:n": (values.gres, ["gpu:1,shard:2"]),
    "only gpu is known": (values.gres, ["shard:2", "none", "help", "gres/gpu:2", ""]),
    "4 or h200:4": (values.gres, ["gpu:(S:0)", "gpu:a:b", "gpu:h200:2:1"]),
    "with K, M, G or T": (values.memory_of_gpu, ["", "G", "-1", "1.5G", "16GiB", "1P"]),
    "whole memory": (values.memory_of_cpu, ["0", "0G"]),
    "at most 1073741824 MiB": (values.memory_of_node, ["1025T"]),
    "must be minutes": (values.walltime_s, ["", "soon", "1:2:3:4", "1-", "1-2:", "-5", ":5", "1h"]),
    "would be no limit": (values.walltime_s, ["0", "0:00", "0-0"]),
    "needs an end": (values.walltime_s, ["UNLIMITED", "infinite", "-1"]),
    "at most 366 days": (values.walltime_s, ["367-0", "999999999"]),
    "printable characters": (values.job_name, ["", "a\tb", "x" * 201]),
    "with none empty": (values.partitions, ["", "a,", ","]),
    "is none": (values.partitions, ["a b", "a;b", "ж"]),
    "counts, brackets": (values.constraint, ["a*2", "[a|b]", "(a&b)|c"]),
    "features joined": (values.constraint, ["", "a&", "|a", "a&&b", "a b", "!a"]),
    "indices such as": (values.array, ["", "a", "1-", "-3", "1:2", "1,,2", "[0-3]", "1-2-3"]),
    "is empty": (values.array, ["3-1", "1-3:0"]),
    "indices go up to": (values.array, ["4000001", "0-999999999:999999999"]),
    "at most 100000 elements": (values.array, ["0-100000", "0-99999,0-99999"]),
    "must not be empty": (values.directory, [""]),
}
WRONG_PAIRS = [(read, text, want) for want, (read, texts) in WRONG.items() for text in texts]


@pytest.mark.parametrize(("read", "text", "want"), WRONG_PAIRS)
def test_a_wrong_value_is_refused_with_its_mend(
    read: Callable[[str], object], text: str, want: str
) -> None:
    with pytest.raises(ValueError, match=r".") as wrong:
        read(text)

    assert want in str(wrong.value)


def test_a_long_value_is_cut_in_messages() -> None:
    with pytest.raises(ValueError, match="…") as wrong:
        values.count("x" * 100_000)

    assert len(str(wrong.value)) < 120


SIGNALS = {
    "USR1": ("USR1", Receiver.TASKS),
    "sigusr1@120": ("USR1", Receiver.TASKS),
    "B:TERM@60": ("TERM", Receiver.SCRIPT),
    "R:12": ("12", Receiver.TASKS),
    "RB:64@65535": ("64", Receiver.SCRIPT),
}


@pytest.mark.parametrize(("text", "want"), SIGNALS.items())
def test_a_signal_is_read_with_who_receives_it(text: str, want: tuple[str, Receiver]) -> None:
    assert values.signal(text) == NoticeSignal(*want)


NO_SIGNALS = {
    "": "must be such as USR1@120",
    "USR1@": "must be such as USR1@120",
    "X:USR1": "must be such as USR1@120",
    "USR9": "'USR9' is no signal that Slurm knows: HUP, INT",
    "0": "'0' is no signal",
    "65": "'65' is no signal",
    "USR1@65536": "a signal comes at most 65535 s before the end",
}


@pytest.mark.parametrize(("text", "message"), NO_SIGNALS.items())
def test_what_is_no_signal_is_refused(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        values.signal(text)
