#include "storage/contract/shared_server.h"

#include <cstdlib>
#include <iostream>

namespace masa::storage {

PostgresServer& SharedServer() {
  static const std::unique_ptr<PostgresServer> server = [] {
    auto started = PostgresServer::Start();
    if (!started.ok()) {
      std::cerr << started.status() << "\n";
      abort();
    }
    return *std::move(started);
  }();
  return *server;
}

}  // namespace masa::storage
