"""Checks migrations and statements against what does not shard.

Reads storage/postgres/migrations/*.sql and every string of the C++ files
beside them, tests aside, and fails on what a sharded engine or a pooler in
transaction mode does not have: advisory locks, LISTEN and NOTIFY, sequences,
keys without the bucket, references to per-device tables, required partitions,
LOCK, temporary tables, functions and triggers, OFFSET, enumerations,
timestamps without zone, settings of a session, system columns, recursion,
grouping sets, SERIALIZABLE, two-phase commits, volatile functions in UPDATE,
`/` of integers, rows locked over shards, constraints, types and indexes that
others lack. `--self-test` plants each fault and fails when one is not found.
What no pattern can see is on the list all the same: checks of rows before a
conflict, COPY from many clients, long transactions.
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
     r"\bSEQUENCE\b|\b(next|last|curr|set)val\b",
     "a sequence orders the write path"),
    (r"\bPARTITION\s+(BY|OF)\b", "partitions cannot be required"),
    (r"\bLOCK\s+TABLE\b|(^|;)\s*LOCK\s+(ONLY\s+)?\w+(\s*,\s*\w+)*"
     r"\s*(\bIN\b|\bNOWAIT\b|;|\Z)",
     "no engine but PostgreSQL has LOCK TABLE"),
    (r"\b(TEMP|TEMPORARY)\s+(TABLE|VIEW|SEQUENCE)\b|\bUNLOGGED\b",
     "temporary tables belong to a session"),
    (r"\bCREATE\s+(OR\s+REPLACE\s+)?(FUNCTION|PROCEDURE|TRIGGER|RULE)\b|"
     r"\bplpgsql\b|\bDO\s+\$", "no code runs in the database"),
    (r"\bOFFSET\s+(\d|\$|:)", "OFFSET reads every shard; page by key"),
    (r"\b(CREATE|ALTER|DROP)\s+TYPE\b|\bAS\s+ENUM\b",
     "an enumeration is hard to change"),
    (r"\btimestamp\b(?!\s+with\s+time\s+zone)",
     "a timestamp without zone means something else elsewhere"),
    (r"^\s*SET\s+(?!LOCAL\b)\w+|\bset_config\([^)]*,\s*false\s*\)",
     "a session's setting is lost behind a pooler"),
    (r"\bDECLARE\s+\w+\s+.*\bCURSOR\b.*\bWITH\s+HOLD\b",
     "a cursor that outlives its transaction belongs to a session"),
    (r"\bDEALLOCATE\b", "a pooler does not know what it prepared"),
    (r"\b(xmin|xmax|cmin|cmax|ctid|tableoid)\b",
     "system columns are one engine's own"),
    (r"\bWITH\s+RECURSIVE\b", "recursion is for one shard only"),
    (r"\bGROUPING\s+SETS\b|\b(ROLLUP|CUBE)\s*\(",
     "grouping sets are for one shard only"),
    (r"\bSERIALIZABLE\b", "no engine is serializable across shards"),
    (r"\b(PREPARE\s+TRANSACTION|(COMMIT|ROLLBACK)\s+PREPARED)\b",
     "a two-phase commit outlives who began it"),
    (r"\bUPDATE\b[^;]*\b((now|clock_timestamp|statement_timestamp|"
     r"transaction_timestamp|random|gen_random_uuid|timeofday)\s*\(|"
     r"CURRENT_(TIMESTAMP|TIME|DATE)\b|LOCALTIME)",
     "each shard has its own value; give a parameter"),
    (r"\b(SELECT|SET|WHERE|VALUES)\b[^;']*[\w)]\s*/\s*(?!\d+\.\d)[\w($]",
     "the quotient of integers is a decimal elsewhere"),
    (r"\bEXCLUDE\s*(USING\b|\()", "an exclusion looks at every shard"),
    (r"\bDEFERRABLE\b|\bINITIALLY\s+DEFERRED\b|\bSET\s+CONSTRAINTS\b",
     "a deferred constraint holds on one engine only"),
    (r"\bINHERITS\s*\(", "tables that inherit are one engine's own"),
    (r"\bGENERATED\s+ALWAYS\s+AS\s*\(", "the application computes"),
    (r"\bUSING\s+(gin|gist|spgist|brin|hash|rum)\b",
     "an index of another kind than a tree is one engine's own"),
    (r"\b(citext|xml)\b(?!\s*=)", "a type that others lack"),
]
# Faults that stay: file, the word, and why it does no harm there.
EXEMPT = [
    ("storage/postgres/migrations/0021_audit_log.sql", "gen_random_uuid",
     "it is run before its table is distributed"),
]
ODD_COLUMN = re.compile(
    r"^\s*(\w+)\s+(?:inet|cidr|jsonb?|\w+\s*\[\s*\])(?=[\s,)]|$)", re.I | re.M)
INDEX = re.compile(
    r"CREATE\s+(?:UNIQUE\s+)?INDEX\s+(?:IF\s+NOT\s+EXISTS\s+)?\w+\s+ON\s+"
    r"(\w+)\s*\(([^;]*?)\)\s*(?:WHERE|INCLUDE|;|\Z)", re.S | re.I)
LOCKS_ROWS = re.compile(
    r"\bFOR\s+(NO\s+KEY\s+UPDATE|UPDATE|SHARE|KEY\s+SHARE)\b", re.I)
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


def odd_columns(migrations):
    """Table and column of what no index elsewhere takes."""
    return {(name, column) for _, sql in migrations
            for name, body in TABLE.findall(sql)
            for column in ODD_COLUMN.findall(body)}


def check_indexes(path, sql, odd):
    for name, key in INDEX.findall(sql):
        for word in re.findall(r"\w+", key):
            if (name, word) in odd:
                yield "%s: %s: an index of %s, which is no plain value" % (
                    path, name, word)


def check_locks(path, sql, with_bucket):
    """Rows are locked in one bucket."""
    if LOCKS_ROWS.search(sql) and not re.search(r"\bbucket\b", sql):
        for name in re.findall(r"\b(?:FROM|JOIN)\s+(\w+)", sql, re.I):
            if name in with_bucket:
                yield "%s: rows of %s are locked without their bucket" % (
                    path, name)


def check_words(path, sql):
    for pattern, why in FORBIDDEN:
        found = re.search(pattern, sql, re.I | re.M)
        if found and not any(path == file and word in found.group(0)
                             for file, word, _ in EXEMPT):
            yield "%s: `%s`: %s" % (path, found.group(0).strip(), why)


def faults(root):
    home = root / HOME
    migrations = [(str(path.relative_to(root)),
                   without_comments(path.read_text()))
                  for path in sorted((home / "migrations").glob("*.sql"))]
    with_bucket = bucketed(migrations)
    odd = odd_columns(migrations)
    for path, sql in migrations:
        yield from check_words(path, sql)
        yield from check_keys(path, sql, with_bucket)
        yield from check_indexes(path, sql, odd)
    for path in sorted(home.glob("*.cc")) + sorted(home.glob("*.h")):
        if path.name.endswith("_test.cc"):
            continue
        for line, text in strings_of(path.read_text()):
            place = "%s:%d" % (path.relative_to(root), line)
            yield from check_words(place, text)
            yield from check_locks(place, text, with_bucket)


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
    "ALTER TYPE state ADD VALUE 'b';",
    "CREATE TABLE t (\n  a int,\n  EXCLUDE USING btree (a WITH =)\n);",
    "CREATE TABLE t (\n  a int UNIQUE DEFERRABLE\n);",
    "CREATE TABLE t (\n  a int\n) INHERITS (groups);",
    "CREATE TABLE t (\n  a int,\n  b int GENERATED ALWAYS AS (a + 1) STORED\n);",
    "CREATE INDEX i ON groups USING gin (id);",
    "CREATE TABLE t (\n  name citext\n);",
    "CREATE TABLE t (\n  page xml NOT NULL\n);",
    "CREATE TABLE t (\n  address inet\n);\nCREATE INDEX i ON t (address);",
    "CREATE TABLE t (\n  page jsonb NOT NULL\n);\n"
    "CREATE INDEX i ON t (lower(page));",
    "CREATE TABLE t (\n  names text[]\n);\nCREATE INDEX i ON t (names);",
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
    'Q q = {"q", "SELECT lastval()"};',
    'Q q = {"q", "LOCK devices IN EXCLUSIVE MODE"};',
    'Q q = {"q", "LOCK groups"};',
    'Q q = {"q", "DEALLOCATE ALL"};',
    'Q q = {"q", "SELECT xmin FROM groups"};',
    'Q q = {"q", "DELETE FROM groups WHERE ctid = $1"};',
    'Q q = {"q", "WITH RECURSIVE t AS (SELECT 1) SELECT * FROM t"};',
    'Q q = {"q", "SELECT id FROM groups GROUP BY GROUPING SETS ((id), ())"};',
    'Q q = {"q", "SELECT id FROM groups GROUP BY ROLLUP (id)"};',
    'Q q = {"q", "SET LOCAL TRANSACTION ISOLATION LEVEL SERIALIZABLE"};',
    'Q q = {"q", "PREPARE TRANSACTION $1"};',
    'Q q = {"q", "UPDATE groups "\n    "SET at = now() WHERE id = $1"};',
    'Q q = {"q", "UPDATE groups SET at = CURRENT_TIMESTAMP"};',
    'Q q = {"q", "SELECT size / 2 FROM groups"};',
    'Q q = {"q", "SET CONSTRAINTS ALL DEFERRED"};',
    'Q q = {"q", "SELECT 1 FROM devices WHERE device_id = $1 FOR UPDATE"};',
]
HARMLESS_STATEMENTS = [
    'Q q = {"q", "UPDATE devices "\n    "SET state = $1"};',
    'Q q = {"q", "SET LOCAL statement_timeout = 5"};',
    'Q q = {"q", "SELECT set_config(\'x\', $1, true)"};',
    'Q q = {"q", "SELECT now()"};',
    'Q q = {"q", "SELECT sum(size / 18.0) FROM groups"};',
    'Q q = {"q", "SELECT 1 FROM devices WHERE bucket = $1 FOR UPDATE"};',
    'Q q = {"q", "SELECT 1 FROM groups WHERE id = $1 FOR UPDATE"};',
    'return Refuse("the lock folder/file of the store is another\'s");',
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
