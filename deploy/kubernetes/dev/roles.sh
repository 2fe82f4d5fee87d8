#!/bin/sh
# Runs once, in the postgres image, when its volume is empty: the logins that
# masad comes with, and the roles that `masad migrate` gives rights to.
set -eu
secrets=${SECRETS:-/etc/postgres/secrets}
psql -qX -v ON_ERROR_STOP=1 -U postgres \
  -v migrator="$(cat "$secrets/migrator-password")" \
  -v app="$(cat "$secrets/app-password")" \
  -v forgetter="$(cat "$secrets/forgetter-password")" <<'SQL'
CREATE ROLE masa_service NOLOGIN;
CREATE ROLE masa_retention NOLOGIN;
CREATE ROLE masa_support NOLOGIN;
CREATE ROLE masa_migrator LOGIN CREATEROLE IN ROLE masa_service, masa_retention, masa_support PASSWORD :'migrator';
CREATE ROLE masa_app LOGIN IN ROLE masa_service PASSWORD :'app';
CREATE ROLE masa_forgetter LOGIN IN ROLE masa_retention PASSWORD :'forgetter';
CREATE DATABASE masa OWNER masa_migrator;
SQL
