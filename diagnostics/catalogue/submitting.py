"""5xx: a payload that cannot be read, a job that is not submitted, a result that is not fetched."""

from functools import partial

from .. import codes
from ..code import Code
from ..model import Severity

_code = partial(Code, severity=Severity.ERROR, language="json")
_AGAIN = (
    " Run the same command again later: it does not repeat completed uploads, or create the job "
    "twice."
)

CODES = (
    _code(
        codes.UNREADABLE_PAYLOAD,
        "unreadable-payload",
        message="cannot read the payload: {reason}",
        page="The file does not exist, is a directory, is larger than 4 MiB, or you have no "
        "permission to read it. Payloads are a few kilobytes; data belongs in datasets.",
    ),
    _code(
        codes.PAYLOAD_NOT_JSON,
        "payload-not-json",
        message="the payload is not JSON: {reason}",
        page="A payload is strict JSON in UTF-8: no NaN, no comments, no trailing commas, no "
        "duplicate keys, and no number that parsers would round.",
        bad='{"model": "Qwen/Qwen3-4B",}\n',
        good='{"model": "Qwen/Qwen3-4B"}\n',
    ),
    _code(
        codes.PAYLOAD_SHAPE,
        "payload-shape",
        message="{what}",
        why="the payload's schema (`sftc schema payload`) does not allow it",
        page="The file is JSON, but does not match the payload schema. If sftc compiled it, it "
        "was edited afterwards: compile the config again.",
    ),
    _code(
        codes.NO_TRAINING_DATA,
        "no-training-data",
        message="the payload names no training dataset",
        hint="pass one with --dataset FILE, or compile a config that has [job].data",
        page="A job needs a training dataset. The payload has none in `metadata.sftc.files`, and "
        "`--dataset` was not given.",
    ),
    _code(
        codes.OUTSIDE_DATA_ROOT,
        "outside-data-root",
        message="the {use} dataset `{path}` is outside {root}",
        hint="if you trust the payload, allow the folder with --data-root {folder}",
        why="a payload may come from an untrusted source, and the files that it names are uploaded",
        page="Files that a payload names must be below the current directory, or below "
        "`--data-root DIR`, after following symbolic links. Files that you name with `--dataset` "
        "or `--validation` can be anywhere.",
    ),
    _code(
        codes.PIN_DIFFERS,
        "pin-differs",
        message="the {use} dataset `{path}` does not match its pin: {differences}",
        hint="restore the reviewed file, or compile with --pin again and have the payload reviewed",
        page="The payload pins the digest, size and row count of the dataset. The file on disk "
        "has others, so the job would not train on the data that was reviewed. Nothing was "
        "submitted.",
    ),
    _code(
        codes.CHANGED_WHILE_SENT,
        "changed-while-sent",
        message="the {use} dataset `{path}` changed while it was being uploaded",
        page="The digest of the uploaded bytes differs from the one computed just before. The "
        "upload was aborted, so the backend does not have the file. Wait until the file is "
        "complete, and run the same command again.",
    ),
    _code(
        codes.INSECURE_BACKEND,
        "insecure-backend",
        message="the API key would be sent to {host} unencrypted",
        hint="use https://; http:// is only allowed for this machine (127.0.0.1, localhost)",
        page="The API key is sent with every request. Over http, others on the network can read "
        "it, so http is only allowed for loopback addresses.",
    ),
    _code(
        codes.REDIRECTED,
        "redirected",
        message="the backend redirects to {target}",
        hint="if that is your backend, set it with --backend",
        page="The API key is only sent to the backend that you named. Redirects to the same "
        "scheme, host and port are followed; others are not.",
    ),
    _code(
        codes.UNREACHABLE,
        "unreachable",
        message="cannot reach the backend at {backend}: {reason}",
        page="The connection was refused, was lost or timed out, and several retries with "
        f"backoff failed as well.{_AGAIN}",
    ),
    _code(
        codes.BACKEND_FAILED,
        "backend-failed",
        message="the backend failed with HTTP {status}{detail}",
        page="The backend has an internal error or is overloaded, and several retries failed as "
        f"well.{_AGAIN}",
    ),
    _code(
        codes.ODD_ANSWER,
        "odd-answer",
        message="unexpected response of the backend to {request}: {reason}",
        page="The response is not the JSON that this API specifies. The URL may belong to "
        f"something else, such as the sign-in page of a proxy.{_AGAIN}",
    ),
    _code(
        codes.KEY_REFUSED,
        "key-refused",
        message="the backend rejects the API key (HTTP 401{detail})",
        hint="set SYNTH_API_KEY to an API key of {backend}",
        page="The environment variable `SYNTH_API_KEY` is not set, or its API key is unknown to "
        "this backend. The key is never shown.",
    ),
    _code(
        codes.NOT_ALLOWED,
        "not-allowed",
        message="the API key has no permission for this (HTTP 403{detail})",
        hint="request an API key with permission to create jobs at {backend}",
        page="The backend knows the API key in `SYNTH_API_KEY`, but does not permit it to do "
        "this. The key is never shown.",
    ),
    _code(
        codes.REFUSED,
        "refused",
        message="the backend rejects the {what} (HTTP {status}{detail})",
        page="The backend validated the payload or the file and rejected it. The message has its "
        "reason; if the reason names a field of the payload, the finding points at it. Retrying "
        "without a change will not help.",
    ),
    _code(
        codes.FILE_REFUSED,
        "file-refused",
        message="the backend does not accept the {use} dataset `{path}`{detail}",
        page="The file was uploaded, but failed the backend's validation. No job was created.",
    ),
    _code(
        codes.NOT_READY,
        "not-ready",
        message="the backend is still processing {what} after {seconds} s",
        page="The backend must process an uploaded file before a job can use it, and that took "
        f"longer than sftc waits.{_AGAIN}",
    ),
    _code(
        codes.NO_SUCH_JOB,
        "no-such-job",
        message="the backend has no job {job} for this API key",
        hint="check the id, the backend and the API key; `sftc jobs` lists the jobs of this key",
        page="The id is wrong, the job belongs to another API key or another backend, or the "
        "backend deleted it.",
    ),
    _code(
        codes.JOB_OVER,
        "job-over",
        message="job {job} of this payload has ended: {status}",
        hint="see why with `sftc logs {job}`, or create a new job with --resubmit",
        page="The same payload with the same data was submitted before, and its job failed or "
        "was cancelled. A job that has ended cannot be restarted. `sftc logs JOB` shows what "
        "happened; `--resubmit` creates a new job.",
    ),
    _code(
        codes.NO_RESULT,
        "no-result",
        message="job {job} has no result: {reason}",
        page="`sftc fetch` downloads the result of a training: an adapter or a model. A job has "
        "a result once it has succeeded. A rehearsal trains nothing, so it has none; checkpoints "
        "of a failed job stay with the backend.",
    ),
    _code(
        codes.NO_TRAINER_LOG,
        "no-trainer-log",
        message="the backend has no trainer log for job {job}",
        hint="run `sftc logs {job}` for the events of the job",
        page="`sftc logs --trainer` shows the output of the trainer's processes. This backend "
        "does not offer it.",
    ),
    _code(
        codes.UNSAFE_ARTIFACT,
        "unsafe-artifact",
        message="the backend lists the file `{path}`, which {reason}; nothing was fetched",
        page="The backend supplies the file names of a result. They must stay inside the output "
        "folder and be unambiguous on every operating system: relative, with `/` as the "
        "separator, and without `..`, hidden files, control characters, Windows device names, or "
        "names that differ only in case.",
    ),
    _code(
        codes.IN_THE_WAY,
        "in-the-way",
        message="`{path}` is in the way: {reason}",
        page="A file of the result would replace something else. `--force` overwrites regular "
        "files with other content, but never links, folders, devices, or what links point to. "
        "Files that already have the right content are kept.",
    ),
    _code(
        codes.DAMAGED_ARTIFACT,
        "damaged-artifact",
        message="the download of `{path}` does not match the backend's listing: {reason}",
        page="Every file is verified against the SHA-256 digest and the size that the backend "
        "lists. Two downloads did not match, so the file was not saved.",
    ),
)
