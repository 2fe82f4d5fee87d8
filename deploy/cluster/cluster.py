"""Replicas of every role as processes on loopback addresses of their own, behind
DNS names, beside a private PostgreSQL: what a cluster is, on one machine."""

import contextlib
import glob
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request

PATIENCE = 60  # seconds, for what must come about

# Each replica's address; all of a role have one port, as pods of a Service do.
# The first authority has the address that the sandbox's certificate names.
MOST_CONNECTIONS = 400  # of an edge
SHARE_OF_A_SOURCE = 160
ADDRESSES = {"edge": "127.0.1.{}", "authority": "127.0.0.{}", "signer": "127.0.3.{}"}
LISTENERS = {"edge": ("https",), "authority": ("internal", "api"), "signer": ("signer",)}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def eventually(holds, what):
    end = time.monotonic() + PATIENCE
    while not holds():
        if time.monotonic() > end:
            raise AssertionError(f"{what} does not come about")
        time.sleep(0.05)


def is_alive(process):
    try:
        stat = pathlib.Path(f"/proc/{process}/stat").read_text(encoding="utf-8")
    except OSError:
        return False
    return stat.rsplit(")", 1)[1].split()[0] != "Z"


def run(*words, check=True, **more):
    done = subprocess.run([str(word) for word in words], text=True, capture_output=True,
                          check=False, **more)
    if check and done.returncode != 0:
        raise AssertionError(f"{words[0]}: {done.stdout[-800:]}{done.stderr[-800:]}")
    return done.stdout


class Postgres:
    """By a socket alone."""

    def __init__(self, folder):
        self.tools = pathlib.Path(sorted(glob.glob("/usr/lib/postgresql/*/bin"))[-1])
        self.folder = folder
        self.make_folder()
        self.ctl("initdb", "-U", "postgres", "--auth=trust", "--no-sync")
        self.start()
        self.sql("postgres", "CREATE DATABASE masa")
        self.sql("masa", "CREATE ROLE masa_app LOGIN; CREATE ROLE masa_migrator LOGIN SUPERUSER")

    def make_folder(self):
        self.folder.mkdir(exist_ok=True)
        if os.getuid() == 0:
            shutil.chown(self.folder, "postgres")

    def as_postgres(self, *words):
        user = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
        return user + [str(word) for word in words]

    def ctl(self, tool, *words):
        run(*self.as_postgres(self.tools / tool, "-D", self.folder / "data", *words), cwd="/")

    def start(self):
        subprocess.run(self.as_postgres(
            self.tools / "pg_ctl", "-D", self.folder / "data", "-w", "-s", "-l",
            self.folder / "log", "-o", "-c listen_addresses='' -c max_connections=200 "
            f"-c unix_socket_directories='{self.folder}'", "start"), check=True, cwd="/")

    def stop(self, mode="fast"):
        subprocess.run(self.as_postgres(self.tools / "pg_ctl", "-D", self.folder / "data", "-m",
                                        mode, "-s", "stop"), cwd="/", check=False)

    def runs(self):
        return subprocess.run(self.as_postgres(
            self.tools / "pg_ctl", "-D", self.folder / "data", "status"),
            stdout=subprocess.DEVNULL, cwd="/", check=False).returncode == 0

    def kill(self):
        """All of its processes at once, as when the machine loses power."""
        lock = self.folder / "data/postmaster.pid"
        postmaster = int(lock.read_text().splitlines()[0])
        processes = [postmaster, *map(int, run("pgrep", "-P", postmaster).split())]
        for process in processes:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        eventually(lambda: not any(map(is_alive, processes)), "the end of PostgreSQL")
        # Their process may wait for its parent, as none does after a power cut.
        for left in (lock, *self.folder.glob(".s.PGSQL.*")):
            left.unlink()

    def url(self, user, *others):
        """Of this one, or of whichever of the others' folders is the primary."""
        hosts = ",".join(map(str, (self.folder, *others)))
        return f"postgresql:///masa?host={hosts}&user={user}&target_session_attrs=read-write"

    def sql(self, database, statement):
        return run("psql", "-qXAt", "-v", "ON_ERROR_STOP=1", "-h", self.folder, "-U", "postgres",
                   "-d", database, "-c", statement).strip()


class Pooler:
    """PgBouncer before the database, in the mode that this version serves."""

    def __init__(self, folder, postgres):
        self.folder = folder
        self.folder.mkdir()
        (self.folder / "pgbouncer.ini").write_text(f"""
[databases]
masa = host={postgres.folder}
[pgbouncer]
unix_socket_dir = {self.folder}
listen_port = 6432
auth_type = trust
auth_file = {self.folder}/users
pool_mode = session
default_pool_size = 60
ignore_startup_parameters = extra_float_digits,options
logfile = {self.folder}/log
""")
        (self.folder / "users").write_text('"masa_app" ""\n')
        if os.getuid() == 0:
            shutil.chown(self.folder, "postgres")
        # It drops what sessions begin with, so the login has it (RUNBOOK.md).
        for setting in ("statement_timeout = '5s'", "plan_cache_mode = force_generic_plan",
                        "jit = off", "enable_seqscan = off", "enable_hashjoin = off",
                        "enable_mergejoin = off"):
            postgres.sql("masa", f"ALTER ROLE masa_app SET {setting}")
        self.as_postgres, self.process = postgres.as_postgres, None
        self.start()

    @staticmethod
    def is_installed():
        return shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin") is not None

    def start(self):
        program = shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin")
        self.process = subprocess.Popen(
            self.as_postgres(program, "-q", self.folder / "pgbouncer.ini"), cwd="/",
            stderr=subprocess.DEVNULL)
        eventually((self.folder / ".s.PGSQL.6432").exists, "PgBouncer's socket")

    def stop(self):
        """All of its connections end at once, on both sides."""
        if self.process is not None:
            # As root it is the child of who became another user, and ends with it.
            children = run("pgrep", "-P", self.process.pid, check=False).split()
            for each in map(int, children or [self.process.pid]):
                os.kill(each, signal.SIGTERM)
            self.process.wait()
            self.process = None
            (self.folder / ".s.PGSQL.6432").unlink(missing_ok=True)

    def url(self, user):
        return f"postgresql:///masa?host={self.folder}&port=6432&user={user}"


class Names:
    """A DNS server that knows which replicas there are."""

    def __init__(self, folder):
        self.hosts = folder / "hosts"
        self.hosts.write_text("")
        self.port = free_port()
        self.process = subprocess.Popen(
            ["dnsmasq", "--no-daemon", f"--port={self.port}", "--listen-address=127.0.0.1",
             "--bind-interfaces", "--no-resolv", "--no-hosts", f"--addn-hosts={self.hosts}",
             "--local=/test/", "--user=", "--group="], stderr=subprocess.DEVNULL)

    def say(self, replicas):
        self.hosts.write_text("".join(f"{each.address} {each.role}.test\n" for each in replicas))
        os.chmod(self.hosts, 0o644)
        self.process.send_signal(signal.SIGHUP)

    def target(self, role, port):
        return f"dns://127.0.0.1:{self.port}/{role}.test:{port}"

    def stop(self):
        self.process.terminate()
        self.process.wait()


class Replica:
    def __init__(self, cluster, role, number, binaries=None):
        self.cluster, self.role = cluster, role
        self.binaries = binaries or cluster.binaries
        self.address = ADDRESSES[role].format(number)
        self.name = f"{role}-{number}"
        self.admin = free_port()
        self.process = None

    def start(self):
        config = self.cluster.folder / f"{self.name}.yaml"
        config.write_text(self.cluster.config(self))
        self.log = self.cluster.folder / f"{self.name}.log"
        with open(self.log, "a", encoding="utf-8") as log:
            self.process = subprocess.Popen(
                [self.binaries / "masad/masad", f"--role={self.role}", "--config", config],
                stderr=log, env={**os.environ, **self.cluster.environment(self)})
        eventually(self.is_ready, f"{self.name} being ready: {self.log.read_text()[-500:]}")

    def is_ready(self):
        if self.process.poll() is not None:
            raise AssertionError(f"{self.name} ended: {self.log.read_text()[-800:]}")
        return self.get("/readyz") is not None

    def get(self, path):
        """What the admin port says; none where it does not answer 200."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.admin}{path}", timeout=10) as got:
                return got.read().decode()
        except OSError:  # refused, or another status
            return None

    def counter(self, series):
        """The sum of the series that begin like this."""
        lines = (self.get("/metrics") or "").splitlines()
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith(series))

    def kill(self):
        self.process.kill()
        self.process.wait()

    def end(self):
        """As a pod that is replaced; whether it ended in order."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=PATIENCE) == 0


class Cluster:
    def __init__(self, folder, binaries):
        self.folder, self.binaries = folder, binaries
        run(binaries / "testing/make_sandbox", folder / "place")
        self.place = folder / "place"
        self.ports = {name: free_port() for names in LISTENERS.values() for name in names}
        self.replicas = []
        self.postgres = Postgres(folder / "pg")
        self.pooler = None
        self.standby_folder = folder / "standby"  # of one that may take its place
        self.names = Names(folder)
        self.variables = {}

    log_certificate = "audit-log.pem"  # in the sandbox's folder

    def environment(self, replica):
        """Variables of its process, beside those of this one."""
        return self.variables

    def signer_keys(self):
        def key(name, file, kinds):
            return (f"{{name: {name}, key_file: place/secrets/{file}.key, "
                    f"chain_file: place/secrets/{file}.pem, kinds: [{kinds}]}}")
        return f"""
  local_keys:
    - {key('acme-voucher', 'voucher-p256', 'VOUCHER_CMS, VOUCHER_JWS, VOUCHER_COSE')}
    - {key('acme-nonceless', 'voucher-nonceless', 'VOUCHER_CMS')}
    - {key('acme-ownership', 'ownership-p256', 'OWNERSHIP_ROOT')}
    - {{name: acme-idevid, key_file: place/sandbox/idevid-ca.key,
       chain_file: place/secrets/idevid-chain.pem, kinds: [CERTIFICATE, CRL, OCSP_RESPONSE]}}
    - {{name: acme-audit, key_file: place/secrets/audit-ed25519.key,
       chain_file: place/sandbox/audit-log.pem, kinds: [CHECKPOINT]}}"""

    def database_url(self):
        return (self.pooler.url("masa_app") if self.pooler
                else self.postgres.url("masa_app", self.standby_folder))

    def config(self, replica):
        """One file for all roles: each reads what is its own."""
        def identity(name):
            return (f"{{chain_file: place/secrets/{name}.pem, "
                    f"key_file: place/secrets/{name}.key}}")

        def peer(client, role, port):
            return (f"{{target: \"{self.names.target(role, port)}\", "
                    f"server_name: {role}.masa.internal, identity: {identity(client)}, "
                    "roots_file: place/secrets/internal-root.pem}")

        def listener(name, port, services, caller):
            allow = ", ".join(f"{{service: masa.v1.{service}, names: [{caller}.masa.internal]}}"
                              for service in services)
            return (f"{{listen: \"{replica.address}:{port}\", identity: {identity(name)}, "
                    f"client_roots_file: place/secrets/internal-root.pem, allow: [{allow}]}}")

        api = ", ".join(f'{{service: masa.v1.{name}, names: ["*"]}}' for name in
                        ("DeviceService", "OwnershipService", "VoucherService", "AuditService"))
        return f"""
edge:
  listen: "{replica.address}:{self.ports['https']}"
  certificates: [{{host_names: [localhost, masa.example], identity: {identity('server')}}}]
  authority: {peer('edge', 'authority', self.ports['internal'])}
  max_connections: {MOST_CONNECTIONS}
  source_limit: {{requests_per_minute: 600000, burst: 60000, connections: {SHARE_OF_A_SOURCE}}}
authority:
  internal: {listener('authority', self.ports['internal'], ('RegistrarService', 'EnrollmentService'), 'edge')}
  api: {{listen: "{replica.address}:{self.ports['api']}", identity: {identity('server')},
        client_roots_file: place/secrets/clients-root.pem, allow: [{api}]}}
  callers:
    - {{name: edge.masa.internal, role: EDGE}}
    - {{name: authority.masa.internal, role: AUTHORITY}}
    - {{name: "urn:masa:acme:operator:operator", role: OPERATOR, tenant_id: acme}}
  signer: {peer('authority', 'signer', self.ports['signer'])}
  audit: {{signing_key: acme-audit, origin: masa.example/audit}}
signer:
  listener: {listener('signer', self.ports['signer'], ('SigningService',), 'authority')}{self.signer_keys()}
storage:
  database_url: "{self.database_url()}"
  migration_url: "{self.postgres.url('masa_migrator', self.standby_folder)}"
  service_role: masa_service
admin: {{listen: "127.0.0.1:{replica.admin}"}}
"""

    def prepare(self):
        """The schema, and the sandbox's tenant."""
        some = Replica(self, "authority", 9)
        config = self.folder / "prepare.yaml"
        config.write_text(self.config(some))
        masad = self.binaries / "masad/masad"
        run(masad, "migrate", "--config", config)
        self.postgres.sql("masa", "GRANT masa_service TO masa_app")
        run(masad, "apply", self.place / "secrets/catalog.yaml", "--config", config)

    def add_pooler(self):
        """Before the first authority."""
        self.pooler = Pooler(self.folder / "pool", self.postgres)

    def of(self, role):
        return [each for each in self.replicas if each.role == role]

    def add(self, role, number, binaries=None):
        """One that is ready; of another version where its binaries are named."""
        replica = Replica(self, role, number, binaries)
        replica.start()
        self.replicas.append(replica)
        self.names.say(self.replicas)
        return replica

    def rows(self, statement):
        """What the database says, a tuple for each row."""
        return [tuple(line.split("|"))
                for line in self.postgres.sql("masa", statement).splitlines()]

    def remove(self, replica):
        """From DNS alone, as an endpoint that is not ready."""
        self.replicas.remove(replica)
        self.names.say(self.replicas)

    def masactl(self, *words):
        sandbox = self.place / "sandbox"
        address = f"{ADDRESSES['authority'].format(1)}:{self.ports['api']}"
        return run(self.binaries / "masactl/masactl", *words, "--server", address, "--ca",
                   sandbox / "tls-root.pem", "--cert", sandbox / "operator.pem", "--key",
                   sandbox / "operator.key")

    def stop(self):
        for replica in self.replicas:
            replica.kill()
        self.names.stop()
        if self.pooler is not None:
            self.pooler.stop()
        self.postgres.stop("immediate")
