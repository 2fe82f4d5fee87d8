// What the use cases work with. All outlive them; all are thread-safe.
#ifndef SERVICES_ISSUANCE_TOOLS_H_
#define SERVICES_ISSUANCE_TOOLS_H_

#include "services/issuance/policies.h"
#include "services/issuance/stages.h"
#include "services/issuance/voucher_batch.h"
#include "services/observe/clock.h"
#include "services/signing/signer.h"
#include "services/verifier/verifier.h"
#include "storage/catalog_store.h"
#include "storage/claim_store.h"
#include "storage/device_store.h"
#include "storage/group_store.h"
#include "storage/issuance_log.h"
#include "storage/owned_devices.h"

namespace masa::issuance {

struct Tools {
  storage::CatalogStore& catalog;
  storage::DeviceStore& devices;
  storage::IssuanceLog& log;
  signing::Signer& signer;
  const Verifier& verifier;
  const Clock& clock;
  Policies& policies;
  VoucherTemplates& templates;
  storage::ClaimStore& claims;
  storage::OwnedDevices& owned;
  storage::GroupStore& groups;
  Stages& stages = Stages::Unwatched();
};

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_TOOLS_H_
