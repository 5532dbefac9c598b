"""The service: each folder a stage or a tool of its own; ``runtime`` is what the stages share."""
