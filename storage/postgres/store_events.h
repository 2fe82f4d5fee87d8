// What the room tells of its work with the database, to whoever counts it.
// Implementations are thread-safe and do not block.
#ifndef STORAGE_POSTGRES_STORE_EVENTS_H_
#define STORAGE_POSTGRES_STORE_EVENTS_H_

#include <string>

#include "absl/time/time.h"

namespace masa::storage {

class StoreEvents {
 public:
  virtual ~StoreEvents() = default;

  // So many connections are held now, and so many callers wait for one.
  virtual void Connections(int in_use, int waiting) = 0;
  // A caller has got a connection, or none in time.
  virtual void Acquired(absl::Duration waited) = 0;
  // One attempt at a transaction has ended, well or not.
  virtual void Attempted(absl::Duration took) = 0;
  // One statement of it has ended, well or not. `statement` is its name, a
  // constant of the program.
  virtual void Executed(const char* statement, absl::Duration took) = 0;
  // It is tried again: after SQLSTATE 40001 or 40P01, or "08000" for a
  // connection that broke.
  virtual void Retried(const std::string& sqlstate) = 0;
  // It is not known whether the database has stored it.
  virtual void InDoubt() = 0;
};

// Listens to nothing.
class NoStoreEvents final : public StoreEvents {
 public:
  void Connections(int in_use, int waiting) override {}
  void Acquired(absl::Duration waited) override {}
  void Attempted(absl::Duration took) override {}
  void Executed(const char* statement, absl::Duration took) override {}
  void Retried(const std::string& sqlstate) override {}
  void InDoubt() override {}
};

}  // namespace masa::storage

#endif  // STORAGE_POSTGRES_STORE_EVENTS_H_
