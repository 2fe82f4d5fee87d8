// What stores under test on PostgreSQL have in common: they are on the one
// server of the test process, which is emptied for each test.
#ifndef STORAGE_CONTRACT_ON_SHARED_SERVER_H_
#define STORAGE_CONTRACT_ON_SHARED_SERVER_H_

#include <memory>

#include "gtest/gtest.h"
#include "storage/contract/shared_server.h"

namespace masa::storage {

template <typename UnderTest>
class OnSharedServer : public UnderTest {
 public:
  // False: the server is not ours to stop.
  bool Stop() override {
    if (SharedServer().IsOurs()) {
      SharedServer().Stop();
    }
    return SharedServer().IsOurs();
  }
  void Restart() override {
    const absl::Status status = SharedServer().Restart();
    ASSERT_TRUE(status.ok()) << status;
  }
};

// Null, and the test fails: the server could not be emptied.
template <typename UnderTest>
std::unique_ptr<UnderTest> OnEmptyServer() {
  const absl::Status emptied = SharedServer().Empty();
  if (!emptied.ok()) {
    ADD_FAILURE() << emptied;
    return nullptr;
  }
  return std::make_unique<UnderTest>();
}

}  // namespace masa::storage

#endif  // STORAGE_CONTRACT_ON_SHARED_SERVER_H_
