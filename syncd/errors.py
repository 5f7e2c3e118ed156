"""What can go wrong, grouped by what syncd does about it.

SyncdError                       one clear message; `exit_code` for the command line
├── UsageError                   2   the command was typed wrongly
├── ConfigError                  78  a file or a setting is wrong; lists every problem at once
│   ├── IdentityError            78  the system behind a connection is not the one it was
│   └── StateError               78  the state file cannot be used: damaged, read-only, no state
├── BusyError                    75  the pair is owned by another process
├── LeaseLostError               75  this process owned the pair and no longer does
├── NoRoomError                  75  the disk under the state is full, or did not answer
├── TransientError               75  try again later; never counted as a record's fault
│   ├── RateLimitedError             wait as told
│   └── UnavailableError             no answer, or closed for maintenance
├── DoubtError                       a write was sent and its outcome is unknown
├── AccessError                  78  wrong or revoked credential: pause the connection
├── ProtocolError                1   the system answered what its documentation does not allow
│   └── FileError                1   a file cannot be read as its connection says
└── RejectedError                1   this record alone was refused
    ├── NotFoundError                the remote object is gone
    ├── DuplicateError               a unique value is taken; names the field
    └── MappingError                 the mapping cannot digest this record; names the line
"""

from __future__ import annotations

from collections.abc import Sequence


class SyncdError(Exception):
    exit_code = 1


class UsageError(SyncdError):
    exit_code = 2


class ConfigError(SyncdError):
    """`problems` are complete lines: `file:line:column what is wrong, what was expected`."""

    exit_code = 78

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems: Sequence[str] = problems


class IdentityError(ConfigError):
    pass


class StateError(ConfigError):
    pass


class BusyError(SyncdError):
    exit_code = 75


class NoRoomError(SyncdError):
    """What was not written down is not done: nothing is lost, and the next run goes on."""

    exit_code = 75


class LeaseLostError(SyncdError):
    exit_code = 75


class TransientError(SyncdError):
    """`retry_after` is in seconds, None where the system did not say."""

    exit_code = 75

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class RateLimitedError(TransientError):
    pass


class UnavailableError(TransientError):
    pass


class DoubtError(SyncdError):
    """The request may or may not have been carried out; probe before anything else. `answered`
    tells that the system said something: where that repeats itself, it may be its way to refuse."""

    def __init__(self, message: str, *, answered: bool = False) -> None:
        super().__init__(message)
        self.answered = answered


class AccessError(SyncdError):
    exit_code = 78


class ProtocolError(SyncdError):
    pass


class FileError(ProtocolError):
    """Begins with the file's name, and says what is wrong with it."""


class RejectedError(SyncdError):
    """`field` is the target's field the system named, if it named one; `status` the HTTP
    status of the answer, where its connector tells it."""

    status: int | None = None

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class NotFoundError(RejectedError):
    pass


class DuplicateError(RejectedError):
    pass


class MappingError(RejectedError):
    """`where` is `file:line:column` of the rule that failed."""

    def __init__(self, where: str, message: str, field: str | None = None) -> None:
        super().__init__(f"{where} {message}", field)
        self.where = where
