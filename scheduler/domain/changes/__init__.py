"""A change of the policy: what is odd about it, what it would do, and its way into force."""
