"""What is true on disk: one SQLite file, written in one transaction at a time."""
