#include <algorithm>

#include "services/status/reason.h"
#include "services/voucher/pledge.h"

namespace masa::voucher {
namespace {

absl::Time TimeOf(const google::protobuf::Timestamp& timestamp) {
  return absl::FromUnixSeconds(timestamp.seconds());
}

// Without a certificate to read the dates from, they may be those that are
// blocked.
bool Concerns(const masa::v1::BlockedIdevidIssuer& blocked,
              const std::optional<wire::Certificate>& idevid) {
  if (!idevid) {
    return true;
  }
  const absl::Time from = (*idevid)->not_before;
  return (!blocked.has_from() || from >= TimeOf(blocked.from())) &&
         (!blocked.has_until() || from < TimeOf(blocked.until()));
}

}  // namespace

absl::Status CheckIssuerNotBlocked(
    const masa::v1::Tenant& tenant, const storage::Device& device,
    const std::optional<wire::Certificate>& idevid,
    const std::optional<std::string>& issuer_key_id) {
  std::optional<std::string> issuer = device.idevid_issuer;
  if (idevid && (*idevid)->authority_key_id) {
    issuer = (*idevid)->authority_key_id;
  } else if (issuer_key_id) {
    issuer = issuer_key_id;
  }
  for (const auto& blocked : tenant.blocked_idevid_issuers()) {
    if (issuer == blocked.key_id() && Concerns(blocked, idevid)) {
      return Refuse(Reason::kDeviceBlocked,
                    "the manufacturer issues no vouchers for devices with an "
                    "IDevID of this issuer");
    }
  }
  return absl::OkStatus();
}

std::optional<wire::Certificate> IdevidOnRecord(const storage::Device& device) {
  const auto recorded = wire::Certificate::Parse(device.idevid_cert_der);
  return recorded.ok() ? std::optional<wire::Certificate>(*recorded)
                       : std::nullopt;
}

bool NeedsIdevid(const masa::v1::Tenant& tenant,
                 const storage::Device& device) {
  const auto& blocks = tenant.blocked_idevid_issuers();
  return std::any_of(blocks.begin(), blocks.end(), [&](const auto& blocked) {
    return !device.idevid_issuer ||
           (device.idevid_issuer == blocked.key_id() &&
            (blocked.has_from() || blocked.has_until()));
  });
}

absl::Status CheckIssuerNotBlocked(const Case& facts,
                                   const std::optional<PledgeRequest>& pledge) {
  const storage::Device& device = facts.device.device;
  if (pledge) {
    return CheckIssuerNotBlocked(facts.tenant, device, pledge->idevid,
                                 pledge->issuer_key_id);
  }
  return CheckIssuerNotBlocked(facts.tenant, device, IdevidOnRecord(device),
                               std::nullopt);
}

absl::Status CheckDomainNotBlocked(const storage::OwnershipStanding& standing) {
  return standing.blocked_domain
             ? Refuse(Reason::kDomainBlocked,
                      "the manufacturer issues no vouchers for this domain")
             : absl::OkStatus();
}

}  // namespace masa::voucher
