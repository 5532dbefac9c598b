"""The Grafana dashboards: ``panels`` says what is on them, ``write`` makes their JSON; docker-compose provisions them."""
