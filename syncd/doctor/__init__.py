"""Live facts: what is behind each connection, what syncd may and may not do there, and what the
store has noticed. Nothing here writes to a system, and nothing to the store."""

from syncd.doctor.examine import examine
from syncd.doctor.findings import Finding, Verdict, exit_code

__all__ = ["Finding", "Verdict", "examine", "exit_code"]
