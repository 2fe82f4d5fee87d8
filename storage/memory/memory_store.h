// All promises of storage in memory, for tests and the other rooms'
// suites: same answers as PostgreSQL (storage/contract), with failure hooks.
// Thread-safe; never blocks for long.
#ifndef STORAGE_MEMORY_MEMORY_STORE_H_
#define STORAGE_MEMORY_MEMORY_STORE_H_

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "storage/audit_event.h"
#include "storage/catalog_store.h"
#include "storage/claim_store.h"
#include "storage/device_changes.h"
#include "storage/device_registry.h"
#include "storage/device_store.h"
#include "storage/feed_store.h"
#include "storage/group_store.h"
#include "storage/history_store.h"
#include "storage/import_store.h"
#include "storage/issuance_log.h"
#include "storage/key_store.h"
#include "storage/memory/memory_audit_log.h"
#include "storage/owned_devices.h"
#include "storage/ownership_history.h"
#include "storage/registry_rules.h"
#include "storage/standing_store.h"
#include "storage/transfer_store.h"

namespace masa::storage {

class MemoryStore final : public CatalogStore,
                          public DeviceStore,
                          public IssuanceLog,
                          public ClaimStore,
                          public OwnedDevices,
                          public GroupStore,
                          public DeviceRegistry,
                          public ImportStore,
                          public HistoryStore,
                          public TransferStore,
                          public FeedStore,
                          public StandingStore,
                          public KeyStore {
 public:
  // How a call fails with kStoreUnavailable.
  enum class Failure {
    kUnstored = 1,  // nothing was written
    kStored = 2,    // all was written, but the answer got lost
  };

  // The next `calls` calls of any promise fail like this.
  void FailNext(Failure failure, int calls = 1);
  // Every call fails unstored until it is called with false.
  void Stop(bool stopped);

  // Every event so far, in the order of writing; issuances included.
  std::vector<AuditEvent> Events() const;
  // The log that the events so far go into; has failure hooks of its own.
  MemoryAuditLog& audit_log() { return audit_log_; }
  // For stores that keep something beside devices: gives `amend` what is stored
  // and writes what it returns, under one lock. It is not called when the call
  // fails unstored. kStoreUnavailable.
  struct Amendment {
    std::vector<Device> devices;  // as they shall stand
    std::vector<AuditEvent> events;
  };
  using Amend = std::function<Amendment(const StoredFacts& stored)>;
  absl::Status Amended(absl::Time at, const Amend& amend);
  // Keeps nothing of the feed so far.
  void ForgetFeed();
  // How many calls were answered or failed.
  int Calls() const;

  absl::Status Apply(const RequestContext& context, const std::string& actor,
                     absl::Time at, const masa::v1::Catalog& catalog) override;
  absl::Status ApplyIf(const RequestContext& context, const std::string& actor,
                       absl::Time at, const masa::v1::Catalog& catalog,
                       const CatalogTerms& terms) override;
  absl::StatusOr<masa::v1::Catalog> ReadPolicies(
      const RequestContext& context) override;
  absl::StatusOr<masa::v1::Organization> GetOrganization(
      const RequestContext& context, const std::string& tenant_id,
      const std::string& organization_id) override;
  std::vector<absl::StatusOr<DomainFacts>> DomainsOf(
      const RequestContext& context,
      absl::Span<const DomainQuestion> questions) override;

  std::vector<absl::StatusOr<DeviceAnswer>> Find(
      const RequestContext& context,
      absl::Span<const DeviceQuestion> questions) override;
  absl::StatusOr<std::vector<std::string>> ProductsOf(
      const RequestContext& context, const std::string& tenant_id,
      const std::string& serial_number) override;
  std::vector<absl::StatusOr<ImportOutcome>> Import(
      const RequestContext& context, const std::string& actor, absl::Time at,
      absl::Span<const Device> devices, OnConflict on_conflict) override;
  std::vector<absl::StatusOr<Device>> Assign(
      const RequestContext& context, const std::string& actor, absl::Time at,
      absl::Span<const DeviceKey> keys,
      const std::string& organization_id) override;
  std::vector<absl::StatusOr<Device>> SetBlocked(
      const RequestContext& context, const std::string& actor, absl::Time at,
      absl::Span<const DeviceKey> keys, bool blocked) override;

  std::vector<absl::StatusOr<Committed>> Commit(
      const RequestContext& context,
      std::vector<IssuedVoucher> vouchers) override;
  absl::StatusOr<std::vector<IssuedVoucher>> ListForDevice(
      const RequestContext& context, int16_t bucket,
      const std::string& device_id, int limit) override;
  absl::StatusOr<std::vector<IssuedVoucher>> ReadForRules(
      const RequestContext& context, const RulesQuestion& question) override;
  absl::StatusOr<IssuanceSummary> Summarize(const RequestContext& context,
                                            int16_t bucket,
                                            const std::string& device_id,
                                            int limit) override;

  absl::StatusOr<Claim> Ask(const RequestContext& context,
                            const Claim& claim) override;
  absl::StatusOr<std::vector<Claim>> ListWaiting(const RequestContext& context,
                                                 const std::string& tenant_id,
                                                 int limit) override;
  absl::StatusOr<Claim> Decide(const RequestContext& context,
                               const std::string& actor, absl::Time at,
                               const ClaimWord& word) override;
  absl::StatusOr<std::vector<Device>> ListOwned(
      const RequestContext& context, const std::string& tenant_id,
      const std::string& organization_id, const DevicePlace& after,
      int limit) override;
  absl::StatusOr<absl::Time> OwnedSince(const RequestContext& context,
                                        const DevicePlace& device) override;

  absl::StatusOr<std::vector<OrganizationTree>> ReadTrees(
      const RequestContext& context, const TreeQuestion& question) override;
  absl::StatusOr<std::vector<OrganizationTree>> ListOrganizations(
      const RequestContext& context, const std::string& tenant_id,
      const std::string& after, int limit) override;
  absl::Status Change(const RequestContext& context, const std::string& actor,
                      absl::Time at, const TreeChange& change) override;
  absl::StatusOr<std::optional<OnceResult>> Recall(
      const RequestContext& context, const OnceKey& key) override;
  absl::StatusOr<Device> Place(const RequestContext& context,
                               const std::string& actor, absl::Time at,
                               const Placement& placement) override;
  absl::StatusOr<std::vector<Device>> ListPlaced(const RequestContext& context,
                                                 const std::string& tenant_id,
                                                 const std::string& group_id,
                                                 const DevicePlace& after,
                                                 int limit) override;

  absl::StatusOr<DevicePage> List(const RequestContext& context,
                                  const std::string& tenant_id,
                                  const DeviceFilter& filter,
                                  const DevicePlace& after, int limit) override;
  absl::StatusOr<DeviceCount> Count(const RequestContext& context,
                                    const std::string& tenant_id,
                                    const DeviceFilter& filter,
                                    const DevicePlace& after) override;
  absl::StatusOr<Device> Create(const RequestContext& context,
                                const std::string& actor, absl::Time at,
                                const DeviceCreation& creation) override;
  absl::StatusOr<std::vector<Device>> CreateAll(
      const RequestContext& context, const std::string& actor, absl::Time at,
      const BatchCreation& creation) override;
  absl::StatusOr<Device> Edit(const RequestContext& context,
                              const std::string& actor, absl::Time at,
                              const DeviceEdit& edit) override;

  absl::StatusOr<ImportProgress> BeginImport(const RequestContext& context,
                                             const ImportKey& key,
                                             OnConflict on_conflict,
                                             absl::Time at) override;
  absl::StatusOr<ImportProgress> GetImport(const RequestContext& context,
                                           const ImportKey& key) override;
  absl::StatusOr<CommittedChunk> CommitChunk(const RequestContext& context,
                                             const std::string& actor,
                                             absl::Time at,
                                             const ImportChunk& chunk) override;
  absl::StatusOr<ImportProgress> CompleteImport(const RequestContext& context,
                                                const ImportKey& key,
                                                int64_t last_sequence,
                                                absl::Time at) override;
  absl::StatusOr<std::vector<HistoryRecord>> ReadHistory(
      const RequestContext& context, const HistoryQuestion& question) override;
  absl::StatusOr<std::vector<OwnershipBatch>> ListUnsigned(
      const RequestContext& context, const std::string& tenant_id,
      int limit) override;
  absl::Status KeepSignatures(
      const RequestContext& context,
      absl::Span<const BatchSignature> signatures) override;

  absl::Status Change(const RequestContext& context, const std::string& actor,
                      absl::Time at, const TransferChange& change) override;
  absl::StatusOr<int64_t> CountRefusedClaims(
      const RequestContext& context, const std::string& actor, absl::Time at,
      const RefusedClaims& refused) override;
  absl::StatusOr<Transfer> FindTransfer(
      const RequestContext& context, const std::string& tenant_id,
      const std::string& transfer_id) override;
  absl::StatusOr<std::vector<Transfer>> ListTransfers(
      const RequestContext& context, const std::string& tenant_id,
      const std::string& organization_id, const std::string& after,
      int limit) override;
  absl::StatusOr<std::vector<Transfer>> ListLapsed(
      const RequestContext& context, absl::Time now, int limit) override;

  absl::StatusOr<FeedCursor> ReadHeads(const RequestContext& context,
                                       const std::string& tenant_id) override;
  absl::StatusOr<std::vector<FeedBatch>> ReadAfter(
      const RequestContext& context, const FeedQuestion& question) override;
  std::vector<absl::StatusOr<StandingFacts>> ReadStandings(
      const RequestContext& context,
      absl::Span<const StandingQuestion> questions) override;
  std::vector<absl::StatusOr<std::vector<IssuedVoucher>>> ReadClaims(
      const RequestContext& context,
      absl::Span<const ClaimsQuestion> questions) override;

  absl::StatusOr<std::vector<KeyVersion>> ReadKeys(
      const RequestContext& context) override;
  absl::Status WriteKey(const RequestContext& context, const std::string& actor,
                        absl::Time at, const KeyChange& change) override;

 private:
  using Names = std::tuple<std::string, std::string, std::string>;
  using VoucherKey = std::tuple<int16_t, std::string, std::string, int32_t>;
  enum class Fate { kAnswer, kUnstored, kStored };

  // What becomes of this call. `context` decides too: an answer past its
  // deadline is not given.
  Fate NextFate() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // False when the id stands for something already.
  bool Remember(const std::optional<OnceOrder>& once)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status WriteCatalog(const RequestContext& context,
                            const std::string& actor, absl::Time at,
                            const masa::v1::Catalog& catalog,
                            const CatalogTerms& terms)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void AddOwners(masa::v1::Catalog* catalog) const
      ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  // Owners with what they own of certificates and groups.
  void ApplyOwners(const masa::v1::Catalog& catalog)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  std::vector<OwnerCert> OwnerCertsOf(const Device& device) const
      ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  OrganizationTree& TreeOf(const std::string& tenant_id,
                           const std::string& organization_id)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status RemoveOrganization(const TreeChange& change)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status ChangeTree(const TreeChange& change)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  std::vector<Device> DevicesWhere(
      const std::string& tenant_id, const DevicePlace& after, int limit,
      const std::function<bool(const Device&)>& is) const
      ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  StoredFacts Facts() const ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  // Newest first.
  std::vector<IssuedVoucher> VouchersOf(int16_t bucket,
                                        const std::string& device_id) const
      ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  // Devices are written with the event that says so.
  void Write(const std::vector<Device>& devices,
             const std::vector<AuditEvent>& events)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void WriteEvent(const AuditEvent& event)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Null when there is none.
  Device* DeviceById(const std::string& tenant_id, const std::string& device_id)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Whether the voucher's device is not what it was decided for.
  bool HasChanged(const IssuedVoucher& voucher)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  MemoryAuditLog::Owner OwnerOf(const std::string& tenant_id,
                                const std::string& device_id) const;
  // Tells the feed what becomes of the devices, before they are written.
  void AppendFeed(const std::vector<Device>& after, absl::Time at)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  FeedCursor HeadsOf(const std::string& tenant_id) const
      ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  absl::StatusOr<Device> CarryEdit(
      const DeviceKey& key, const std::optional<OnceOrder>& once,
      bool validate_only, absl::Time at,
      const std::function<absl::StatusOr<EditPlan>(const StoredFacts&)>& plan)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // What a change from `before` adds to the devices' histories.
  void Record(absl::Span<const Device> before, absl::Span<const Device> after,
              const MoveTerms& terms) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Whom the change gives devices to, or offers them.
  bool ReceiversAreThere(const TransferChange& change) const
      ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  // The one that the devices go into, if any.
  bool GroupIsThere(const TransferChange& change) const
      ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  // Puts the devices as they were into `before`.
  absl::Status ChangeTransfer(const TransferChange& change, absl::Time at,
                              std::vector<Device>* before)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // All transfers of which `is` holds, without their devices.
  std::vector<Transfer> TransfersWhere(
      int limit, const std::function<bool(const Transfer&)>& is) const
      ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  absl::StatusOr<DomainFacts> DomainOf(const DomainQuestion& question) const
      ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  absl::StatusOr<DeviceAnswer> FindOne(const DeviceQuestion& question) const
      ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  absl::StatusOr<StandingFacts> StandingOf(const StandingQuestion& question)
      const ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  absl::StatusOr<std::vector<OwnerCert>> CertsOfKey(
      const DeviceAnswer& found, const std::string& spki_sha256) const
      ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  absl::StatusOr<Committed> CommitOne(const IssuedVoucher& voucher)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  mutable absl::Mutex mutex_;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  Failure failure_ ABSL_GUARDED_BY(mutex_) = Failure::kUnstored;
  int failures_left_ ABSL_GUARDED_BY(mutex_) = 0;
  int calls_ ABSL_GUARDED_BY(mutex_) = 0;
  std::map<std::string, masa::v1::Tenant> tenants_ ABSL_GUARDED_BY(mutex_);
  std::map<Names, masa::v1::Product> products_ ABSL_GUARDED_BY(mutex_);
  // By (tenant, organisation); of version 0 when the organisation itself is
  // not there.
  std::map<std::pair<std::string, std::string>, OrganizationTree> trees_
      ABSL_GUARDED_BY(mutex_);
  std::map<std::tuple<std::string, std::string, std::string>, OnceResult>
      results_ ABSL_GUARDED_BY(mutex_);
  std::map<Names, masa::v1::BlockedDomain> blocked_domains_
      ABSL_GUARDED_BY(mutex_);
  // By (tenant, serial number), then by device id.
  std::map<std::pair<std::string, std::string>, std::map<std::string, Device>>
      devices_ ABSL_GUARDED_BY(mutex_);
  // How many claims of a registrar since which beginning.
  std::map<std::pair<std::string, std::string>, std::pair<absl::Time, int64_t>>
      claims_ ABSL_GUARDED_BY(mutex_);
  // By (tenant, id).
  std::map<std::pair<std::string, std::string>, Claim> operator_claims_
      ABSL_GUARDED_BY(mutex_);
  // By (tenant, id).
  std::map<std::pair<std::string, std::string>, ImportProgress> imports_
      ABSL_GUARDED_BY(mutex_);
  // By key and version.
  std::map<std::pair<std::string, int32_t>, KeyVersion> key_versions_
      ABSL_GUARDED_BY(mutex_);
  std::map<VoucherKey, IssuedVoucher> vouchers_ ABSL_GUARDED_BY(mutex_);
  // By device id, in order.
  std::map<std::string, std::vector<PlannedEntry>> histories_
      ABSL_GUARDED_BY(mutex_);
  std::map<std::string, OwnershipBatch> batches_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, BatchSignature> signatures_ ABSL_GUARDED_BY(mutex_);
  // By (tenant, organisation).
  std::map<std::pair<std::string, std::string>, RefusedClaims> refused_claims_
      ABSL_GUARDED_BY(mutex_);
  // By (tenant, id).
  std::map<std::pair<std::string, std::string>, Transfer> transfers_
      ABSL_GUARDED_BY(mutex_);
  // By (tenant, lane): all batches, and how many of them are forgotten.
  std::map<std::pair<std::string, int>, std::vector<FeedBatch>> feed_
      ABSL_GUARDED_BY(mutex_);
  std::map<std::pair<std::string, int>, int64_t> forgotten_feed_
      ABSL_GUARDED_BY(mutex_);
  std::set<std::pair<int16_t, std::string>> event_ids_ ABSL_GUARDED_BY(mutex_);
  std::vector<AuditEvent> events_ ABSL_GUARDED_BY(mutex_);
  MemoryAuditLog audit_log_{
      [this](const std::string& tenant_id, const std::string& device_id) {
        return OwnerOf(tenant_id, device_id);
      }};
};

}  // namespace masa::storage

#endif  // STORAGE_MEMORY_MEMORY_STORE_H_
