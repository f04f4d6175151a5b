"""JupyterHub for one class on one machine: `make hub`, as root. `docs/hub.md` says how to run it.

Every member of the class list gets an account of the machine and sets a password at the first log-in. Kernels talk to
their server through sockets in the student's home, never over TCP.
"""

import os
import pwd
import sys
from pathlib import Path

from firstuseauthenticator import FirstUseAuthenticator
from jupyterhub.auth import LocalAuthenticator
from jupyterhub.spawner import LocalProcessSpawner

sys.path.insert(0, str(Path(__file__).parent))
import classroom

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.prefix) / "bin"
STATE = Path(os.environ.get("HUB_STATE", "/srv/course-hub"))
REPOSITORY = STATE / "course"
CERTIFICATE = os.environ.get("HUB_CERTIFICATE")
SYSTEMD = Path("/run/systemd/system").is_dir()


class ClassAuthenticator(LocalAuthenticator, FirstUseAuthenticator):
    """A member of the class sets a password at the first log-in and gets an account of the machine."""


class LimitedSpawner(LocalProcessSpawner):
    """Starts a student's server under limits that the kernel of Linux enforces per process."""

    def make_preexec_fn(self, name):
        """Return what runs in the new process before the server: set the limits, then become the student."""
        become, memory = super().make_preexec_fn(name), int(self.mem_limit)

        def preexec():
            classroom.limit_process(memory)
            become()

        return preexec


def refuse_strangers(names: set[str]) -> None:
    """Refuse names of accounts that the hub did not make."""
    if strangers := classroom.strangers(names):
        raise classroom.Unsafe(f"not accounts of the group {classroom.GROUP}: {', '.join(strangers)}")


def check_account(spawner) -> None:
    """Refuse to start a server for an account that the hub did not make, such as root's; close the home."""
    refuse_strangers({spawner.user.name})
    home = pwd.getpwnam(spawner.user.name).pw_dir
    os.chmod(home, classroom.PRIVATE)
    classroom.runtime_folder(home)


if os.geteuid() != 0:
    raise classroom.Unsafe("the hub makes accounts, so root must start it: sudo make hub")
for path in (ROOT / "course_utils", BIN / "jupyterhub-singleuser", Path(sys.executable)):
    if closed := classroom.unreadable(path):
        raise classroom.Unsafe(
            f"students cannot read {closed}: the course and its Python belong outside of root's home"
        )
if opened := classroom.writable(ROOT / "course_utils") or classroom.writable(Path(sys.prefix)):
    raise classroom.Unsafe(f"every account can write {opened}: chmod o-w it, because all students run it")
private = classroom.private_folder(STATE / "private")
(STATE / "class.txt").chmod(0o600)
members, teachers = classroom.read_class((STATE / "class.txt").read_text(encoding="utf-8"))
refuse_strangers(members)
(STATE / "gitconfig").write_text(classroom.git_settings(REPOSITORY), encoding="utf-8")

c = get_config()  # noqa: F821
c.JupyterHub.bind_url = classroom.bind_url(
    os.environ.get("HUB_ADDRESS", "127.0.0.1"), int(os.environ.get("HUB_PORT", "8000")), CERTIFICATE
)
if CERTIFICATE:
    c.JupyterHub.ssl_cert, c.JupyterHub.ssl_key = CERTIFICATE, os.environ["HUB_KEY"]
c.JupyterHub.db_url = f"sqlite:///{private}/jupyterhub.sqlite"
c.JupyterHub.cookie_secret_file = f"{private}/cookie_secret"
c.ConfigurableHTTPProxy.pid_file = f"{private}/proxy.pid"
c.ConfigurableHTTPProxy.command = [str(BIN.parent / "proxy/node_modules/.bin/configurable-http-proxy")]
c.JupyterHub.cleanup_servers = False  # a restart of the hub leaves the students' servers running

c.JupyterHub.authenticator_class = ClassAuthenticator
c.Authenticator.allowed_users, c.Authenticator.admin_users = members, teachers
c.Authenticator.allow_all = False
c.LocalAuthenticator.create_system_users = True
c.LocalAuthenticator.add_user_cmd = classroom.new_account()
c.FirstUseAuthenticator.dbm_path = f"{private}/passwords"

# Under systemd a student's processes share one limit of memory and one of processor time.
# Elsewhere each process has its limit of memory, and nothing but the kernel's fair sharing limits processor time.
c.JupyterHub.spawner_class = "systemd" if SYSTEMD else LimitedSpawner
c.Spawner.mem_limit = os.environ.get("HUB_MEMORY", "2G")
c.Spawner.cpu_limit = float(os.environ.get("HUB_CPUS", "1"))
c.SystemdSpawner.isolate_tmp = True
c.SystemdSpawner.disable_user_sudo = True
# What `limit_process` sets elsewhere.
c.SystemdSpawner.unit_extra_properties = {"TasksMax": str(classroom.PROCESSES), "LimitCORE": "0", "UMask": "0077"}
c.Spawner.pre_spawn_hook = check_account
c.Spawner.cmd = [str(BIN / "jupyterhub-singleuser")]
c.Spawner.args = ["--KernelManager.transport=ipc"]
c.Spawner.notebook_dir = "~"
c.Spawner.default_url = classroom.pull_url(f"file://{REPOSITORY}")
c.Spawner.http_timeout = c.Spawner.start_timeout = 120  # when a whole class logs in at once
c.Spawner.env_keep = ["LANG", "LC_ALL"]
c.Spawner.environment = {
    "PATH": f"{BIN}:/usr/local/bin:/usr/bin:/bin",
    "OMP_NUM_THREADS": "1",
    "MALLOC_ARENA_MAX": "1",  # a heap for each thread would keep what another could use
    "GIT_CONFIG_SYSTEM": str(STATE / "gitconfig"),
    "JUPYTER_CONFIG_PATH": str(ROOT / "tools" / "lab"),
    "JUPYTER_RUNTIME_DIR": lambda spawner: classroom.runtime_folder(pwd.getpwnam(spawner.user.name).pw_dir),
}

c.JupyterHub.load_roles = [
    {
        "name": "idle-culler",
        "scopes": ["list:users", "read:users:activity", "read:servers", "delete:servers"],
        "services": ["idle-culler"],
    }
]
IDLE = os.environ.get("HUB_IDLE_SECONDS", "3600")
c.JupyterHub.services = [
    {"name": "idle-culler", "command": [sys.executable, "-m", "jupyterhub_idle_culler", f"--timeout={IDLE}"]}
]
