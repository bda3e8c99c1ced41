"""`tendik grant`, `budget` and `admin fund`: requests, awards, what is left, and statements."""
