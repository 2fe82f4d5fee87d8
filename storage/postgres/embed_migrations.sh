#!/bin/sh
# Writes C++ that holds the SQL files given, whose names start with a number.
set -eu
echo '#include "storage/postgres/migrations.h"'
echo 'namespace masa::storage {'
echo 'const std::vector<Migration>& AllMigrations() {'
echo '  static const auto* const migrations = new std::vector<Migration>{'
version=0
for file in "$@"; do
  before=$version
  version=$(basename "$file" | sed 's/^0*\([0-9]*\)_.*/\1/')
  [ "$version" -gt "$before" ] || {
    echo "$file does not come after number $before" >&2
    exit 1
  }
  printf '{%s, R"sql(' "$version"
  cat "$file"
  echo ')sql"},'
done
echo '  };'
echo '  return *migrations;'
echo '}'
echo '}  // namespace masa::storage'
