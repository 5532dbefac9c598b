"""Running it: the local broker, and the files for Prometheus, Grafana and containers."""
