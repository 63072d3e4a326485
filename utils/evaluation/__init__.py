"""What any notebook may measure with: intervals, calibration, detection, consistency, outcomes, repair, bounded SQL."""
