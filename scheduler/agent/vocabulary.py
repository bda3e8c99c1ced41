"""What both sides of the agent's socket must agree on, besides the messages themselves."""

from __future__ import annotations

from importlib.metadata import version

# Raised by every change of the messages that an older other side would misread.
PROTOCOL = 1
# Scripts come in batches, and a read of ten thousand jobs is half a mebibyte.
MAX_MESSAGE_BYTES = 256 * 1024 * 1024
SIZES: tuple[tuple[str, int], ...] = (
    ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
    ("grpc.max_send_message_length", MAX_MESSAGE_BYTES),
)

# Seconds until an answer is given up. Each of Slurm's programs has 12 s; a call may need several.
GREETING_LIMIT_S = 5.0
READ_LIMIT_S = 120.0
SUBMIT_LIMIT_S = 120.0
ORDER_LIMIT_S = 60.0
# The agent gives a file up after 5 s, and may be busy with others' before.
OUTPUT_LIMIT_S = 15.0
LONGEST_LIMIT_S = max(READ_LIMIT_S, SUBMIT_LIMIT_S, ORDER_LIMIT_S)
# With sbatch about 5 s of work: what a service that went away leaves behind is bounded.
LAUNCHES_AT_ONCE = 50

# An agent that is stopped, or beyond a broken network, is noticed by pings, long before a limit.
PING_EVERY_MS = 10_000
PING_LIMIT_MS = 10_000


def own_version() -> str:
    return version("tendik")
