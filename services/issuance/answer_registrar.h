// The use cases of a registrar: request vouchers, request the audit log. Each
// is a list of calls; what a call decides stands in its own room. Requests that
// come together go through each step together; each has its own outcome.
#ifndef SERVICES_ISSUANCE_ANSWER_REGISTRAR_H_
#define SERVICES_ISSUANCE_ANSWER_REGISTRAR_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "services/issuance/policies.h"
#include "services/issuance/registrar_desk.h"
#include "services/issuance/voucher_batch.h"
#include "services/signing/signer.h"
#include "services/verifier/verifier.h"
#include "services/voucher/judge.h"
#include "storage/catalog_store.h"
#include "storage/claim_store.h"
#include "storage/device_store.h"
#include "storage/issuance_log.h"
#include "storage/owned_devices.h"

namespace masa::issuance {

// What the use cases work with. All outlive the desk; all are thread-safe.
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
};

class AnswerRegistrar final : public RegistrarDesk {
 public:
  explicit AnswerRegistrar(const Tools& tools) : tools_(tools) {}

  // Blocks; all are answered when it returns.
  void RequestVouchers(std::vector<PendingCall> calls) override;
  absl::StatusOr<RegistrarAnswer> RequestAuditLog(
      const RegistrarCall& call) override;

 private:
  // A request that proved itself, and the tenant it came to.
  struct Heard {
    wire::Reception reception;
    wire::VoucherRequest request;
    voucher::MaybePrior prior;
    voucher::Registrar registrar;
    voucher::RevocationState revocation;
    std::shared_ptr<const PolicySnapshot> policies;
    const masa::v1::Tenant* tenant = nullptr;
  };
  // The device it names, and what the domain is to it.
  struct Subject {
    storage::DeviceAnswer device;
    storage::OwnershipStanding standing;
    int64_t claims = 0;  // of the registrar, where its tenant counts them
  };
  // One request on its way; what a step has made is there for the next.
  struct Matter {
    const RegistrarCall* call = nullptr;
    absl::Status fate;  // the first refusal ends its way
    std::optional<Heard> heard;
    absl::StatusOr<storage::DeviceAnswer> found;
    std::optional<Subject> subject;
    const masa::v1::Product* product = nullptr;
    std::optional<voucher::Verdict> verdict;  // none for a repeat
    std::vector<Alert> alerts;
    std::string voucher;  // the artifact, once it may be released
  };
  using Matters = std::vector<Matter>;
  using History = std::vector<storage::IssuedVoucher>;

  absl::StatusOr<Heard> Hear(const RegistrarCall& call, absl::Time now);
  absl::Status Begin(Matter& matter, absl::Time now);
  // Fills in what was found of the device, or the refusal; and of the domain,
  // for known and unknown devices alike.
  void Find(Matters& matters);
  void LookUp(Matters& matters);
  // TR-13, TR-14: what the customer's registrars show besides (TR-17: it
  // changes no voucher).
  absl::Status CheckAuthentication(const RegistrarCall& call,
                                   const Heard& heard,
                                   const storage::DomainFacts& domain);
  absl::Status MeetSubject(Matter& matter, const storage::DomainFacts& domain);
  absl::Status MeetProduct(Matter& matter);
  // What else the rules need of this device, read only where one asks.
  absl::StatusOr<History> ReadHistory(const Matter& matter);
  absl::StatusOr<voucher::OwnChains> ReadOwnChains(const Matter& matter);
  absl::StatusOr<voucher::Verdict> Judge(const Matter& matter, absl::Time now);
  // AMB-26: what the pledge's request did not show to be proximity, though it
  // could, may be another domain's: refused where ownership is required,
  // logged with an alert elsewhere.
  absl::Status CheckReuse(Matter& matter);
  // The verdict, or the stored voucher for a repeat.
  absl::Status Decide(Matter& matter, absl::Time now);
  void Sign(Matters& matters);
  storage::IssuedVoucher RecordFor(Matter& matter, absl::Time now);
  void Commit(Matters& matters, absl::Time now);
  static absl::StatusOr<RegistrarAnswer> AnswerOf(Matter& matter);

  const Tools tools_;
};

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_ANSWER_REGISTRAR_H_
