#include "services/masad/self_test.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "services/issuance/try_key.h"
#include "services/masad/audit_part.h"
#include "services/masad/edge_part.h"
#include "services/masad/running_config.h"
#include "services/masad/store_part.h"
#include "services/masad/use_cases.h"
#include "services/status/macros.h"
#include "services/status/reason.h"

namespace masa::masad {
namespace {

// Runs `check` and adds what came of it.
void Add(const std::string& name, const std::function<absl::Status()>& check,
         std::vector<admin::SelfCheck>* checks) {
  const absl::Time began = absl::Now();
  absl::Status status = check();
  checks->push_back({name, std::move(status), absl::Now() - began});
}

absl::Status ClockStatus(const ClockHealth& clock) {
  return clock.IsSynchronised()
             ? absl::OkStatus()
             : Refuse(Reason::kMisconfigured,
                      "the kernel says that the clock is not synchronised: "
                      "start a time service on this machine");
}

template <typename Keys>
void AddNames(const Keys& keys, std::vector<std::string>* names) {
  for (const auto& key : keys) {
    if (std::find(key.kinds().begin(), key.kinds().end(), "TEST") !=
        key.kinds().end()) {
      names->push_back(key.name());
    }
  }
}

}  // namespace

std::vector<admin::SelfCheck> SelfTest::Run(const RequestContext& context) {
  std::vector<admin::SelfCheck> checks;
  if (parts_.config.Current().synchronised_clock_required()) {
    Add(
        "clock", [this] { return ClockStatus(parts_.clock); }, &checks);
  }
  Add(
      "configuration", [this] { return parts_.config.Reload(true).status(); },
      &checks);
  if (parts_.stores != nullptr) {
    Add(
        "database", [this] { return parts_.stores->Ready(); }, &checks);
  }
  if (parts_.audit != nullptr) {
    Add(
        "audit log", [this] { return parts_.audit->Ready(); }, &checks);
  }
  if (parts_.use_cases != nullptr) {
    CheckKeysOfProducts(context, &checks);
  } else if (parts_.local_signer != nullptr) {
    CheckKeysHere(context, &checks);
  }
  if (parts_.authority != nullptr) {
    Add(
        "authority", [this] { return parts_.authority->Ready(); }, &checks);
  }
  return checks;
}

void SelfTest::CheckKeysOfProducts(const RequestContext& context,
                                   std::vector<admin::SelfCheck>* checks) {
  const auto keys = parts_.use_cases->KeyHealths();
  if (!keys.ok()) {
    checks->push_back({"keys", keys.status(), absl::ZeroDuration()});
    return;
  }
  signing::Signer& signer = parts_.use_cases->tools().signer;
  for (const issuance::KeyHealth& key : *keys) {
    Add(
        absl::StrCat("key ", key.key),
        [&]() -> absl::Status {
          MASA_RETURN_IF_ERROR(key.status);
          const absl::Status tried =
              issuance::TryKeyInForce(context, signer, verifier_, key.key);
          // Some keys are for vouchers alone; more cannot be asked of them.
          return ReasonOf(tried) == Reason::kKeyNotForThis ? absl::OkStatus()
                                                           : tried;
        },
        checks);
  }
}

void SelfTest::CheckKeysHere(const RequestContext& context,
                             std::vector<admin::SelfCheck>* checks) {
  const masa::v1::SignerConfig signer = parts_.config.Current().signer();
  std::vector<std::string> names;
  AddNames(signer.local_keys(), &names);
  AddNames(signer.pkcs11().keys(), &names);
  for (const std::string& name : names) {
    Add(
        absl::StrCat("key ", name),
        [&] {
          const absl::Status tried = issuance::TryKeyInForce(
              context, *parts_.local_signer, verifier_, name);
          // One that has its versions alone is unknown by its bare name.
          return ReasonOf(tried) == Reason::kKeyUnknown ? absl::OkStatus()
                                                        : tried;
        },
        checks);
  }
}

}  // namespace masa::masad
