"""A leader is stopped at each of its steps, and killed, while another takes over."""
