"""Explains one waiting job on demand, apart from the cycle and from the process that serves."""
