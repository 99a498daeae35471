"""What a backend is asked and how it answers, in one table: routes, states, ids, errors.

Another backend is another ``Dialect``. The submitter, its preview and whoever follows a job take
one; none of them knows a route or a word of a backend by itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final, NamedTuple
from urllib.parse import quote

from ..diagnostics.pointers import pointer
from ..payloads import fields


class Route(NamedTuple):
    """A method, and a path below the API's address with ``{names}`` to fill in."""

    method: str
    path: str

    def to(self, **values: str | int) -> "Route":
        """Return the route to one thing; parameters of the query that are empty are left out."""
        # Quoted, so that no character of a value leaves its place.
        quoted = {
            name: quote(str(value), safe="", errors="replace") for name, value in values.items()
        }
        path, _, query = self.path.format(**quoted).partition("?")
        query = "&".join(pair for pair in query.split("&") if not pair.endswith("="))
        return Route(self.method, f"{path}?{query}" if query else path)

    def below(self, path: str) -> "Route":
        """Return the route to a file below this one; the folders of its path stay folders."""
        return Route(self.method, f"{self.path}/{quote(path, errors='replace')}")

    def __str__(self) -> str:
        """Return method and path."""
        return f"{self.method} {self.path}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How one kind of backend is spoken to."""

    api: str  # the path of the API below the backend's address
    upload: Route  # takes a dataset as a multipart form
    find: Route | None  # lists files by sha256; None: this backend cannot
    file: Route
    create: Route  # takes a payload
    start: Route | None  # None: a job starts when it is created
    cancel: Route
    job: Route
    jobs: Route  # the newest first
    events: Route  # after a sequence number
    metrics: Route  # points after a step
    log: Route | None = None  # what the trainer printed after a byte; None: this backend cannot
    artifacts: Route | None = None  # lists the files of a result; below it, each by its path
    purpose: str = "fine-tune"  # what an upload says that the file is for
    media_type: str = "application/jsonl"
    key_header: str = "Idempotency-Key"
    name_header: str = ""  # carries a job's name, percent-encoded; empty: jobs have none
    file_ids: tuple[str, ...] = ("id",)  # where an answer has the id: the first that is there
    job_ids: tuple[str, ...] = ("id",)
    lists: Mapping[str, str] = field(default_factory=dict)  # where it has a list, if elsewhere
    ready: frozenset[str]  # states of a file that can be used
    broken: frozenset[str]  # and of one that never can
    unstarted: frozenset[str]  # states of a job that may wait to be started; "" if it has none
    succeeded: frozenset[str]  # of one that ended well
    ended: frozenset[str]  # of one that is over, well or not
    last_events: Mapping[str, str] = field(default_factory=dict)  # the state that a type means
    metric_names: tuple[str, ...] = ("train.loss", "val.loss")  # what is followed
    errors: tuple[str, ...] = ("error", "detail")  # where a body says what is wrong
    details: str = "details"  # and where that lists everything that is
    pointers: Mapping[str, str] = field(default_factory=dict)  # places in a payload by error code

    def listed(self, answer: Mapping[str, Any], what: str) -> list[dict[str, Any]]:
        """Return the objects that an answer lists; what is none is left out."""
        found = answer.get(self.lists.get(what, what))
        return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


_FILES: Final = "/learning/files"
_JOBS: Final = "/learning/jobs"
_JOB: Final = f"{_JOBS}/{{job}}"

LEARNING: Final = Dialect(
    api="/api",
    upload=Route("POST", _FILES),
    find=Route("GET", f"{_FILES}?sha256={{sha256}}"),
    file=Route("GET", f"{_FILES}/{{file}}"),
    create=Route("POST", _JOBS),
    start=Route("POST", f"{_JOB}/start"),
    cancel=Route("POST", f"{_JOB}/cancel"),
    job=Route("GET", _JOB),
    jobs=Route(
        "GET", f"{_JOBS}?limit={{limit}}&status={{status}}&search={{search}}&before={{before}}"
    ),
    events=Route("GET", f"{_JOB}/events?since_seq={{since}}&limit={{limit}}"),
    metrics=Route("GET", f"{_JOB}/metrics?name={{name}}&after_step={{after}}&limit={{limit}}"),
    log=Route("GET", f"{_JOB}/log?after={{after}}&limit={{limit}}"),
    artifacts=Route("GET", f"{_JOB}/artifacts"),
    name_header="X-Job-Name",
    file_ids=("id", "file_id"),
    job_ids=("job_id", "id"),
    lists=MappingProxyType({"metrics": "points"}),
    ready=frozenset({"ready", "uploaded", "stored", "complete", "processed"}),
    broken=frozenset({"failed", "error", "invalid", "rejected", "deleted"}),
    unstarted=frozenset({"", "created", "pending", "not_started", "draft"}),
    succeeded=frozenset({"succeeded", "completed"}),
    ended=frozenset({"succeeded", "completed", "failed", "cancelled", "canceled", "error"}),
    last_events=MappingProxyType({"sft.job.completed": "completed", "sft.job.failed": "failed"}),
    pointers=MappingProxyType({"missing_gpu_type": pointer(fields.GPU_TYPE)}),
)
"""The learning API that payloads are made for, which the embedded backend serves."""
