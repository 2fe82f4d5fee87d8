"""A PostgreSQL that follows another one by streaming, and takes its place."""

import subprocess

from cluster import Postgres, eventually, run


class Standby(Postgres):
    """`primary` commits nothing from here on that this one has not written."""

    def __init__(self, folder, primary):  # pylint: disable=super-init-not-called
        self.tools, self.folder = primary.tools, folder
        self.make_folder()
        run(*self.as_postgres(self.tools / "pg_basebackup", "-D", folder / "data", "-h",
                              primary.folder, "-U", "postgres", "-R", "-X", "stream", "-c", "fast"),
            cwd="/")
        self.start()
        eventually(lambda: primary.sql(
            "postgres", "SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'") == "1",
            "a standby that follows")
        primary.sql("postgres", "ALTER SYSTEM SET synchronous_standby_names = '*'")
        primary.sql("postgres", "SELECT pg_reload_conf()")
        eventually(lambda: primary.sql(
            "postgres", "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'") == "1",
            "a primary that waits for its standby")

    def promote(self):
        subprocess.run(self.as_postgres(self.tools / "pg_ctl", "-D", self.folder / "data", "-w",
                                        "-s", "promote"), check=True, cwd="/")
