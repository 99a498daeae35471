"""What a submission would send, as a shell script that curl can replay; nothing is sent.

The key is in it by the name of its variable only.
"""

import shlex
from collections.abc import Mapping
from typing import Final

from . import requests
from .address import Address
from .requests import MEDIA_TYPE, PURPOSE, Source

_DIGITS: Final = 16
_START: Final = """\
#!/usr/bin/env bash
# What `sftc submit` would send to {backend}. Nothing has been sent.
# To send it yourself: SYNTH_API_KEY=… bash this-file   (needs curl and python3)
set -euo pipefail
api={api}

send() {{
  curl --silent --show-error --fail-with-body -H "Authorization: Bearer $SYNTH_API_KEY" "$@"
}}
field() {{
  python3 -c 'import json, sys
answer = json.load(sys.stdin)
print(next(answer[name] for name in sys.argv[1:] if name in answer))' "$@"
}}
ready() {{
  until send "$api{files}/$1" | field status | grep -qxE 'ready|uploaded|stored|complete'; do
    sleep 1
  done
}}
"""


def script(
    payload: Mapping[str, object], sources: Mapping[str, Source], address: Address, key: str
) -> str:
    """Return the script.

    Args:
        payload: the reviewed payload.
        sources: the datasets to upload, by use.
        address: where it would go.
        key: the idempotency key of the job.

    """
    parts = [
        _START.format(backend=address.shown, api=shlex.quote(address.api), files=requests.FILES)
    ]
    parts += [_upload(source) for source in sources.values()]
    # Marks that stand in for the ids: a digest is in them, so nothing else reads like them.
    marks = {use: f"@{use}-{key[-_DIGITS:]}@" for use in sources}
    body = requests.filled(payload, marks.get("training"), marks.get("validation")).decode()
    parts.append("# The job: the reviewed payload, with the ids of its files.")
    parts.append(f"body={shlex.quote(body)}")
    parts += [f'body="${{body/{mark}/${use}_file_id}}"' for use, mark in marks.items()]
    create = requests.create(b"", key)
    parts += [
        _headers("job=$(", create.headers)
        + f'--data-binary "$body" "$api{create.path}" | field job_id id)'
    ]
    begin = requests.start("JOB", key)
    path = begin.path.replace("JOB", "$job")
    parts += [
        _headers("", begin.headers) + f"--data-binary '{{}}' \"$api{path}\" >&2",
        'echo "$job"',
    ]
    return "\n".join(parts) + "\n"


def _headers(before: str, headers: Mapping[str, str]) -> str:
    options = " ".join(f"-H {shlex.quote(f'{name}: {text}')}" for name, text in headers.items())
    return f"{before}send {options} \\\n  "


def _upload(source: Source) -> str:
    request = requests.upload(source)
    name = source.upload_name
    form = shlex.quote(f'file=@-;filename="{_quoted(name)}";type={MEDIA_TYPE}')
    variable = f"{source.use}_file_id"
    return (
        f"# {source.bytes:,} bytes, {source.examples:,} rows, sha256 {source.sha256}\n"
        f"{variable}=$({_bytes(source)} | "
        + _headers("", request.headers)
        + f'-F purpose={PURPOSE} -F {form} "$api{request.path}" | field id)\n'
        f'ready "${variable}"\n'
    )


def _bytes(source: Source) -> str:
    """Return the command that prints the bytes to upload."""
    path = shlex.quote(source.shown)
    path = f"./{path}" if path.startswith("-") else path
    unpack = {".gz": "gzip -dc", ".zst": "zstd -dc"}.get(source.path.suffix)
    if source.head is None:
        return f"{unpack or 'cat'} {path}"
    if unpack is None:
        return f"head -c {source.bytes} {path}"
    # What unpacks dies of a broken pipe when head has enough.
    return f"{{ {unpack} {path} || true; }} | head -c {source.bytes}"


def _quoted(name: str) -> str:
    return name.replace("\\", "\\\\").replace('"', '\\"')
