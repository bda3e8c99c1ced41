"""How borrowed GPUs come back: who claims them, who gives, and how runs are told."""
