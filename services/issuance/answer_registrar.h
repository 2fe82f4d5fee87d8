// The use cases of a registrar: request a voucher, request the audit log. Each
// is a list of calls; what a call decides stands in its own room.
#ifndef SERVICES_ISSUANCE_ANSWER_REGISTRAR_H_
#define SERVICES_ISSUANCE_ANSWER_REGISTRAR_H_

#include <string>

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

  absl::StatusOr<RegistrarAnswer> RequestVoucher(
      const RegistrarCall& call) override;
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

  absl::StatusOr<Heard> Hear(const RegistrarCall& call, absl::Time now);
  absl::StatusOr<storage::DeviceAnswer> Find(const RegistrarCall& call,
                                             const Heard& heard);
  // TR-13, TR-14: what the customer's registrars show besides (TR-17: it
  // changes no voucher).
  absl::Status CheckAuthentication(const RegistrarCall& call,
                                   const Heard& heard,
                                   const storage::DomainFacts& domain);
  absl::StatusOr<Subject> LookUp(const RegistrarCall& call, const Heard& heard);
  using History = std::vector<storage::IssuedVoucher>;
  // What else the rules need of this device, read only where one asks.
  absl::StatusOr<History> ReadHistory(const RegistrarCall& call,
                                      const Subject& subject);
  absl::StatusOr<voucher::OwnChains> ReadOwnChains(
      const RegistrarCall& call, const Heard& heard, const Subject& subject,
      const masa::v1::Product& product);
  absl::StatusOr<voucher::Verdict> Decide(const RegistrarCall& call,
                                          const Heard& heard,
                                          const Subject& subject,
                                          const masa::v1::Product& product,
                                          absl::Time now);
  // AMB-26: what the pledge's request did not show to be proximity, though it
  // could, may be another domain's: refused where ownership is required,
  // logged with an alert elsewhere.
  absl::StatusOr<std::vector<Alert>> CheckReuse(
      const RegistrarCall& call, const Heard& heard, const Subject& subject,
      const masa::v1::Product& product, voucher::Verdict* verdict);
  absl::StatusOr<std::string> Issue(const RegistrarCall& call,
                                    const Heard& heard, const Subject& subject,
                                    const masa::v1::Product& product,
                                    const voucher::Verdict& verdict,
                                    absl::Time now);

  const Tools tools_;
};

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_ANSWER_REGISTRAR_H_
