"""One module per system: its wire protocol, nothing else."""
