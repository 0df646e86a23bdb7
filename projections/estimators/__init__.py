"""The statistics of the measures: pure functions of integer seconds, exact where they can be, one file each."""
