"""What operators and citizens can watch: the service's state as Prometheus metrics."""
