"""What is true on disk: one SQLite file, written in one transaction at a time.

Statements that a run asks for dozens of times are made once, with the module: to make one costs
several times what it costs to answer it."""
