// May a version of a key have this chain, for what the key signs and for what
// the records of its tenant say of it? Asked before the version signs. Pure.
#ifndef SERVICES_ISSUANCE_CHAIN_RULES_H_
#define SERVICES_ISSUANCE_CHAIN_RULES_H_

#include "absl/status/status.h"
#include "proto/masa/v1/policy.pb.h"
#include "services/signing/signer.h"

namespace masa::issuance {

// Of a key of the tenant `key.tenant_id`. The rules on signers of vouchers
// (OP-04, OP-05) are for all keys but those that issue certificates and sign no
// vouchers; these have a CA's certificate, and where they issue IDevIDs one of
// their chain is among the tenant's idevid_anchors_der. kMisconfigured.
absl::Status CheckChainServes(const signing::KeyDescription& key,
                              const masa::v1::Catalog& catalog);

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_CHAIN_RULES_H_
