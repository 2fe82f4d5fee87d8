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
};

enum class OwnershipDecision { kAllow = 1, kLogOnly = 2, kDeny = 3 };

struct OwnershipQuestion {
  storage::DeviceKey device;  // in the caller's tenant, whatever it says
  std::string spki_sha256;    // of the domain, 32 octets; empty: no domain
};

struct Ownership {
  OwnershipDecision decision = OwnershipDecision::kDeny;
  std::string reason;
  storage::Device device;
  // For kAllow: the owner's domain certificate that says so, and when it stops
  // to; none: with the certificate.
  std::string owner_cert_der = {};
  std::optional<absl::Time> owner_cert_expires_at = {};
  absl::Time as_of = absl::UnixEpoch();
};

class OperatorDesk {
 public:
  virtual ~OperatorDesk() = default;

  virtual absl::StatusOr<storage::Committed> IssueVoucher(
      const RequestContext& context, const identity::Principal& caller,
      const IssueOrder& order) = 0;

  // Would a domain with this SPKI (SHA-256, may be empty) get the device?
  // kDeviceUnknown for unknown and foreign alike.
  virtual absl::StatusOr<Ownership> ResolveOwnership(
      const RequestContext& context, const identity::Principal& caller,
      const storage::DeviceKey& device, const std::string& spki_sha256) = 0;
  // The same for 1 to 1000 devices (else kTooManyItems): answer i belongs to
  // question i, and each has its own outcome.
  virtual absl::StatusOr<std::vector<absl::StatusOr<Ownership>>>
  ResolveOwnerships(const RequestContext& context,
                    const identity::Principal& caller,
                    absl::Span<const OwnershipQuestion> questions) = 0;

  virtual absl::StatusOr<storage::Device> GetDevice(
      const RequestContext& context, const identity::Principal& caller,
      const storage::DeviceKey& device) = 0;

  // Events of issuance, newest first.
  virtual absl::StatusOr<std::vector<storage::IssuedVoucher>> ListVouchers(
      const RequestContext& context, const identity::Principal& caller,
      const storage::DeviceKey& device) = 0;
};

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_OPERATOR_DESK_H_
