"""When pending jobs start: the queue's course, the runtimes to expect, and how both came out."""
