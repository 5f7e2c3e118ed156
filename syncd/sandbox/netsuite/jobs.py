"""Requests that are answered later (vendor: "Sending an Asynchronous Request"): carried out at
once, and told when somebody asks."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field

from syncd.sandbox.netsuite.wire import Json, Refused, here, reply
from syncd.sandbox.port import Answer, Asked

ROOT = "/services/rest/async/v1/job/"
KEY = "x-netsuite-idempotency-key"


@dataclass(frozen=True, slots=True)
class Job:
    id: int
    done: Answer


@dataclass
class Jobs:
    held: dict[int, Job] = field(default_factory=dict)
    keys: dict[str, int] = field(default_factory=dict)
    """Idempotency key -> job. A request that is answered at once has none, whatever it sends."""

    def start(self, asked: Asked, carry_out: Callable[[], Answer]) -> Answer:
        key = asked.headers.get(KEY, "")
        if key in self.keys:
            raise Refused(
                "IDEMPOTENCY_ERROR",
                "A request with the same idempotency key was sent before.",
                title="Conflict",
                headers={"location": f"{here(asked)}{ROOT}{self.keys[key]}"},
            )
        id = int(hashlib.sha256(f"{len(self.held)}{key}".encode()).hexdigest()[:6], 16)
        try:
            done = carry_out()
        except Refused as refused:
            done = refused.answer
        self.held[id] = Job(id, done)
        if key:
            self.keys[key] = id
        more = {"preference-applied": "respond-async", "location": f"{here(asked)}{ROOT}{id}"}
        return Answer(202, more)

    def answer(self, asked: Asked, rest: list[str]) -> Answer:
        job = self.held.get(int(rest[0])) if rest and rest[0].isdigit() else None
        if job is None or asked.method != "GET":
            raise Refused("NONEXISTENT_ID", "The job does not exist.", 404)
        address = f"{here(asked)}{ROOT}{job.id}"
        progress = "succeeded" if job.done.status < 400 else "failed"
        task: Json = {
            "id": "1",
            "completed": True,
            "progress": progress,
            "links": [{"rel": "self", "href": f"{address}/task/1"}],
        }
        match rest[1:]:
            case []:
                links = [{"rel": "self", "href": f"{address}/task"}]
                whole = {**task, "id": str(job.id), "task": {"links": links}}
                whole["links"] = [{"rel": "self", "href": address}]
                return reply(whole)
            case ["task"]:
                return reply({"items": [task], "totalResults": 1}, kind="collection")
            case ["task", "1"]:
                return reply(task)
            case ["task", "1", "result"]:
                return job.done
        raise Refused("NONEXISTENT_ID", "The task does not exist.", 404)
