#include "services/issuance/issue_orders.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/issuance/account_sights.h"
#include "services/issuance/check_ien.h"
#include "services/issuance/ids.h"
#include "services/issuance/judge_orders.h"
#include "services/issuance/voucher_record.h"
#include "services/status/field_faults.h"
#include "services/status/macros.h"
#include "services/status/reason.h"

namespace masa::issuance {
namespace {

using Matters = std::vector<OrderMatter>;
using Outcomes = std::vector<absl::StatusOr<storage::Committed>>;

bool IsToBeSigned(const OrderMatter& matter) {
  return matter.fate.ok() && matter.verdict.has_value();
}

// All but the artifact, which is not there yet.
storage::IssuedVoucher RecordFor(const OrderMatter& matter, absl::Time now) {
  storage::IssuedVoucher issued =
      RecordOf(matter.verdict->voucher, matter.order.device.device,
               *matter.product, matter.verdict->pin, now);
  issued.request_digest = matter.order.request_digest;
  issued.format = matter.order.format;
  issued.signing_key = matter.verdict->signing_key;
  issued.actor = matter.caller->name;
  issued.request_id = matter.context->request_id;
  return issued;
}

// A key in force, a format, and whose product shapes the octets.
using Form = std::tuple<std::string, masa::v1::Format, std::string>;
using Turns = std::map<Form, std::vector<OrderMatter*>>;

// What one key signs in one form together.
Turns TurnsOf(const Tools& tools, const RequestContext& context,
              Matters& matters) {
  Turns turns;
  for (OrderMatter& one : matters) {
    if (!IsToBeSigned(one)) {
      continue;
    }
    std::string& key = one.verdict->signing_key;
    auto in_force = tools.signer.InForce(context, key);
    one.fate = in_force.status();
    if (in_force.ok()) {
      key = *std::move(in_force);
      turns[{key, one.order.format,
             absl::StrCat(one.caller->tenant_id, "/",
                          one.product->product_id())}]
          .push_back(&one);
    }
  }
  return turns;
}

// Leaves the records, with their artifacts.
void Sign(const Tools& tools, const RequestContext& context, Matters& matters,
          absl::Time now) {
  for (const auto& [form_of, turn] : TurnsOf(tools, context, matters)) {
    const std::string& key = std::get<0>(form_of);
    const auto form = tools.templates.For(context, key, std::get<1>(form_of),
                                          *turn.front()->product);
    std::vector<wire::Voucher> vouchers;
    vouchers.reserve(turn.size());
    for (OrderMatter* one : turn) {
      one->fate = form.status();
      one->record = RecordFor(*one, now);
      vouchers.push_back(std::move(one->verdict->voucher));
    }
    if (!form.ok()) {
      continue;
    }
    auto made =
        MakeVouchers(context, std::move(vouchers), **form, tools.signer, key);
    for (size_t i = 0; i < turn.size(); ++i) {
      turn[i]->fate = made[i].status();
      if (made[i].ok()) {
        turn[i]->record.voucher = *std::move(made[i]);
      }
    }
  }
}

// Nothing is released that is not stored. Where another call was faster with
// the same digest, its voucher is this order's only if it is what was asked.
Outcomes Commit(const Tools& tools, const RequestContext& context,
                Matters& matters) {
  std::vector<storage::IssuedVoucher> records;
  records.reserve(matters.size());
  for (OrderMatter& one : matters) {
    if (IsToBeSigned(one)) {
      records.push_back(std::move(one.record));
    }
  }
  Outcomes stored;
  if (!records.empty()) {
    stored = tools.log.Commit(context, std::move(records));
  }
  Outcomes outcomes;
  outcomes.reserve(matters.size());
  auto next = stored.begin();
  for (OrderMatter& one : matters) {
    if (!one.fate.ok()) {
      outcomes.emplace_back(one.fate);
    } else if (one.stored) {
      outcomes.emplace_back(*std::move(one.stored));
    } else if (next->ok() && (*next)->replayed) {
      outcomes.push_back(Repeated(one.order, (*next++)->voucher));
    } else {
      outcomes.push_back(std::move(*next++));
    }
  }
  return outcomes;
}

// One use of an order's request_id by its caller. Empty without one: then there
// is no earlier voucher to look for.
std::string DigestOf(const AskedOrder& asked) {
  const std::string& id = asked.order->request_id;
  return id.empty()
             ? ""
             : Sha256(absl::StrCat("request_id:", asked.caller->name, ":", id));
}

// Nobody else's.
std::string FreshDigest(absl::Time now) {
  return Sha256(absl::StrCat("once:", NewId(now)));
}

OwnerOrder OrderOf(const IssueOrder& order, storage::DeviceAnswer device,
                   std::string digest) {
  return {.device = std::move(device),
          .pinned_cert_der = order.pinned_cert_der,
          .nonce = order.nonce,
          .expires_on = order.expires_on,
          .format = order.format,
          .request_digest = std::move(digest),
          .revocation_checks = order.revocation_checks,
          .est_onboarding = order.est_onboarding};
}

// The devices, where the callers may have vouchers for them; with those that
// they got before, if these are `looked_for`.
Matters Find(const Tools& tools, const RequestContext& context,
             absl::Span<const AskedOrder> asked, bool looked_for,
             absl::Time now) {
  std::vector<storage::DeviceQuestion> questions;
  std::vector<std::string> digests;
  questions.reserve(asked.size());
  digests.reserve(asked.size());
  for (const AskedOrder& one : asked) {
    digests.push_back(DigestOf(one));
    questions.push_back({one.order->device, looked_for ? digests.back() : "",
                         storage::DeviceView::kForOrder});
    questions.back().key.tenant_id = one.caller->tenant_id;
  }
  auto found = tools.devices.Find(context, questions);
  AccountSights sights(tools.groups, context);
  Matters matters(asked.size());
  for (size_t i = 0; i < asked.size(); ++i) {
    const identity::Principal& caller = *asked[i].caller;
    matters[i].context = asked[i].context;
    matters[i].caller = &caller;
    matters[i].fate = CheckIen(tools.policies, context, caller.tenant_id,
                               asked[i].order->device.ien);
    if (matters[i].fate.ok()) {
      matters[i].fate = found[i].ok()
                            ? sights.CheckMay(caller, found[i]->device,
                                              ownership::Act::kGetVoucher)
                            : AsPublic(found[i].status(), caller);
    }
    if (matters[i].fate.ok()) {
      matters[i].order = OrderOf(
          *asked[i].order, *std::move(found[i]),
          digests[i].empty() ? FreshDigest(now) : std::move(digests[i]));
    }
  }
  return matters;
}

bool TellsOfARepeat(const absl::StatusOr<storage::Committed>& outcome) {
  return outcome.ok() ? outcome->replayed
                      : ReasonOf(outcome.status()) == Reason::kRequestIdReused;
}

// Of a device's items in one call the first counts. One more with the same
// request_id is a repeat, which the store tells from another order.
void RefuseDuplicates(Matters& matters) {
  std::map<std::string, std::pair<std::string, size_t>> first;
  for (size_t i = 0; i < matters.size(); ++i) {
    if (!matters[i].fate.ok()) {
      continue;
    }
    const OwnerOrder& order = matters[i].order;
    const auto [known, is_first] = first.try_emplace(
        order.device.device.device_id, order.request_digest, i);
    if (!is_first && known->second.first != order.request_digest) {
      matters[i].fate = RefuseFields(
          Reason::kInvalidArgument,
          {{"device", absl::StrCat("is that of item ", known->second.second,
                                   " of this call too; send one of them in "
                                   "another call")}});
    }
  }
}

// A change that came between look and commit is rare, and three in a row are
// somebody's doing.
constexpr int kMostLooks = 3;

Outcomes IssueOnce(const Tools& tools, const RequestContext& context,
                   absl::Span<const AskedOrder> asked, Company company,
                   RepeatWatch* repeats) {
  const absl::Time now = tools.clock.Now();
  const auto run = [&](Stage stage, absl::FunctionRef<void()> work) {
    tools.stages.Run(stage, asked.size(), work);
  };
  const bool looked_for = repeats == nullptr || repeats->AreLikely(now);
  Matters matters;
  OrderJudge judge(tools, context, now);
  run(Stage::kResolve, [&] {
    matters = Find(tools, context, asked, looked_for, now);
    judge.MeetDomains(matters);
  });
  if (company == Company::kOneCall) {
    RefuseDuplicates(matters);
  }
  run(Stage::kDecide, [&] {
    for (OrderMatter& matter : matters) {
      if (matter.fate.ok()) {
        matter.fate = judge.Judge(matter);
      }
    }
  });
  run(Stage::kSign, [&] { Sign(tools, context, matters, now); });
  Outcomes outcomes;
  run(Stage::kCommit, [&] { outcomes = Commit(tools, context, matters); });
  if (repeats != nullptr &&
      std::any_of(outcomes.begin(), outcomes.end(), TellsOfARepeat)) {
    repeats->Saw(now);
  }
  return outcomes;
}

}  // namespace

absl::StatusOr<std::vector<storage::Committed>> IssueOrders(
    const Tools& tools, const RequestContext& context,
    const identity::Principal& caller, std::vector<OwnerOrder> orders,
    absl::Span<const std::string> fields) {
  const absl::Time now = tools.clock.Now();
  OrderJudge judge(tools, context, now);
  Matters matters;
  for (size_t i = 0; i < orders.size(); ++i) {
    matters.push_back({&context, &caller, std::move(orders[i])});
    const absl::Status status = judge.Judge(matters.back());
    if (!status.ok()) {
      return i < fields.size() ? AtField(status, fields[i]) : status;
    }
  }
  Sign(tools, context, matters, now);
  for (const OrderMatter& matter : matters) {
    MASA_RETURN_IF_ERROR(matter.fate);
  }
  std::vector<storage::Committed> committed;
  for (auto& outcome : Commit(tools, context, matters)) {
    MASA_RETURN_IF_ERROR(outcome.status());
    committed.push_back(*std::move(outcome));
  }
  return committed;
}

Outcomes IssueEach(const Tools& tools, const RequestContext& context,
                   absl::Span<const AskedOrder> asked, Company company,
                   RepeatWatch* repeats) {
  Outcomes outcomes = IssueOnce(tools, context, asked, company, repeats);
  for (int look = 1; look < kMostLooks; ++look) {
    std::vector<AskedOrder> again;
    std::vector<size_t> of;
    for (size_t i = 0; i < outcomes.size(); ++i) {
      if (!outcomes[i].ok() &&
          ReasonOf(outcomes[i].status()) == Reason::kStoreConflict) {
        again.push_back(asked[i]);
        of.push_back(i);
      }
    }
    if (again.empty()) {
      break;
    }
    Outcomes renewed = IssueOnce(tools, context, again, company, repeats);
    for (size_t i = 0; i < of.size(); ++i) {
      outcomes[of[i]] = std::move(renewed[i]);
    }
  }
  return outcomes;
}

}  // namespace masa::issuance
