// The one PostgreSQL server of a test process, started when first asked for
// and removed at its end.
#ifndef STORAGE_CONTRACT_SHARED_SERVER_H_
#define STORAGE_CONTRACT_SHARED_SERVER_H_

#include "storage/contract/postgres_server.h"

namespace masa::storage {

// Aborts the test process when no server can be started.
PostgresServer& SharedServer();

}  // namespace masa::storage

#endif  // STORAGE_CONTRACT_SHARED_SERVER_H_
