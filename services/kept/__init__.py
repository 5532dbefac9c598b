"""What the stages with a table share: how documents are found again in flat arrays, and how rows are written."""
