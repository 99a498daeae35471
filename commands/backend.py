"""``sftc backend``."""

import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, NoReturn

import typer

from ..disk.files import reason
from .command_line import PLAIN, Command, Group, Summaries
from .streams import colour, say, show, usage

if TYPE_CHECKING:
    import socket

    from ..backend.directory import Directory
    from ..backend.store import Database
    from ..workspace.serving import ServeSettings

_DATA_DIR = Path(".sftc-backend")  # beside the configs that are tried; git ignores it by itself

_SUMMARIES: Final[Summaries] = {
    "Commands": {
        "serve": "Serve the learning API and a page of its jobs.",
        "key": "Make another API key and print it.",
    }
}


class _Backend(Group):
    summaries = _SUMMARIES


backend = typer.Typer(cls=_Backend, no_args_is_help=True, **PLAIN)

_DataDir = Annotated[Path, typer.Option(metavar="DIR", help="Folder for files, jobs and keys.")]


@backend.callback()
def _backend() -> None:
    """Run a backend on this machine.

    The embedded backend serves the same learning API, to try things out and to test against.
    """


@backend.command(cls=Command)
def serve(
    data_dir: _DataDir = _DATA_DIR,
    host: Annotated[
        str, typer.Option(metavar="ADDRESS", help="The address to listen on.")
    ] = "127.0.0.1",
    port: Annotated[
        int,
        typer.Option(metavar="PORT", min=0, max=65535, help="The port; 0 takes a free one."),
    ] = 8000,
    max_upload: Annotated[
        int, typer.Option(metavar="MIB", min=1, help="The largest upload, in MiB.")
    ] = 16 * 1024,
    pace: Annotated[
        float,
        typer.Option(metavar="SECONDS", min=0, help="The shortest time that a rehearsal takes."),
    ] = 2.0,
    runner: Annotated[
        Literal["rehearsal", "train"] | None,
        typer.Option(help="Rehearse jobs without training (the default), or train them."),
    ] = None,
    engine: Annotated[
        Literal["local", "slurm"] | None,
        typer.Option(help="Train on this machine (the default) or on a Slurm cluster."),
    ] = None,
    models: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Folder of models: DIR/Qwen/Qwen3-4B. Default: the Hugging Face cache.",
        ),
    ] = None,
    slurm_conf: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Path of slurm.conf. Default: SLURM_CONF, then Slurm's own."
        ),
    ] = None,
    jobs_at_once: Annotated[
        int | None,
        typer.Option(
            metavar="N", min=1, max=64, help="How many jobs train at once on this machine."
        ),
    ] = None,
    settings: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="A TOML file with more settings; options override it."),
    ] = None,
) -> None:
    """Serve the learning API and a page of its jobs.

    The first line on standard output is the address. The API key is SYNTH_API_KEY if that is
    set; otherwise one is made at the first start and shown once. By default, jobs are rehearsed:
    the data is read and the steps are counted, but nothing is trained. `--runner train` trains
    them, which needs the extra `sftc[train]`.

    Exit codes: 0 stopped; 2 wrong usage, or the address or the folder cannot be used.
    """
    from math import isfinite

    from .. import __version__

    if not isfinite(pace):
        usage("--pace takes a number of seconds")
    try:
        from ..backend import keys, serving
        from ..backend.app import application
        from ..backend.hosts import Hosts
        from ..backend.store import Keys, Runs
        from .runners import runners
    except ModuleNotFoundError as error:
        _needs_extra(error)
    chosen = _settings(settings)
    given: dict[str, Any] = {"runner": runner, "engine": engine, "models": models}
    given |= {"jobs_at_once": jobs_at_once}
    chosen = replace(chosen, **{name: value for name, value in given.items() if value is not None})
    if slurm_conf is not None:
        chosen = replace(chosen, slurm=replace(chosen.slurm, conf=str(slurm_conf.absolute())))
    each = runners(chosen, pace)
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
        each,
        hosts=Hosts(host, listening.getsockname()[0]),
        own_keys=[keys.digest(own)] if own else [],
        largest_upload=max_upload * 1024**2,
        version=__version__,
    )
    address = serving.address(host, listening)

    def ready() -> None:
        show(f"{address}\n", sys.stdout)
        say(_welcome(address, data_dir, made, own=bool(own)))
        say(_does(chosen))
        for name, count in Runs(database).elsewhere([one.engine for one in each if one.engine]):
            wait = "waits" if count == 1 else "wait"
            say(f"{count:,} of its jobs {wait} for a server with --runner train --engine {name}")

    try:
        serving.serve(app.app, listening, ready, app.interrupt)
    finally:
        database.close()


@backend.command(cls=Command)
def key(data_dir: _DataDir = _DATA_DIR) -> None:
    """Make another API key and print it.

    Each key has files and jobs of its own.
    """
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


def _settings(path: Path | None) -> "ServeSettings":
    """Return the settings of a file; exit with 2 if they cannot be used."""
    from .. import report
    from ..report import Format
    from ..workspace import serving

    if path is None:
        return serving.ServeSettings()
    found = serving.read(path)
    if isinstance(found, serving.ServeSettings):
        return found
    text = path.read_text("utf-8", "replace") if path.is_file() else ""
    colours = colour(sys.stderr)
    show(report.render(Format.TEXT, found, {str(path): text}, colour=colours), sys.stderr)
    raise typer.Exit(2)


def _does(settings: "ServeSettings") -> str:
    """Return what becomes of jobs, for people."""
    if settings.runner == "rehearsal":
        rehearsed = "Jobs are rehearsed: nothing is trained. --runner train trains them."
        unused = f"\nThe models in {settings.models} are not used by rehearsals."
        return rehearsed + (unused if settings.models else "")
    from ..engines import ENGINES

    where = ENGINES[settings.engine].where
    models = f" by the models in {settings.models}" if settings.models else ""
    return f"Jobs are trained on {where}{models}."


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
