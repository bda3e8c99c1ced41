"""A trace through the service and other schedulers on a virtual clock."""
