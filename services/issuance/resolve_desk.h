// The hot read path as a use case: whose is a device, and would this domain get
// it? Callers are operators and customers' accounts; the faces only translate.
// Thread-safe. Every error carries a reason.
#ifndef SERVICES_ISSUANCE_RESOLVE_DESK_H_
#define SERVICES_ISSUANCE_RESOLVE_DESK_H_

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "proto/masa/v1/policy.pb.h"
#include "services/identity/principal.h"
#include "services/observe/request_context.h"
#include "storage/device_store.h"

namespace masa::issuance {

enum class OwnershipDecision { kAllow = 1, kLogOnly = 2, kDeny = 3 };

struct OwnershipQuestion {
  storage::DeviceKey device;  // in the caller's tenant, whatever it says
  std::string spki_sha256;    // of the domain, 32 octets; empty: no domain
};

struct Ownership {
  OwnershipDecision decision = OwnershipDecision::kDeny;
  std::string reason;
  // Without what describes it (storage/standing_store.h).
  storage::Device device;
  // For kAllow: the owner's domain certificate that says so.
  std::optional<storage::OwnerCert> owner_cert = {};
  // Unless it is kDeny, what a voucher says where the pledge's own request
  // proves nothing, and whether the pledge has to check revocation.
  masa::v1::Assertion assertion = masa::v1::ASSERTION_UNSPECIFIED;
  bool revocation_checks = false;
  absl::Time as_of = absl::UnixEpoch();  // what was written later may be missed
};

// A question, and who hears the answer: once, from any thread.
struct PendingResolve {
  RequestContext context;
  identity::Principal caller;
  OwnershipQuestion question;
  std::function<void(absl::StatusOr<Ownership> answer)> respond;
};

class ResolveDesk {
 public:
  virtual ~ResolveDesk() = default;

  // Answers each, now or later. kDeviceUnknown for unknown and foreign devices
  // alike; kDeviceAmbiguous for operators.
  virtual void Resolve(std::vector<PendingResolve> calls) = 0;

  // 1 to 1000 questions of one call (else kTooManyItems): answer i belongs to
  // question i, and each has its own outcome, as above. Blocks.
  virtual absl::StatusOr<std::vector<absl::StatusOr<Ownership>>> ResolveAll(
      const RequestContext& context, const identity::Principal& caller,
      absl::Span<const OwnershipQuestion> questions) = 0;
};

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_RESOLVE_DESK_H_
