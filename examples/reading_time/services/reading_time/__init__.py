"""The reading_time stage: how long it takes to read a document."""
