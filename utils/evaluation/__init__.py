"""What any notebook may measure with: intervals, repair of records, bounded SQL."""
