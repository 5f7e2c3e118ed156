"""What a whole cycle costs, against a bare script that does the same work by hand."""
