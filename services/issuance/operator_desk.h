// What operators and owners can ask over gRPC, as use cases: the faces only
// translate. Thread-safe; blocks. Every error carries a reason.
#ifndef SERVICES_ISSUANCE_OPERATOR_DESK_H_
#define SERVICES_ISSUANCE_OPERATOR_DESK_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "services/identity/principal.h"
#include "services/observe/request_context.h"
#include "storage/device_store.h"
#include "storage/issuance_log.h"

namespace masa::issuance {

struct IssueOrder {
  storage::DeviceKey device;
  std::string pinned_cert_der;
  std::optional<std::string> nonce;      // as it shall stand in the voucher
  std::optional<absl::Time> expires_on;  // exactly one of nonce, expires_on
  masa::v1::Format format = masa::v1::FORMAT_CMS_JSON;
  std::string request_id;  // UUID; makes a retry safe
  // At the EST server that the owner recorded, whose certificate is pinned
  // then instead of pinned_cert_der. kOnboardingUnknown when there is none.
  bool est_onboarding = false;
  // As OwnerOrder has it.
  std::optional<bool> revocation_checks = {};
};

class OperatorDesk {
 public:
  virtual ~OperatorDesk() = default;

  virtual absl::StatusOr<storage::Committed> IssueVoucher(
      const RequestContext& context, const identity::Principal& caller,
      const IssueOrder& order) = 0;

  virtual absl::StatusOr<storage::Device> GetDevice(
      const RequestContext& context, const identity::Principal& caller,
      const storage::DeviceKey& device) = 0;

  // Events of issuance, newest first; to a customer those from before its time
  // as the owner without who asked, and by which call.
  virtual absl::StatusOr<std::vector<storage::IssuedVoucher>> ListVouchers(
      const RequestContext& context, const identity::Principal& caller,
      const storage::DeviceKey& device) = 0;
};

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_OPERATOR_DESK_H_
