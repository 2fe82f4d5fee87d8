// Which signing keys a tenant's operators may name in its records. The names
// are the signer's, which serves all tenants alike.
#ifndef SERVICES_ISSUANCE_OWN_KEYS_H_
#define SERVICES_ISSUANCE_OWN_KEYS_H_

#include <set>
#include <string>

#include "absl/status/status.h"
#include "proto/masa/v1/policy.pb.h"
#include "services/observe/request_context.h"
#include "services/signing/signer.h"

namespace masa::issuance {

// What the tenant itself names: its profiles' keys, and that of ownership.
std::set<std::string> KeysNamedBy(const masa::v1::Tenant& tenant);

// The same with all products of the tenant.
std::set<std::string> KeysNamedFor(const std::string& tenant_id,
                                   const masa::v1::Catalog& catalog);

// That each of `named` is one of `known`, which its records name already, or is
// the tenant's by the signer's configuration. kKeyUnknown in one sentence for
// keys of nobody and of others; what Describe refuses.
absl::Status CheckOwnKeys(const RequestContext& context,
                          signing::Signer& signer, const std::string& tenant_id,
                          const std::set<std::string>& named,
                          const std::set<std::string>& known);

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_OWN_KEYS_H_
