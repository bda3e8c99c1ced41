"""What runs beside the service: Slurm, Prometheus, Grafana, units and containers."""
