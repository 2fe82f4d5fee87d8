// All of masa.v1 on a socket, as the `api` listener serves it, with callers of
// each kind. For tests.
#ifndef SERVICES_AUTHORITY_TEST_API_H_
#define SERVICES_AUTHORITY_TEST_API_H_

#include <map>
#include <memory>
#include <string>

#include "grpcpp/channel.h"
#include "services/issuance/test_voucher_jobs.h"

namespace masa::authority {

class Api : public issuance::JobDesk {
 protected:
  Api();
  ~Api() override;

  // `operator`, `acme` and `other` (administrators of these customers),
  // `nobody` (of org-acme, without a role), `foreign` (another tenant's
  // operator), `nowhere` (whom nobody knows).
  std::shared_ptr<grpc::Channel> ChannelOf(const std::string& who);

  // Puts all that waits into the tenant's audit log; where in it that begins.
  uint64_t Sequence(const std::string& tenant_id);

 private:
  // The faces and their desks, which take long to compile.
  struct Served;

  std::unique_ptr<Served> served_;
  std::map<std::string, std::shared_ptr<grpc::Channel>> channels_;
};

}  // namespace masa::authority

#endif  // SERVICES_AUTHORITY_TEST_API_H_
