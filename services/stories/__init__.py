"""Stories: which documents tell of the same event."""
