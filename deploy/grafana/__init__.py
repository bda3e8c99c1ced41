"""Dashboards as typed tables, and the JSON that Grafana loads."""
