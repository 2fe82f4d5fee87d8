"""Checks migrations and statements against what does not shard.

Reads storage/postgres/migrations/*.sql and every string of the C++ files
beside them, tests aside, and fails on what a sharded engine or a pooler in
transaction mode does not have: advisory locks, LISTEN and NOTIFY, sequences,
keys without the bucket, references to per-device tables, required partitions,
LOCK TABLE, temporary tables, functions and triggers, OFFSET, enumerations,
timestamps without zone, settings of a session. `--self-test` plants each fault
and fails when one is not found.
"""

import pathlib
import re
import sys
import tempfile

HOME = "storage/postgres"
# What no statement may hold, and why.
FORBIDDEN = [
    (r"pg_(try_)?advisory", "advisory locks are no locks on every engine"),
    (r"\bLISTEN\s+\w+|\bNOTIFY\s+\w+|pg_notify",
     "LISTEN and NOTIFY are lost behind a pooler"),
    (r"\b(SMALL|BIG)?SERIAL\b|GENERATED\s+\w+(\s+\w+)?\s+AS\s+IDENTITY|"
     r"\bSEQUENCE\b|\bnextval\b", "a sequence orders the write path"),
    (r"\bPARTITION\s+(BY|OF)\b", "partitions cannot be required"),
    (r"\bLOCK\s+TABLE\b", "no engine but PostgreSQL has LOCK TABLE"),
    (r"\b(TEMP|TEMPORARY)\s+(TABLE|VIEW|SEQUENCE)\b|\bUNLOGGED\b",
     "temporary tables belong to a session"),
    (r"\bCREATE\s+(OR\s+REPLACE\s+)?(FUNCTION|PROCEDURE|TRIGGER|RULE)\b|"
     r"\bplpgsql\b|\bDO\s+\$", "no code runs in the database"),
    (r"\bOFFSET\s+(\d|\$|:)", "OFFSET reads every shard; page by key"),
    (r"\bCREATE\s+TYPE\b|\bAS\s+ENUM\b", "an enumeration is hard to change"),
    (r"\btimestamp\b(?!\s+with\s+time\s+zone)",
     "a timestamp without zone means something else elsewhere"),
    (r"^\s*SET\s+(?!LOCAL\b)\w+|\bset_config\([^)]*,\s*false\s*\)",
     "a session's setting is lost behind a pooler"),
    (r"\bDECLARE\s+\w+\s+.*\bCURSOR\b.*\bWITH\s+HOLD\b",
     "a cursor that outlives its transaction belongs to a session"),
]
TABLE = re.compile(
    r"CREATE\s+TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?(\w+)\s*\((.*?)\n\s*\)", re.S)
UNIQUE_INDEX = re.compile(
    r"CREATE\s+UNIQUE\s+INDEX\s+(?:IF\s+NOT\s+EXISTS\s+)?\w+\s+ON\s+(\w+)\s*"
    r"\(([^)]*)\)", re.S)
REFERENCES = re.compile(r"REFERENCES\s+(\w+)")


def without_comments(sql):
    return re.sub(r"--[^\n]*", "", sql)


def strings_of(source):
    """The string literals of C++, neighbours joined, with their lines."""
    piece = re.compile(r'R"(\w*)\((.*?)\)\1"|"((?:\\.|[^"\\\n])*)"', re.S)
    gap = re.compile(r"\s*(//[^\n]*\n\s*)*")
    at, joined, start = 0, None, 0
    while True:
        found = piece.search(source, at)
        if joined is not None and (
                found is None
                or not gap.fullmatch(source, at, found.start())):
            yield source.count("\n", 0, start) + 1, joined
            joined = None
        if found is None:
            return
        text = found.group(2) if found.group(2) is not None else found.group(3)
        if joined is None:
            joined, start = "", found.start()
        joined += text
        at = found.end()


def columns(text):
    return [c.strip().split()[0] for c in text.split(",") if c.strip()]


def bucketed(migrations):
    """The names of the tables that have a bucket."""
    return {name for _, sql in migrations for name, body in TABLE.findall(sql)
            if re.search(r"^\s*bucket\b", body, re.M)}


def check_keys(path, sql, with_bucket):
    for name, body in TABLE.findall(sql):
        if name in with_bucket:
            key = re.search(r"PRIMARY\s+KEY\s*\(([^)]*)\)", body)
            if not key or columns(key.group(1))[0] != "bucket":
                yield "%s: %s: the primary key does not begin with bucket" % (
                    path, name)
        for unique in re.findall(r"\bUNIQUE\s*\(([^)]*)\)", body):
            if name in with_bucket and "bucket" not in columns(unique):
                yield "%s: %s: unique without bucket" % (path, name)
        for target in REFERENCES.findall(body):
            if name in with_bucket or target in with_bucket:
                yield "%s: %s: a reference crosses buckets" % (path, name)
    for name, key in UNIQUE_INDEX.findall(sql):
        if name in with_bucket and "bucket" not in columns(key):
            yield "%s: %s: unique without bucket" % (path, name)


def check_words(path, sql):
    for pattern, why in FORBIDDEN:
        found = re.search(pattern, sql, re.I | re.M)
        if found:
            yield "%s: `%s`: %s" % (path, found.group(0).strip(), why)


def faults(root):
    home = root / HOME
    migrations = [(str(path.relative_to(root)),
                   without_comments(path.read_text()))
                  for path in sorted((home / "migrations").glob("*.sql"))]
    with_bucket = bucketed(migrations)
    for path, sql in migrations:
        yield from check_words(path, sql)
        yield from check_keys(path, sql, with_bucket)
    for path in sorted(home.glob("*.cc")) + sorted(home.glob("*.h")):
        if path.name.endswith("_test.cc"):
            continue
        for line, text in strings_of(path.read_text()):
            yield from check_words(
                "%s:%d" % (path.relative_to(root), line), text)


GOOD = """
CREATE TABLE IF NOT EXISTS devices (
  bucket smallint NOT NULL,
  device_id bytea NOT NULL,  -- no SEQUENCE here
  at timestamptz NOT NULL,
  PRIMARY KEY (bucket, device_id)
);
CREATE TABLE IF NOT EXISTS groups (
  id text NOT NULL,
  PRIMARY KEY (id)
);
"""
PLANTED = [
    "CREATE TABLE t (\n  bucket smallint,\n  id bytea,\n  PRIMARY KEY (id)\n);",
    "CREATE TABLE t (\n  bucket smallint,\n  id bytea,\n"
    "  PRIMARY KEY (bucket),\n  UNIQUE (id)\n);",
    "CREATE TABLE t (\n  bucket smallint,\n"
    "  id bytea REFERENCES groups (id),\n  PRIMARY KEY (bucket)\n);",
    "CREATE TABLE t (\n  id bytea REFERENCES devices (id),\n"
    "  PRIMARY KEY (id)\n);",
    "CREATE UNIQUE INDEX i ON devices (device_id);",
    "CREATE TABLE t (\n  id bigserial,\n  PRIMARY KEY (id)\n);",
    "CREATE TABLE t (\n  id bigint GENERATED ALWAYS AS IDENTITY,\n"
    "  PRIMARY KEY (id)\n);",
    "CREATE SEQUENCE s;",
    "CREATE TABLE t (\n  at timestamp,\n  PRIMARY KEY (at)\n);",
    "CREATE TABLE t (\n  x int\n) PARTITION BY HASH (x);",
    "CREATE TYPE state AS ENUM ('a');",
    "CREATE FUNCTION f() RETURNS int AS 'SELECT 1' LANGUAGE sql;",
    "CREATE TRIGGER g BEFORE INSERT ON devices EXECUTE FUNCTION f();",
    "DO $$ BEGIN END $$;",
    "CREATE UNLOGGED TABLE t (\n  x int\n);",
]
PLANTED_STATEMENTS = [
    'Q q = {"q", "SELECT pg_advisory_xact_lock($1)"};',
    'Q q = {"q", "LISTEN changes"};',
    'Q q = {"q", "SELECT 1 "\n    "OFFSET $2"};',
    'Q q = {"q", "LOCK "\n    "TABLE devices"};',
    'Q q = {"q", "CREATE TEMP TABLE rows (x int)"};',
    'Q q = {"q", R"(SET statement_timeout = 5)"};',
    'Q q = {"q", "SELECT set_config(\'x\', $1, false)"};',
    'Q q = {"q", "SELECT nextval(\'s\')"};',
    'Q q = {"q", "DECLARE c CURSOR WITH HOLD FOR SELECT 1"};',
]
HARMLESS_STATEMENTS = [
    'Q q = {"q", "UPDATE devices "\n    "SET state = $1"};',
    'Q q = {"q", "SET LOCAL statement_timeout = 5"};',
    'Q q = {"q", "SELECT set_config(\'x\', $1, true)"};',
]


def self_test():
    missed = []
    for name, text, wanted in (
            [("migrations/2.sql", t, True) for t in PLANTED]
            + [("a.cc", t, True) for t in PLANTED_STATEMENTS]
            + [("a.cc", t, False) for t in HARMLESS_STATEMENTS]
            + [("a_test.cc", PLANTED_STATEMENTS[0], False)]):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            (root / HOME / "migrations").mkdir(parents=True)
            (root / HOME / "migrations" / "1.sql").write_text(GOOD)
            (root / HOME / name).write_text(text)
            if bool(list(faults(root))) != wanted:
                missed.append(text)
    for text in missed:
        print("sql_test: judged wrongly: %s" % text)
    return 1 if missed else 0


def main():
    if sys.argv[1:] == ["--self-test"]:
        return self_test()
    found = list(faults(pathlib.Path(__file__).resolve().parent.parent))
    for fault in found:
        print(fault)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
