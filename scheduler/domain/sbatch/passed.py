"""Values of options that are passed on: what sbatch would refuse is refused here already."""

from __future__ import annotations

import re
from collections.abc import Mapping

from scheduler.domain.sbatch.options import Option
from scheduler.domain.sbatch.values import shown
from scheduler.texts import said

_NAMES_OF_LIMITS = "AS|CORE|CPU|DATA|FSIZE|MEMLOCK|NOFILE|NPROC|RSS|STACK"
_EVENTS = (
    "NONE|BEGIN|END|FAIL|REQUEUE|ALL|INVALID_DEPEND|STAGE_OUT|TIME_LIMIT(_90|_80|_50)?|ARRAY_TASKS"
)
_CPU_FREQUENCY = r"(low|medium|highm1|high|\d+)"
_GOVERNOR = r"(conservative|ondemand|performance|powersave|schedutil|userspace)"
_GPU_FREQUENCY = r"(memory=)?(low|medium|highm1|high|\d+)"
_GPU_BINDING = r"(closest|none|single:\d+|per_task:\d+|map_gpu:[\d,*]+|mask_gpu:[\da-fx,*]+)"
_MEMORY_BINDING = r"(none|rank|local|prefer|sort|nosort|map_mem:[\d,*]+|mask_mem:[\da-fx,*]+)"


def _list_of(word: str) -> str:
    return f"({word})(,({word}))*"


_SHAPES: Mapping[str, str] = {
    "cpu-freq": rf"{_CPU_FREQUENCY}(-{_CPU_FREQUENCY})?(:{_GOVERNOR})?|{_GOVERNOR}",
    "gpu-bind": f"(verbose,)?{_GPU_BINDING}",
    "gpu-freq": _list_of(_GPU_FREQUENCY),
    "mail-type": _list_of(_EVENTS),
    "mem-bind": f"((quiet|verbose),)?{_list_of(_MEMORY_BINDING)}",
    "no-kill": "off|no",
    "open-mode": "append|truncate|a|t",
    "power": "level",
    "profile": _list_of("all|none|energy|task|lustre|network"),
    "propagate": f"ALL|NONE|{_list_of(_NAMES_OF_LIMITS)}",
    "wait-all-nodes": "0|1",
}
_EXPRESSIONS = {name: re.compile(shape, re.IGNORECASE) for name, shape in _SHAPES.items()}


def check_passed(option: Option, value: str) -> None:
    """Return when sbatch takes the value. Raises ValueError that says how it is written."""
    expression = _EXPRESSIONS.get(option.name)
    if expression is not None and not expression.fullmatch(value):
        raise ValueError(
            said("must be written as {usage}, not {value}", usage=option.usage, value=shown(value))
        )
