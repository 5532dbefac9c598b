"""The service: each folder a stage or a tool of its own; ``runtime`` is what the stages share."""

import os

os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
"""onnxruntime would send events about its use to its maker; it looks once, when it is loaded."""
