"""What notebook 01 measures at more length than a cell should have."""
