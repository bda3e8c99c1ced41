"""The engine on a real store, a real allocator and the simulated cluster."""
