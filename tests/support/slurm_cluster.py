"""A Slurm cluster of three nodes on loopback, from Debian's packages, for the tests.

Its daemons are processes of ours, its files are in one folder, and its ports are free ones, so
it disturbs no other cluster on the machine. What it started is what it stops.
"""

import contextlib
import getpass
import os
import platform
import secrets
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import trainers

from sftc.engines.slurm import Slurm
from sftc.engines.slurm_settings import SlurmSettings

NODES: Final = ("n1", "n2", "n3")
_PROGRAMS: Final = ("munged", "slurmctld", "slurmd", "sbatch", "squeue", "scancel", "scontrol")

_CONF: Final = """\
ClusterName=loop
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={controller}
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
AuthInfo=socket={folder}/munge/socket,cred_expire=5
CryptoType=crypto/munge
CredType=cred/munge
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
StateSaveLocation={folder}/controller
SlurmdSpoolDir={folder}/%n
SlurmdPidFile={folder}/%n.pid
SlurmdLogFile={folder}/%n.log
SlurmctldPidFile={folder}/controller.pid
SlurmctldLogFile={folder}/controller.log
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
GresTypes=gpu
SlurmdParameters=config_overrides
ReturnToService=2
SlurmdTimeout=5
MessageTimeout=2
FirstJobId={first}
InactiveLimit=0
KillWait=30
MinJobAge=3600
SchedulerParameters=sched_interval=1,batch_sched_delay=1,bf_interval=1
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
{nodes}
PartitionName=p Nodes=n[1-3] Default=YES MaxTime=INFINITE State=UP PriorityTier=1
PartitionName=urgent Nodes=n[1-3] MaxTime=INFINITE State=UP PriorityTier=9 PreemptMode=OFF
"""
_NODE: Final = (
    "NodeName={name} NodeHostname={host} NodeAddr=127.0.0.1 Port={port} CPUs=2 RealMemory=1000"
    " Gres=gpu:h100:2"
)
_GRES: Final = "NodeName=n[1-3] Name=gpu Type=h100 File=/dev/zero,/dev/null\n"
"""GPUs are devices to Slurm; which ones, nobody asks here."""


class Cluster:
    """A cluster whose daemons can be killed and started again."""

    def __init__(self, folder: Path) -> None:
        """Write its configuration into a folder."""
        self.folder = folder
        self.conf = folder / "slurm.conf"
        self.environment = {
            "PATH": f"{os.environ['PATH']}:/usr/sbin:/sbin",
            "HOME": str(folder),
            "SLURM_CONF": str(self.conf),
        }
        self._daemons: dict[str, subprocess.Popen[bytes]] = {}
        for name in (*NODES, "controller", "munge"):
            (folder / name).mkdir()
        (folder / "munge").chmod(0o711)
        key = folder / "munge/key"
        key.write_bytes(secrets.token_bytes(1024))
        key.chmod(0o400)
        host = platform.node()
        ports = _free_ports(len(NODES) + 1)
        nodes = [
            _NODE.format(name=name, host=host, port=port)
            for name, port in zip(NODES, ports[1:], strict=True)
        ]
        self.conf.write_text(
            _CONF.format(
                host=host,
                controller=ports[0],
                first=1000 * (os.getpid() % 1000 + 1),  # two clusters take no port twice
                user=getpass.getuser(),
                folder=folder,
                nodes="\n".join(nodes),
            )
        )
        (folder / "gres.conf").write_text(_GRES)

    def engine(self, **settings: object) -> Slurm:
        """Return an engine for this cluster."""
        return Slurm(SlurmSettings.read({"conf": str(self.conf)} | settings), os.environ)

    def start(self) -> None:
        """Start all daemons, and wait for the nodes."""
        munge = self.folder / "munge"
        files = {"key-file": "key", "socket": "socket", "pid-file": "pid", "seed-file": "seed"}
        options = [f"--{option}={munge / file}" for option, file in files.items()]
        self._start("munged", "munged", "-F", "--force", f"--log-file={munge / 'log'}", *options)
        trainers.until((munge / "socket").exists, "munged")
        self.start_controller()
        for node in NODES:
            self._start(node, "slurmd", "-D", "-N", node)
        self.wait_for_nodes()

    def start_controller(self) -> None:
        """Start the controller, and wait for its answer."""
        self._start("controller", "slurmctld", "-D")
        trainers.until(lambda: self.ask("scontrol", "ping", check=False).count(" UP"), "slurmctld")

    def end_controller(self) -> None:
        """End the controller.

        By SIGTERM: it saves its state some seconds late, and what it does not know of a killed
        one it takes for a fault of the node, which it drains.
        """
        self._daemons["controller"].terminate()
        self._daemons["controller"].wait()

    def kill_node(self, node: str) -> None:
        """Kill everything on a node, first what could tell the controller."""
        self._kill(node)
        ours = [pid for pid in self._processes() if self._variable(pid, "SLURMD_NODENAME") == node]
        parents = [parent for pid in ours if _name(parent := _parent(pid)) == "slurmstepd"]
        for pid in (*parents, *ours):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def put_down(self, node: str) -> None:
        """Tell the controller that a node is dead, whatever it has heard of it meanwhile."""

        def is_down() -> bool:
            self.ask("scontrol", "update", f"nodename={node}", "state=down", "reason=dead")
            return self._node(node).startswith("down")

        trainers.until(is_down, f"{node} to be down")

    def start_node(self, node: str) -> None:
        """Start a node again."""
        self._start(node, "slurmd", "-D", "-N", node)

    def wait_for_nodes(self) -> None:
        """Wait until all nodes are idle."""
        idle = "\n".join(["idle"] * len(NODES))
        trainers.until(
            lambda: self.ask("sinfo", "-hN", "-p", "p", "-o", "%T", check=False).strip() == idle,
            "three idle nodes",
        )

    def ask(self, *command: str, check: bool = True) -> str:
        """Return what a command of Slurm says."""
        return subprocess.run(
            command,
            env=self.environment,
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=None if check else subprocess.DEVNULL,
            text=True,
            check=check,
        ).stdout

    def settle(self) -> None:
        """Cancel what is left of a test, and bring every daemon back."""
        if self._daemons["controller"].poll() is not None:
            self.start_controller()
        for node in NODES:
            if self._daemons[node].poll() is not None:
                self.start_node(node)
        drained = [node for node in NODES if "drain" in self._node(node)]
        if drained:
            self.ask("scontrol", "update", f"nodename={','.join(drained)}", "state=resume")
        self.ask("scancel", f"--user={getpass.getuser()}", check=False)

        def is_empty() -> bool:
            self.hurry()
            return not self.ask("squeue", "-h").strip()

        trainers.until(is_empty, "an empty queue")
        self.wait_for_nodes()

    def hurry(self) -> None:
        """Kill the steps that have ended, and wait a minute before they tell the controller so.

        It was away the first time. Only for jobs that are cancelled: of others it hears nothing.
        """
        there = [*self._processes()]
        parents = {_parent(pid) for pid in there}
        for pid in there:
            if pid not in parents and _name(pid) == "slurmstepd":
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)

    def stop(self) -> None:
        """Kill what was started, with all that it started."""
        for name in reversed(list(self._daemons)):
            self._kill(name)
        for pid in self._processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def _node(self, name: str) -> str:
        return self.ask("sinfo", "-hN", "-n", name, "-p", "p", "-o", "%T")

    def _start(self, name: str, program: str, *arguments: str) -> None:
        with (self.folder / f"{name}.out").open("ab") as out:
            self._daemons[name] = subprocess.Popen(
                [program, *arguments],
                env=self.environment,
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )

    def _kill(self, name: str) -> None:
        self._daemons[name].kill()
        self._daemons[name].wait()

    def _processes(self) -> Iterator[int]:
        """Yield the processes that know this cluster's configuration: daemons, steps, jobs."""
        for entry in Path("/proc").iterdir():
            if entry.name.isdecimal():
                pid = int(entry.name)
                if self._variable(pid, "SLURM_CONF") == str(self.conf):
                    yield pid

    @staticmethod
    def _variable(pid: int, name: str) -> str | None:
        try:
            variables = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
        except OSError:
            return None
        found = [each for each in variables if each.startswith(f"{name}=".encode())]
        return os.fsdecode(found[0].partition(b"=")[2]) if found else None


@contextlib.contextmanager
def running(folder: Path) -> Iterator[Cluster]:
    """Run a cluster."""
    missing = [name for name in _PROGRAMS if not shutil.which(name, path="/usr/sbin:/usr/bin:/bin")]
    assert not missing, f"apt-get install slurm-wlm munge: there is no {', '.join(missing)}"
    cluster = Cluster(folder)
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()


def _free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    try:
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()


def _parent(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


def _name(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return ""
