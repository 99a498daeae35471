"""5xx: what is no payload, what is not submitted, what is not fetched, and why."""

from functools import partial

from .. import codes
from ..code import Code
from ..model import Severity

_code = partial(Code, severity=Severity.ERROR, language="json")
_AGAIN = (
    " Run the same command again when that has changed: files that were uploaded are not "
    "uploaded again, and a job that was created is not created again."
)

CODES = (
    _code(
        codes.UNREADABLE_PAYLOAD,
        "unreadable-payload",
        message="cannot read the payload: {reason}",
        page="The payload's file does not exist, is a directory, may not be read by this user, or "
        "is larger than 4 MiB. A payload has a few kilobytes; data belongs into the datasets.",
    ),
    _code(
        codes.PAYLOAD_NOT_JSON,
        "payload-not-json",
        message="the payload is not JSON: {reason}",
        page="A payload is strict JSON in UTF-8: no NaN, no comments, no comma before a closing "
        "bracket, no key twice, and no number that would change its value on the way.",
        bad='{"model": "Qwen/Qwen3-4B",}\n',
        good='{"model": "Qwen/Qwen3-4B"}\n',
    ),
    _code(
        codes.PAYLOAD_SHAPE,
        "payload-shape",
        message="{what}",
        why="the payload's schema, `sftc schema payload`, does not allow it",
        page="The payload is JSON, but misses the schema of a payload. If it was compiled, it was "
        "edited since then: compile the config again.",
    ),
    _code(
        codes.NO_TRAINING_DATA,
        "no-training-data",
        message="the payload names no training dataset",
        hint="name one with --dataset FILE, or compile a config that has [job].data",
        page="A job needs a training dataset. The payload has none in `metadata.sftc.files`, and "
        "`--dataset` was not given.",
    ),
    _code(
        codes.OUTSIDE_DATA_ROOT,
        "outside-data-root",
        message="the {use} dataset `{path}` is outside {root}",
        hint="if you trust the payload, allow its folder: --data-root {folder}",
        why="a payload may come from a stranger, and what it names is uploaded",
        page="Files that a payload names are read only below the current directory, or below "
        "`--data-root DIR`. What counts is where a path leads, symbolic links followed. A file "
        "that you name yourself, with `--dataset` or `--validation`, may be anywhere.",
    ),
    _code(
        codes.PIN_DIFFERS,
        "pin-differs",
        message="the {use} dataset `{path}` is not the one that was reviewed: {differences}",
        hint="restore the reviewed file, or compile with --pin again and have that reviewed",
        page="The payload pins the digest, size and rows of the bytes to upload. The file on disk "
        "gives others, so what would be trained on is not what was signed off. Nothing was "
        "submitted.",
    ),
    _code(
        codes.CHANGED_WHILE_SENT,
        "changed-while-sent",
        message="the {use} dataset `{path}` changed while it was being uploaded",
        page="The digest of the bytes that were sent is not the one that was measured a moment "
        "before. The upload was cut off before its end, so the backend has no such file. Wait "
        "until whatever writes the file is done, and run the same command again.",
    ),
    _code(
        codes.INSECURE_BACKEND,
        "insecure-backend",
        message="the key would go to {host} unencrypted",
        hint="use https://; plain http is for this machine alone (127.0.0.1, localhost)",
        page="The API key is sent with each request. Over plain http everyone on the way can read "
        "it, so that is allowed for loopback addresses only.",
    ),
    _code(
        codes.REDIRECTED,
        "redirected",
        message="the backend redirects to {target}",
        hint="if that is your backend, name it with --backend",
        page="The key is sent to the backend that you named and to no other. Redirects within the "
        "same scheme, host and port are followed, others are not.",
    ),
    _code(
        codes.UNREACHABLE,
        "unreachable",
        message="cannot reach the backend at {backend}: {reason}",
        page="The connection was refused, was lost, or gave no whole answer in time, and several "
        f"attempts with growing pauses did not help.{_AGAIN}",
    ),
    _code(
        codes.BACKEND_FAILED,
        "backend-failed",
        message="the backend answers HTTP {status}{detail}",
        page="The backend has a problem of its own, or is too busy, and several attempts did not "
        f"help.{_AGAIN}",
    ),
    _code(
        codes.ODD_ANSWER,
        "odd-answer",
        message="the backend's answer to {request} cannot be used: {reason}",
        page="The answer is not the JSON that this API promises. The address may belong to "
        f"something else, such as a proxy's sign-in page.{_AGAIN}",
    ),
    _code(
        codes.KEY_REFUSED,
        "key-refused",
        message="the backend does not accept the key (HTTP 401{detail})",
        hint="set SYNTH_API_KEY to a key of {backend}",
        page="The environment variable `SYNTH_API_KEY` is unset, or holds a key that this backend "
        "does not know. The key itself is never shown.",
    ),
    _code(
        codes.NOT_ALLOWED,
        "not-allowed",
        message="the key may not do this (HTTP 403{detail})",
        hint="ask for a key that may create jobs at {backend}",
        page="The backend knows the key in `SYNTH_API_KEY`, and does not let it do this. The key "
        "itself is never shown.",
    ),
    _code(
        codes.REFUSED,
        "refused",
        message="the backend refuses the {what} (HTTP {status}{detail})",
        page="The backend looked at the payload or the file and does not take it. Its own words "
        "are in the message; where it names a place in the payload, the finding points at it. "
        "Trying the same again will not help.",
    ),
    _code(
        codes.FILE_REFUSED,
        "file-refused",
        message="the backend does not accept the {use} dataset `{path}`{detail}",
        page="The file was uploaded, and the backend's own look at it failed. No job was created.",
    ),
    _code(
        codes.NOT_READY,
        "not-ready",
        message="the backend is still not done with {what} after {seconds} s",
        page="A file that was uploaded has to become ready before a job can use it, and that took "
        f"longer than sftc waits.{_AGAIN}",
    ),
    _code(
        codes.NO_SUCH_JOB,
        "no-such-job",
        message="the backend knows no job {job} of this key",
        hint="check the id, the backend and the key; `sftc jobs` lists the jobs of this key",
        page="The id is wrong, the job belongs to another key or another backend, or the backend "
        "has lost it.",
    ),
    _code(
        codes.JOB_OVER,
        "job-over",
        message="job {job} of this payload is over: {status}",
        hint="`sftc logs {job}` says why; with --resubmit the same command makes another job",
        page="The same payload with the same data was submitted before, and its job failed or was "
        "cancelled. A job that is over is not started again. `sftc logs JOB` says what happened to "
        "it; `--resubmit` makes another one.",
    ),
    _code(
        codes.NO_RESULT,
        "no-result",
        message="job {job} has no result: {reason}",
        page="`sftc fetch` gets what a training left: an adapter or a model. There is one when the "
        "job has succeeded. A rehearsal trains nothing and leaves nothing; what a job that failed "
        "had saved stays with the backend.",
    ),
    _code(
        codes.NO_TRAINER_LOG,
        "no-trainer-log",
        message="the backend has no log of the trainer for job {job}",
        hint="`sftc logs {job}` shows the job's events",
        page="`sftc logs --trainer` shows what the processes of a trainer printed. This backend "
        "does not offer that.",
    ),
    _code(
        codes.UNSAFE_ARTIFACT,
        "unsafe-artifact",
        message="the backend lists the file `{path}`, which {reason}; nothing was fetched",
        page="The names of a result's files come from the backend. All of them have to be names "
        "that stay inside the folder and mean one file on every system: relative, with `/` between "
        "folders, without `..`, hidden files, control characters, devices of Windows, and "
        "names that differ in case alone.",
    ),
    _code(
        codes.IN_THE_WAY,
        "in-the-way",
        message="`{path}` is in the way: {reason}",
        page="A file of the result would take the place of something else. `--force` overwrites "
        "files of other content, and nothing else: links, folders and devices stay, and so does "
        "what they lead to. Files that have the right bytes already are left as they are.",
    ),
    _code(
        codes.DAMAGED_ARTIFACT,
        "damaged-artifact",
        message="the bytes of `{path}` are not those that the backend listed: {reason}",
        page="Each file is checked against the SHA-256 and the size that the backend listed for "
        "it. The bytes that came have another, twice, so the file was not put into the folder.",
    ),
)
