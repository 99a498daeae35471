"""``sftc backend``."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from ..disk.files import reason
from .streams import say, show, usage

if TYPE_CHECKING:
    import socket

    from ..backend.directory import Directory
    from ..backend.store import Database

_DATA_DIR = Path(".sftc-backend")  # beside the configs that are tried; git ignores it by itself

backend = typer.Typer(add_completion=False, no_args_is_help=True, rich_markup_mode=None)

_DataDir = Annotated[
    Path, typer.Option(metavar="DIR", help="The directory for files, jobs and keys.")
]


@backend.callback()
def _backend() -> None:
    """Run a learning backend on this machine, to try things out and to test against."""


@backend.command()
def serve(
    data_dir: _DataDir = _DATA_DIR,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="The port; 0 takes a free one.")
    ] = 8000,
    max_upload: Annotated[
        int, typer.Option(metavar="MIB", min=1, help="The largest file, in MiB.")
    ] = 16 * 1024,
    pace: Annotated[
        float, typer.Option(metavar="SECONDS", min=0, help="How long a rehearsal takes, at least.")
    ] = 2.0,
) -> None:
    """Serve the learning API and a page that shows the jobs.

    The first line on standard output is the address. The key is SYNTH_API_KEY if that is set;
    otherwise a key is made at the first start and shown once. Jobs are rehearsed: the data is
    read, the steps are counted, and nothing is trained.
    """
    from math import isfinite

    from .. import __version__

    if not isfinite(pace):
        usage("--pace is a number of seconds")
    try:
        from ..backend import keys, serving
        from ..backend.app import application
        from ..backend.hosts import Hosts
        from ..backend.rehearsal import Rehearsal
        from ..backend.store import Keys
    except ModuleNotFoundError as error:
        _needs_extra(error)
    directory = _opened(data_dir)
    _hold(directory)
    database = _state(directory)
    listening = _listening(host, port)
    own = os.environ.get("SYNTH_API_KEY", "").strip()
    made = "" if own or Keys(database).digests() else keys.generated()
    if made:
        Keys(database).add(keys.digest(made))
    app = application(
        directory,
        database,
        Rehearsal(pace),
        hosts=Hosts(host, listening.getsockname()[0]),
        own_keys=[keys.digest(own)] if own else [],
        largest_upload=max_upload * 1024**2,
        version=__version__,
    )
    address = serving.address(host, listening)

    def ready() -> None:
        show(f"{address}\n", sys.stdout)
        say(_welcome(address, data_dir, made, own=bool(own)))

    try:
        serving.serve(app.app, listening, ready, app.interrupt)
    finally:
        database.close()


@backend.command()
def key(data_dir: _DataDir = _DATA_DIR) -> None:
    """Make another key and print it; it has files and jobs of its own."""
    import sqlite3

    from ..backend import keys
    from ..backend.store import Keys

    directory = _opened(data_dir)
    made = keys.generated()
    try:
        Keys(_state(directory)).add(keys.digest(made))
    except sqlite3.Error as error:
        usage(f"cannot write {directory.state}: {error}")
    show(f"{made}\n", sys.stdout)


def _needs_extra(error: ModuleNotFoundError) -> NoReturn:
    if (error.name or "").partition(".")[0] not in {
        "starlette",
        "uvicorn",
        "httptools",
        "python_multipart",
    }:
        raise error
    usage("the embedded backend needs its extra: pip install 'sftc[backend]'")


def _opened(data_dir: Path) -> "Directory":
    from ..backend.directory import Directory, NotOursError

    try:
        return Directory(data_dir)
    except OSError as error:
        usage(f"cannot use {data_dir}: {reason(error)}")
    except NotOursError as error:
        usage(f"cannot use {data_dir}: {error}")


def _hold(directory: "Directory") -> None:
    from ..backend.directory import InUseError

    try:
        directory.hold()
    except InUseError:
        usage(f"{directory.root} is in use by another server; give this one its own --data-dir")
    except OSError as error:
        usage(f"cannot use {directory.root}: {reason(error)}")


def _state(directory: "Directory") -> "Database":
    import sqlite3

    from ..backend.store import Database, ForeignError, NewerError

    try:
        return Database(directory.state)
    except NewerError:
        usage(f"{directory.state} was written by a later version of sftc")
    except ForeignError:
        usage(f"{directory.state} is a database of another program; choose another --data-dir")
    except sqlite3.Error as error:
        usage(f"cannot use {directory.state}: {error}")


def _listening(host: str, port: int) -> "socket.socket":
    from errno import EADDRINUSE

    from ..backend import serving

    try:
        return serving.bound(host, port)
    except UnicodeError:
        usage(f"`{host}` is no host name")
    except OSError as error:
        hint = "; --port 0 takes a free one" if error.errno == EADDRINUSE else ""
        usage(f"cannot listen on {host}, port {port}: {reason(error)}{hint}")


def _welcome(address: str, data_dir: Path, made: str, *, own: bool) -> str:
    """Return what people read when the server is up."""
    lines = [f"sftc backend, with its data in {data_dir}; Ctrl-C stops it and loses nothing"]
    if made:
        lines += [
            f"  page     {address}/#key={made}",
            f"  submit   export BACKEND_BASE_URL={address} SYNTH_API_KEY={made}",
            "The key is not shown again; `sftc backend key` makes another.",
        ]
    else:
        whose = "the value of SYNTH_API_KEY" if own else "the one from the first start"
        lines += [f"  page     {address}", f"  key      {whose}"]
    return "\n".join(lines)
