#include "storage/memory/memory_store.h"

#include <algorithm>
#include <utility>

#include "services/status/macros.h"
#include "services/status/reason.h"
#include "storage/catalog_changes.h"
#include "storage/device_changes.h"
#include "storage/record_checks.h"

namespace masa::storage {
namespace {

absl::Status Unavailable() {
  return Refuse(Reason::kStoreUnavailable, "the store cannot answer");
}

template <typename T>
std::vector<absl::StatusOr<T>> AllUnavailable(size_t count) {
  return std::vector<absl::StatusOr<T>>(count, Unavailable());
}

template <typename Tenants, typename Products>
masa::v1::Catalog PoliciesOf(const Tenants& tenants, const Products& products) {
  masa::v1::Catalog catalog;
  for (const auto& [id, tenant] : tenants) {
    *catalog.add_tenants() = tenant;
  }
  for (const auto& [id, product] : products) {
    *catalog.add_products() = product;
  }
  return catalog;
}

}  // namespace

void MemoryStore::FailNext(Failure failure, int calls) {
  absl::MutexLock lock(&mutex_);
  failure_ = failure;
  failures_left_ = calls;
}

void MemoryStore::Stop(bool stopped) {
  absl::MutexLock lock(&mutex_);
  stopped_ = stopped;
}

std::vector<AuditEvent> MemoryStore::Events() const {
  absl::MutexLock lock(&mutex_);
  return events_;
}

int MemoryStore::Calls() const {
  absl::MutexLock lock(&mutex_);
  return calls_;
}

MemoryStore::Fate MemoryStore::NextFate() {
  ++calls_;
  if (stopped_) {
    return Fate::kUnstored;
  }
  if (failures_left_ > 0) {
    --failures_left_;
    return failure_ == Failure::kStored ? Fate::kStored : Fate::kUnstored;
  }
  return Fate::kAnswer;
}

absl::Status MemoryStore::Apply(const RequestContext& context,
                                const std::string& actor, absl::Time at,
                                const masa::v1::Catalog& catalog) {
  MASA_RETURN_IF_ERROR(CheckCatalog(catalog));
  absl::MutexLock lock(&mutex_);
  return WriteCatalog(context, actor, at, catalog, {});
}

absl::Status MemoryStore::ApplyIf(const RequestContext& context,
                                  const std::string& actor, absl::Time at,
                                  const masa::v1::Catalog& catalog,
                                  const CatalogTerms& terms) {
  MASA_RETURN_IF_ERROR(CheckCatalog(catalog));
  absl::MutexLock lock(&mutex_);
  return WriteCatalog(context, actor, at, catalog, terms);
}

absl::Status MemoryStore::WriteCatalog(const RequestContext& context,
                                       const std::string& actor, absl::Time at,
                                       const masa::v1::Catalog& catalog,
                                       const CatalogTerms& terms) {
  const Fate fate = NextFate();
  if (fate == Fate::kUnstored) {
    return Unavailable();
  }
  masa::v1::Catalog before = PoliciesOf(tenants_, products_);
  AddOwners(&before);
  MASA_RETURN_IF_ERROR(CheckIsAsRead(before, terms.read));
  if (!Remember(terms.once)) {
    return RequestIsKnown();
  }
  AuditEvent event = CatalogEvent(catalog, actor, at, context.request_id);
  AddBeforeAndAfter(before, catalog, &event);
  for (const auto& tenant : catalog.tenants()) {
    tenants_[tenant.tenant_id()] = tenant;
  }
  for (const auto& product : catalog.products()) {
    products_[{product.tenant_id(), product.product_id(), ""}] = product;
  }
  ApplyOwners(catalog);
  for (const auto& domain : catalog.blocked_domains()) {
    blocked_domains_[{domain.tenant_id(), domain.spki_sha256(), ""}] = domain;
  }
  Write({}, {event});
  return fate == Fate::kStored ? Unavailable() : absl::OkStatus();
}

absl::StatusOr<masa::v1::Catalog> MemoryStore::ReadPolicies(
    const RequestContext& context) {
  absl::MutexLock lock(&mutex_);
  if (NextFate() != Fate::kAnswer) {
    return Unavailable();
  }
  return PoliciesOf(tenants_, products_);
}

absl::StatusOr<masa::v1::Organization> MemoryStore::GetOrganization(
    const RequestContext& context, const std::string& tenant_id,
    const std::string& organization_id) {
  absl::MutexLock lock(&mutex_);
  if (NextFate() != Fate::kAnswer) {
    return Unavailable();
  }
  const auto found = trees_.find({tenant_id, organization_id});
  if (found == trees_.end() || found->second.version == 0) {
    return Refuse(Reason::kOrganizationUnknown, "there is no such customer");
  }
  return found->second.organization;
}

std::vector<absl::StatusOr<DomainFacts>> MemoryStore::DomainsOf(
    const RequestContext& context, absl::Span<const DomainQuestion> questions) {
  absl::MutexLock lock(&mutex_);
  if (NextFate() != Fate::kAnswer) {
    return AllUnavailable<DomainFacts>(questions.size());
  }
  std::vector<absl::StatusOr<DomainFacts>> answers;
  for (const DomainQuestion& question : questions) {
    answers.push_back(DomainOf(question));
  }
  return answers;
}

absl::StatusOr<DomainFacts> MemoryStore::DomainOf(
    const DomainQuestion& question) const {
  const std::string& tenant_id = question.tenant_id;
  const std::set<std::string> hashes(question.spki_sha256.begin(),
                                     question.spki_sha256.end());
  DomainFacts facts;
  const auto claims = claims_.find({tenant_id, question.registrar_spki_sha256});
  if (claims != claims_.end() && claims->second.first == question.window) {
    facts.claims = claims->second.second;
  }
  for (const auto& [key, tree] : trees_) {
    if (key.first != tenant_id || tree.version == 0) {
      continue;
    }
    bool has_key = false;
    for (const auto& [id, cert] : tree.certs) {
      MASA_ASSIGN_OR_RETURN(const std::string hash,
                            SpkiSha256Of(cert.certificate_der));
      has_key |= hashes.count(hash) != 0;
    }
    if (has_key) {
      facts.customers.push_back(tree.organization);
    }
  }
  for (const auto& [id, domain] : blocked_domains_) {
    facts.blocked |= domain.tenant_id() == tenant_id && !domain.lifted() &&
                     hashes.count(domain.spki_sha256()) != 0;
  }
  return facts;
}

absl::StatusOr<DeviceAnswer> MemoryStore::FindOne(
    const DeviceQuestion& question) const {
  const DeviceKey& key = question.key;
  std::vector<Device> candidates;
  const auto found = devices_.find({key.tenant_id, key.serial_number});
  if (found != devices_.end()) {
    for (const auto& [id, device] : found->second) {
      if (!device.deleted_at) {
        candidates.push_back(device);
      }
    }
  }
  DeviceAnswer answer;
  MASA_ASSIGN_OR_RETURN(answer.device, Choose(key, candidates));
  answer.serial_shared = candidates.size() > 1;
  const Device& device = answer.device;
  answer.owner_certs = OwnerCertsOf(device);
  for (const auto& [id, voucher] : vouchers_) {
    if (!question.request_digest.empty() && voucher.bucket == device.bucket &&
        voucher.device_id == device.device_id &&
        voucher.request_digest == question.request_digest) {
      // The generation ends the key, so the last one is the newest.
      answer.previous = voucher;
    }
  }
  if (question.view == DeviceView::kForOrder) {
    answer.device = ForOrder(std::move(answer.device));
  }
  return answer;
}

std::vector<absl::StatusOr<DeviceAnswer>> MemoryStore::Find(
    const RequestContext& context, absl::Span<const DeviceQuestion> questions) {
  absl::MutexLock lock(&mutex_);
  if (NextFate() != Fate::kAnswer) {
    return AllUnavailable<DeviceAnswer>(questions.size());
  }
  std::vector<absl::StatusOr<DeviceAnswer>> answers;
  for (const DeviceQuestion& question : questions) {
    answers.push_back(FindOne(question));
  }
  return answers;
}

StoredFacts MemoryStore::Facts() const {
  StoredFacts facts;
  for (const auto& [serial, devices] : devices_) {
    for (const auto& [id, device] : devices) {
      facts.devices.push_back(device);
    }
  }
  for (const auto& [id, product] : products_) {
    facts.products.emplace(product.tenant_id(), product.product_id());
  }
  for (const auto& [key, tree] : trees_) {
    if (tree.version > 0) {
      facts.organizations.insert(key);
    }
  }
  return facts;
}

void MemoryStore::Write(const std::vector<Device>& devices,
                        const std::vector<AuditEvent>& events) {
  if (!devices.empty()) {
    AppendFeed(devices, events.front().at);
  }
  for (const Device& device : devices) {
    const auto at = ToMicros(events.front().at);
    Device& stored =
        devices_[{device.tenant_id, device.serial_number}][device.device_id];
    const bool is_new = stored.device_id.empty();
    const auto created_at = stored.created_at;
    stored = device;
    stored.created_at = is_new ? at : created_at;
    stored.updated_at = at;
  }
  std::vector<LogEvent> logged;
  for (const AuditEvent& event : events) {
    WriteEvent(event);
    logged.push_back(
        LogEventOf(event, {event.actor, event.request_id, NewSalt()}));
  }
  audit_log_.Add(logged);
}

void MemoryStore::WriteEvent(const AuditEvent& event) {
  event_ids_.emplace(event.bucket, event.event_id);
  events_.push_back(event);
}

std::vector<absl::StatusOr<ImportOutcome>> MemoryStore::Import(
    const RequestContext& context, const std::string& actor, absl::Time at,
    absl::Span<const Device> devices, OnConflict on_conflict) {
  absl::MutexLock lock(&mutex_);
  const Fate fate = NextFate();
  if (fate == Fate::kUnstored) {
    return AllUnavailable<ImportOutcome>(devices.size());
  }
  const StoredFacts facts = Facts();
  ImportPlan plan =
      PlanImport(devices, facts, on_conflict, {actor, at, context.request_id});
  Record(facts.devices, plan.writes, {OwnerChange::kImported, at});
  Write(plan.writes, plan.events);
  return fate == Fate::kStored ? AllUnavailable<ImportOutcome>(devices.size())
                               : std::move(plan.outcomes);
}

std::vector<absl::StatusOr<Device>> MemoryStore::Assign(
    const RequestContext& context, const std::string& actor, absl::Time at,
    absl::Span<const DeviceKey> keys, const std::string& organization_id) {
  absl::MutexLock lock(&mutex_);
  const Fate fate = NextFate();
  if (fate == Fate::kUnstored) {
    return AllUnavailable<Device>(keys.size());
  }
  const StoredFacts facts = Facts();
  AssignPlan plan =
      PlanAssign(keys, organization_id, facts, {actor, at, context.request_id});
  Record(facts.devices, plan.writes, {OwnerChange::kAssigned, at});
  Write(plan.writes, plan.events);
  return fate == Fate::kStored ? AllUnavailable<Device>(keys.size())
                               : std::move(plan.outcomes);
}

std::vector<absl::StatusOr<Device>> MemoryStore::SetBlocked(
    const RequestContext& context, const std::string& actor, absl::Time at,
    absl::Span<const DeviceKey> keys, bool blocked) {
  absl::MutexLock lock(&mutex_);
  const Fate fate = NextFate();
  if (fate == Fate::kUnstored) {
    return AllUnavailable<Device>(keys.size());
  }
  AssignPlan plan =
      PlanSetBlocked(keys, blocked, Facts(), {actor, at, context.request_id});
  Write(plan.writes, plan.events);
  return fate == Fate::kStored ? AllUnavailable<Device>(keys.size())
                               : std::move(plan.outcomes);
}

absl::StatusOr<Committed> MemoryStore::CommitOne(const IssuedVoucher& voucher) {
  MASA_RETURN_IF_ERROR(CheckVoucher(voucher));
  if (HasChanged(voucher)) {
    return DeviceHasChanged();
  }
  const VoucherKey key = {voucher.bucket, voucher.device_id,
                          voucher.request_digest, voucher.generation};
  if (const auto stored = vouchers_.find(key); stored != vouchers_.end()) {
    return Committed{stored->second, true};
  }
  if (event_ids_.contains({voucher.bucket, voucher.audit_event_id})) {
    return Refuse(Reason::kStoreConflict, "the audit event exists already");
  }
  AuditEvent event;
  event.bucket = voucher.bucket;
  event.event_id = voucher.audit_event_id;
  event.device_id = voucher.device_id;
  event.tenant_id = voucher.tenant_id;
  event.kind = kVoucherIssued;
  event.at = voucher.created_on;
  event.actor = voucher.actor;
  event.request_id = voucher.request_id;
  WriteEvent(event);
  audit_log_.Add({LogEventOf(voucher)});
  vouchers_[key] = voucher;
  if (voucher.is_alone) {
    ++DeviceById(voucher.tenant_id, voucher.device_id)->version;
  }
  if (voucher.claim_window) {
    auto& [window, claims] =
        claims_[{voucher.tenant_id, voucher.registrar_spki_sha256}];
    claims = *voucher.claim_window > window ? 0 : claims;
    window = std::max(*voucher.claim_window, window);
    claims += *voucher.claim_window == window ? 1 : 0;
  }
  return Committed{voucher, false};
}

std::vector<absl::StatusOr<Committed>> MemoryStore::Commit(
    const RequestContext& context, std::vector<IssuedVoucher> vouchers) {
  absl::MutexLock lock(&mutex_);
  const Fate fate = NextFate();
  if (fate == Fate::kUnstored) {
    return AllUnavailable<Committed>(vouchers.size());
  }
  std::vector<absl::StatusOr<Committed>> outcomes;
  for (const IssuedVoucher& voucher : vouchers) {
    outcomes.push_back(CommitOne(voucher));
  }
  return fate == Fate::kStored ? AllUnavailable<Committed>(vouchers.size())
                               : outcomes;
}

}  // namespace masa::storage
