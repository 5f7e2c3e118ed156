"""Sending what flows ask for."""
