// The files of migrations/, in order, compiled in. Forward only: a file that
// was released is never changed.
#ifndef STORAGE_POSTGRES_MIGRATIONS_H_
#define STORAGE_POSTGRES_MIGRATIONS_H_

#include <vector>

namespace masa::storage {

struct Migration {
  int version;
  const char* sql;
};

// All migrations, in the order of their versions.
const std::vector<Migration>& AllMigrations();

}  // namespace masa::storage

#endif  // STORAGE_POSTGRES_MIGRATIONS_H_
