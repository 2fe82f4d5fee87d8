#include "services/issuance/count_refusals.h"

#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>

namespace masa::issuance {
namespace {

constexpr size_t kMostHosts = 256;
// Under this name stands what was asked under more names than these.
constexpr char kOtherHosts[] = "*";

// What the service said no to; not what it could not do, nor "ask again later".
bool IsRefusal(const absl::Status& status) {
  constexpr int kFirst = 400, kLast = 499;
  const int said = status.ok() ? 0 : InfoOf(ReasonOf(status)).http_status;
  return said >= kFirst && said <= kLast;
}

std::string TimeText(absl::Time at) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E6SZ", at, absl::UTCTimeZone());
}

std::string PayloadOf(const std::map<Reason, int64_t>& counts, absl::Time from,
                      absl::Time until) {
  google::protobuf::Struct payload;
  auto& fields = *payload.mutable_fields();
  fields["from"].set_string_value(TimeText(from));
  fields["until"].set_string_value(TimeText(until));
  auto& refused = *fields["refused"].mutable_struct_value()->mutable_fields();
  for (const auto& [reason, count] : counts) {
    refused[std::string(InfoOf(reason).name)].set_number_value(
        static_cast<double>(count));
  }
  std::string json;
  // Cannot fail: the fields are texts and numbers, set above.
  (void)google::protobuf::util::MessageToJsonString(payload, &json);
  return json;
}

std::string TenantOf(const masa::v1::Catalog& catalog,
                     const std::string& host) {
  for (const masa::v1::Tenant& tenant : catalog.tenants()) {
    if (host.empty() && tenant.is_default()) {
      return tenant.tenant_id();
    }
    for (const std::string& name : tenant.host_names()) {
      if (name == host) {
        return tenant.tenant_id();
      }
    }
  }
  return "";
}

}  // namespace

void CountRefusals::Count(const std::string& host, const absl::Status& status) {
  if (!IsRefusal(status)) {
    return;
  }
  MutexLock lock(mutex_);
  const bool is_told_apart =
      hosts_.size() < kMostHosts || hosts_.contains(host);
  ++hosts_[is_told_apart ? host : kOtherHosts][ReasonOf(status)];
}

void CountRefusals::CountAgain(const std::map<std::string, Counts>& hosts) {
  MutexLock lock(mutex_);
  for (const auto& [host, counts] : hosts) {
    for (const auto& [reason, count] : counts) {
      hosts_[host][reason] += count;
    }
  }
}

void CountRefusals::RequestVouchers(std::vector<PendingCall> calls) {
  for (PendingCall& one : calls) {
    one.respond = [this, host = one.call.host,
                   respond = std::move(one.respond)](
                      absl::StatusOr<RegistrarAnswer> answer) {
      Count(host, answer.status());
      respond(std::move(answer));
    };
  }
  desk_.RequestVouchers(std::move(calls));
}

absl::StatusOr<RegistrarAnswer> CountRefusals::RequestAuditLog(
    const RegistrarCall& call) {
  auto answer = desk_.RequestAuditLog(call);
  Count(call.host, answer.status());
  return answer;
}

absl::Status CountRefusals::Write(const RequestContext& context,
                                  storage::AuditSequence& sequence,
                                  const masa::v1::Catalog& catalog) {
  const absl::Time until = clock_.Now();
  std::map<std::string, Counts> hosts;
  absl::Time from;
  {
    MutexLock lock(mutex_);
    hosts.swap(hosts_);
    from = std::exchange(since_, until);
  }
  // By tenant: what its hosts refused.
  std::map<std::string, std::map<std::string, Counts>> tenants;
  for (auto& [host, counts] : hosts) {
    tenants[TenantOf(catalog, host)][host] = std::move(counts);
  }
  absl::Status failed;
  for (const auto& [tenant_id, of_hosts] : tenants) {
    Counts sum;
    for (const auto& [host, counts] : of_hosts) {
      for (const auto& [reason, count] : counts) {
        sum[reason] += count;
      }
    }
    storage::AuditEvent event;
    event.event_id = storage::NewEventId(until);
    event.tenant_id = tenant_id;
    event.kind = kRequestsRefused;
    event.at = until;
    event.payload = PayloadOf(sum, from, until);
    const absl::Status written = sequence.WriteEvent(context, event);
    if (!written.ok()) {
      CountAgain(of_hosts);
      failed.Update(written);
    }
  }
  return failed;
}

}  // namespace masa::issuance
