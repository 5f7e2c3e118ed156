"""What a mapping makes of records, line by line, before anything of it is written."""
