"""Whether what a waiting job is told is true, all there is, of use, and told in time."""
