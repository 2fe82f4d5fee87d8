#include "services/issuance/hear_pledge.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "services/status/macros.h"
#include "services/status/reason.h"
#include "services/wire/media_type.h"

namespace masa::issuance {
namespace {

absl::Status HearRequest(const Tools& tools, PledgeMatter& matter) {
  const PledgeCall& call = *matter.call;
  const std::string& tenant_id = matter.tenant->tenant_id();
  MASA_RETURN_IF_ERROR(
      wire::FormatsOfAccept(call.accept, masa::v1::FORMAT_CMS_JSON).status());
  MASA_ASSIGN_OR_RETURN(matter.reception,
                        wire::Receive(call.content_type, call.body, false));
  if (!matter.policies->TenantTakes(tenant_id, matter.reception.format)) {
    return Refuse(Reason::kMediaTypeUnknown,
                  "no device of this manufacturer uses this media type");
  }
  MASA_ASSIGN_OR_RETURN(matter.request,
                        wire::ParseVoucherRequest(matter.reception.format,
                                                  matter.reception.artifact));
  const wire::VoucherRequestLeaves& leaves = matter.request->leaves;
  if (leaves.top_key != wire::TopKey::kVoucherRequest) {
    return Refuse(Reason::kMalformed, "this is no voucher-request");
  }
  MASA_RETURN_IF_ERROR(voucher::CheckSignedByIdevid(
      *matter.request, *matter.idevid, tools.verifier));
  MASA_RETURN_IF_ERROR(voucher::CheckSawUs(leaves, call.tls_server_cert_der));
  const auto serials = voucher::SerialNumbersIn(matter.idevid->certificate);
  return std::count(serials.begin(), serials.end(), leaves.serial_number) != 0
             ? absl::OkStatus()
             : Refuse(Reason::kSerialMismatch,
                      "the serial-number is not one of the IDevID that the "
                      "TLS handshake showed");
}

// CR-22: JSON, as RFC 8995 section 5.7 has it.
absl::Status HearTelemetry(PledgeMatter& matter) {
  const std::string& type = matter.call->content_type;
  if (!type.empty() && !wire::IsOfType(type, "application/json")) {
    return Refuse(Reason::kMediaTypeUnknown, "telemetry is application/json");
  }
  MASA_ASSIGN_OR_RETURN(matter.told,
                        wire::ParsePledgeStatus(matter.call->body));
  return absl::OkStatus();
}

// The certificate of an enrolment's end may be another's than ours.
bool MayBeForeign(const PledgeMatter& matter) {
  return matter.call->operation == PledgeOperation::kEnrollStatus;
}

// A question for the device of a call.
struct Asked {
  PledgeMatter* matter;
  storage::DeviceQuestion question;
  absl::StatusOr<storage::DeviceAnswer> found;
};

// A request names its serial number; telemetry does not, so that all are asked
// for that the IDevID may mean (PV-10).
void AddQuestions(PledgeMatter& matter, std::vector<Asked>& asked) {
  storage::DeviceQuestion question;
  question.key.tenant_id = matter.tenant->tenant_id();
  std::vector<std::string> serials;
  if (matter.request) {
    serials = {matter.request->leaves.serial_number};
    question.request_digest = matter.request->digest;
  } else {
    serials = voucher::SerialNumbersIn(matter.idevid->certificate);
  }
  if (serials.empty()) {
    serials = {""};  // nobody's
  }
  for (std::string& serial : serials) {
    question.key.serial_number = std::move(serial);
    asked.push_back({&matter, question, absl::UnknownError("not asked yet")});
  }
}

void Ask(const Tools& tools, const RequestContext& context,
         const std::vector<Asked*>& asked) {
  std::vector<storage::DeviceQuestion> questions;
  for (const Asked* one : asked) {
    questions.push_back(one->question);
  }
  if (questions.empty()) {
    return;
  }
  auto found = tools.devices.Find(context, questions);
  for (size_t i = 0; i < asked.size(); ++i) {
    asked[i]->found = std::move(found[i]);
  }
}

// RV-13: the issuer that the IDevID names is asked for where the serial number
// alone is not enough.
void AskWithIssuers(const Tools& tools, const RequestContext& context,
                    std::vector<Asked>& asked) {
  std::vector<Asked*> ambiguous;
  for (Asked& one : asked) {
    const voucher::ShownIdevid& idevid = *one.matter->idevid;
    const auto& named = idevid.certificate->authority_key_id;
    one.question.key.idevid_issuer = named ? named : idevid.issuer_key_id;
    if (one.question.key.idevid_issuer &&
        ReasonOf(one.found.status()) == Reason::kDeviceAmbiguous) {
      ambiguous.push_back(&one);
    }
  }
  Ask(tools, context, ambiguous);
}

absl::Status Meet(PledgeMatter& matter,
                  absl::StatusOr<storage::DeviceAnswer> found, absl::Time now) {
  if (!found.ok()) {
    const bool unknown = ReasonOf(found.status()) == Reason::kDeviceUnknown ||
                         ReasonOf(found.status()) == Reason::kDeviceAmbiguous;
    return !unknown                    ? found.status()
           : matter.idevid->is_chained ? voucher::PledgeUnknown()
                                       : voucher::IdevidIsForeign();
  }
  matter.device = *std::move(found);
  const storage::Device& device = matter.device->device;
  MASA_ASSIGN_OR_RETURN(matter.product,
                        matter.policies->ProductOf(matter.tenant->tenant_id(),
                                                   device.product_id));
  return voucher::CheckIsDevice(*matter.idevid, device, *matter.tenant,
                                *matter.product, now);
}

// Whoever it is, it is heard; what it is not is written beside.
absl::Status AsReporter(PledgeMatter& matter, const absl::Status& met) {
  matter.is_proven = met.ok();
  const int http_status = met.ok() ? 0 : InfoOf(ReasonOf(met)).http_status;
  return http_status >= 500 ? met : absl::OkStatus();
}

}  // namespace

RequestContext SharedContext(const PledgeMatters& matters) {
  RequestContext shared;
  shared.deadline = absl::InfinitePast();
  for (const PledgeMatter& one : matters) {
    if (one.fate.ok()) {
      if (shared.request_id.empty()) {
        shared.request_id = one.call->context.request_id;
        shared.traceparent = one.call->context.traceparent;
      }
      shared.deadline = std::max(shared.deadline, one.call->context.deadline);
    }
  }
  return shared;
}

absl::Status HearPledge(const Tools& tools, PledgeMatter& matter,
                        absl::Time now) {
  const PledgeCall& call = *matter.call;
  if (now >= call.context.deadline) {
    return Refuse(Reason::kDeadlineExceeded,
                  "the call's deadline passed before it was begun");
  }
  MASA_ASSIGN_OR_RETURN(matter.policies, tools.policies.Current(call.context));
  MASA_ASSIGN_OR_RETURN(matter.tenant,
                        matter.policies->TenantOfHost(call.host));
  MASA_ASSIGN_OR_RETURN(
      matter.idevid, voucher::ReadIdevid(call.tls_peer_chain_der,
                                         *matter.tenant, tools.verifier, now));
  return matter.IsRequest() ? HearRequest(tools, matter)
                            : HearTelemetry(matter);
}

void FindPledges(const Tools& tools, PledgeMatters& matters, absl::Time now) {
  std::vector<Asked> asked;
  ForEachOpen(matters, [&asked](PledgeMatter& one) {
    AddQuestions(one, asked);
    return absl::OkStatus();
  });
  std::vector<Asked*> all;
  for (Asked& one : asked) {
    all.push_back(&one);
  }
  const RequestContext context = SharedContext(matters);
  Ask(tools, context, all);
  AskWithIssuers(tools, context, asked);
  for (size_t i = 0; i < asked.size();) {
    PledgeMatter& matter = *asked[i].matter;
    absl::Status met = absl::UnknownError("not met yet");
    for (; i < asked.size() && asked[i].matter == &matter; ++i) {
      if (!met.ok()) {
        met = Meet(matter, std::move(asked[i].found), now);
      }
    }
    matter.fate = MayBeForeign(matter) ? AsReporter(matter, met) : met;
  }
}

}  // namespace masa::issuance
