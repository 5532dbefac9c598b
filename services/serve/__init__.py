"""The HTTP service: documents come in by POST, for those who have no Kafka client.

``core`` reads and judges a body, ``openapi`` describes the service, ``server`` is the glue. Leaves to others: what a document is,
and how messages get to the broker.
"""
