"""Whether a pair is well although nothing errors: alarms, /healthz and /metrics."""
