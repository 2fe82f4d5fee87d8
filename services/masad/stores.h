// What an authority keeps, by the promises that its use cases rely on.
#ifndef SERVICES_MASAD_STORES_H_
#define SERVICES_MASAD_STORES_H_

#include "storage/catalog_store.h"
#include "storage/claim_store.h"
#include "storage/device_registry.h"
#include "storage/device_store.h"
#include "storage/feed_store.h"
#include "storage/group_store.h"
#include "storage/history_store.h"
#include "storage/import_store.h"
#include "storage/issuance_log.h"
#include "storage/issued_vouchers.h"
#include "storage/key_store.h"
#include "storage/owned_devices.h"
#include "storage/standing_store.h"
#include "storage/transfer_store.h"
#include "storage/voucher_job_store.h"

namespace masa::masad {

// The promises of storage, whatever keeps them.
struct Stores {
  storage::CatalogStore& catalog;
  storage::DeviceStore& devices;
  storage::IssuanceLog& log;
  storage::ClaimStore& claims;
  storage::OwnedDevices& owned;
  storage::GroupStore& groups;
  storage::DeviceRegistry& registry;
  storage::ImportStore& imports;
  storage::HistoryStore& histories;
  storage::TransferStore& transfers;
  storage::FeedStore& feed;
  storage::StandingStore& standings;
  storage::KeyStore& keys;
  storage::IssuedVouchers& issued;
  storage::VoucherJobStore& jobs;
};

}  // namespace masa::masad

#endif  // SERVICES_MASAD_STORES_H_
