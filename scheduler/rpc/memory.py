"""What a serving process tells Python's garbage collector."""

from __future__ import annotations

import gc

# New objects before the collector looks for cycles among them; Python's own value is 700, which
# a few calls reach.
NEW_OBJECTS = 100_000
YOUNG_COLLECTIONS = 50


def settle_memory() -> None:
    """Call once all is built: it lives as long as the process and need not be looked at again.

    A call's objects make no cycles to speak of, so counting references frees them at once.
    With this SubmitJob took about a tenth less of the event loop's time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(NEW_OBJECTS, YOUNG_COLLECTIONS, YOUNG_COLLECTIONS)
