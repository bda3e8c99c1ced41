"""GPU-hours that are granted: from a fund to a project, and what each job takes of them."""
