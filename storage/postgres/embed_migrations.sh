#!/bin/sh
# Writes C++ that holds the SQL files given, whose names start with a number.
set -eu
echo '#include "storage/postgres/migrations.h"'
echo 'namespace masa::storage {'
echo 'const std::vector<Migration>& AllMigrations() {'
echo '  static const auto* const migrations = new std::vector<Migration>{'
version=0
for file in "$@"; do
  number=$(basename "$file" | sed 's/^0*\([0-9]*\)_.*/\1/')
  [ "$number" -gt "$version" ] || {
    echo "$file does not come after number $version" >&2
    exit 1
  }
  version=$number
  printf '{%s, R"sql(' "$version"
  cat "$file"
  echo ')sql"},'
done
echo '  };'
echo '  return *migrations;'
echo '}'
echo '}  // namespace masa::storage'
