"""The pure core: what equal access means, with no clock, no random source and no I/O."""
