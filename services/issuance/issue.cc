#include "services/issuance/issue.h"

#include <map>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "services/issuance/voucher_record.h"
#include "services/status/macros.h"

namespace masa::issuance {
namespace {

storage::IssuedVoucher RecordFor(Matter& matter, absl::Time now) {
  const Heard& heard = *matter.heard;
  const voucher::Verdict& verdict = *matter.verdict;
  const auto& previous = matter.subject->device.previous;
  storage::IssuedVoucher issued =
      RecordOf(verdict.voucher, matter.subject->device.device, *matter.product,
               verdict.pin, now);
  issued.request_digest = heard.request.digest;
  issued.generation = previous ? previous->generation + 1 : 0;
  issued.format = heard.request.artifact.format;
  issued.voucher = std::move(matter.voucher);
  issued.signing_key = verdict.signing_key;
  issued.prior_digest = verdict.prior_digest;
  const std::string& registrar = heard.registrar.signer->spki_sha256;
  issued.actor = absl::StrCat("registrar:", absl::BytesToHexString(registrar));
  issued.request_id = matter.call->context.request_id;
  if (heard.tenant->has_registrar_limit()) {
    issued.registrar_spki_sha256 = registrar;
    issued.claim_window = voucher::RegistrarWindow(*heard.tenant, now);
  }
  return issued;
}

}  // namespace

void Sign(const Tools& tools, Matters& matters) {
  using Form = std::shared_ptr<const wire::VoucherTemplate>;
  std::map<std::pair<std::string, Form>, std::vector<Matter*>> turns;
  ForEachOpen(matters, [&](Matter& matter) {
    if (!matter.verdict) {
      return absl::OkStatus();
    }
    std::string& key = matter.verdict->signing_key;
    MASA_ASSIGN_OR_RETURN(key, tools.signer.InForce(matter.call->context, key));
    MASA_ASSIGN_OR_RETURN(
        Form form, tools.templates.For(matter.call->context, key,
                                       matter.heard->request.artifact.format,
                                       *matter.product));
    turns[{key, std::move(form)}].push_back(&matter);
    return absl::OkStatus();
  });
  const RequestContext context = SharedContext(matters);
  for (auto& [turn, of] : turns) {
    std::vector<wire::Voucher> vouchers;
    for (const Matter* matter : of) {
      vouchers.push_back(matter->verdict->voucher);
    }
    auto made = MakeVouchers(context, std::move(vouchers), *turn.second,
                             tools.signer, turn.first);
    for (size_t i = 0; i < of.size(); ++i) {
      if (made[i].ok()) {
        of[i]->voucher = *std::move(made[i]);
      } else {
        of[i]->fate = made[i].status();
      }
    }
  }
}

void Commit(const Tools& tools, Matters& matters, absl::Time now) {
  std::vector<storage::IssuedVoucher> records;
  std::vector<Matter*> of;
  ForEachOpen(matters, [&](Matter& matter) {
    if (matter.verdict) {
      records.push_back(RecordFor(matter, now));
      of.push_back(&matter);
    }
    return absl::OkStatus();
  });
  if (records.empty()) {
    return;
  }
  auto committed = tools.log.Commit(SharedContext(matters), std::move(records));
  // If the process stops here the vouchers are stored and were never released;
  // the registrars' retries find them.
  for (size_t i = 0; i < of.size(); ++i) {
    if (committed[i].ok()) {
      of[i]->voucher = std::move(committed[i]->voucher.voucher);
    } else {
      of[i]->fate = committed[i].status();
    }
  }
}

}  // namespace masa::issuance
