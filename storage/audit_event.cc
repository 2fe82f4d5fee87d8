#include "storage/audit_event.h"

#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "openssl/rand.h"
#include "storage/event_json.h"

namespace masa::storage {
namespace {

using google::protobuf::Struct;

std::string Json(const Struct& fields) {
  std::string json;
  // Cannot fail: the fields are strings and whole numbers, set below.
  (void)google::protobuf::util::MessageToJsonString(fields, &json);
  return json;
}

void Put(Struct& fields, const char* name, const std::string& value) {
  (*fields.mutable_fields())[name].set_string_value(value);
}

std::string Hex(const std::string& octets) {
  return absl::BytesToHexString(octets);
}

// Members in the order of their names: each with its value in JSON.
using Members = std::vector<std::pair<absl::string_view, std::string>>;

Members MembersWithoutCertificate(const Device& device) {
  Members members;
  if (device.deleted_at) {
    members.emplace_back("deleted", "true");
  }
  members.emplace_back("group_id", JsonText(device.group_id));
  if (device.idevid_issuer.has_value()) {
    members.emplace_back("idevid_issuer", JsonText(Hex(*device.idevid_issuer)));
  }
  if (!device.model.empty()) {
    members.emplace_back("model", JsonText(device.model));
  }
  members.emplace_back("organization_id", JsonText(device.organization_id));
  members.emplace_back("product_id", JsonText(device.product_id));
  members.emplace_back("serial_number", JsonText(device.serial_number));
  members.emplace_back("state", absl::StrCat(static_cast<int>(device.state)));
  members.emplace_back("version", absl::StrCat(device.version));
  return members;
}

// Where its name has its place.
void Insert(Members& members, absl::string_view name, std::string value) {
  const auto place = std::find_if(
      members.begin(), members.end(),
      [name](const Members::value_type& one) { return one.first > name; });
  members.emplace(place, name, std::move(value));
}

Members MembersOf(const Device& device) {
  Members members = MembersWithoutCertificate(device);
  Insert(members, "idevid_cert_der",
         JsonText(absl::Base64Escape(device.idevid_cert_der)));
  return members;
}

std::string ObjectOf(const Members& members) {
  EventJson json;
  for (const auto& [name, value] : members) {
    json.AddValue(name, value);
  }
  return json.Finish();
}

// What of `before` is otherwise now. Who had the device, and where, is not
// told to the next owner, who sees the event.
std::string WhatWas(const Device& before, const Device& now) {
  const bool is_anothers = before.organization_id != now.organization_id;
  const Members present = MembersOf(now);
  Members was = MembersOf(before);
  std::erase_if(was, [&](const Members::value_type& member) {
    return std::find(present.begin(), present.end(), member) != present.end() ||
           (is_anothers &&
            (member.first == "organization_id" || member.first == "group_id"));
  });
  return ObjectOf(was);
}

std::string DescribeChange(const Device* before, const Device& device) {
  Members members = MembersOf(device);
  if (before != nullptr) {
    Insert(members, "before", WhatWas(*before, device));
    // The order itself is for operators alone; customers see the event.
    if (!before->details.sales_order.empty() &&
        device.details.sales_order.empty()) {
      Insert(members, "sales_order_cleared", "true");
    }
  }
  return ObjectOf(members);
}

void Name(Struct& fields, const char* list, const std::string& tenant_id,
          const std::string& id) {
  auto* names = (*fields.mutable_fields())[list].mutable_list_value();
  names->add_values()->set_string_value(id.empty() ? tenant_id
                                                   : tenant_id + "/" + id);
}

}  // namespace

std::string DescribeWithoutCertificate(const Device& device) {
  return ObjectOf(MembersWithoutCertificate(device));
}

std::string NewEventId(absl::Time at) {
  uint8_t id[16];
  RAND_bytes(id, sizeof(id));
  const auto millis = static_cast<uint64_t>(absl::ToUnixMillis(at));
  for (int i = 0; i < 6; ++i) {
    id[i] = static_cast<uint8_t>(millis >> (40 - 8 * i));
  }
  // RFC 9562 section 5.7: version 7, variant 10.
  id[6] = static_cast<uint8_t>((id[6] & 0x0f) | 0x70);
  id[8] = static_cast<uint8_t>((id[8] & 0x3f) | 0x80);
  return std::string(reinterpret_cast<const char*>(id), sizeof(id));
}

AuditEvent DeviceEvent(const char* kind, const Device* before,
                       const Device& device, const std::string& actor,
                       absl::Time at, const std::string& request_id) {
  AuditEvent event;
  event.bucket = device.bucket;
  event.event_id = NewEventId(at);
  event.device_id = device.device_id;
  event.tenant_id = device.tenant_id;
  event.kind = kind;
  event.at = at;
  event.actor = actor;
  event.request_id = request_id;
  event.payload = DescribeChange(before, device);
  return event;
}

AuditEvent ClaimEvent(const char* kind, const Claim& claim,
                      const std::string& actor, absl::Time at,
                      const std::string& request_id) {
  Struct fields;
  Put(fields, "claim_id", Hex(claim.claim_id));
  Put(fields, "domain_id", Hex(claim.domain_id));
  AuditEvent event;
  event.bucket = claim.bucket;
  event.event_id = NewEventId(at);
  event.device_id = claim.device_id;
  event.tenant_id = claim.tenant_id;
  event.kind = kind;
  event.at = at;
  event.actor = actor;
  event.request_id = request_id;
  event.payload = Json(fields);
  return event;
}

AuditEvent CatalogEvent(const masa::v1::Catalog& catalog,
                        const std::string& actor, absl::Time at,
                        const std::string& request_id) {
  Struct fields;
  for (const auto& tenant : catalog.tenants()) {
    Name(fields, "tenants", tenant.tenant_id(), "");
  }
  for (const auto& product : catalog.products()) {
    Name(fields, "products", product.tenant_id(), product.product_id());
  }
  for (const auto& organization : catalog.organizations()) {
    Name(fields, "organizations", organization.tenant_id(),
         organization.organization_id());
  }
  for (const auto& cert : catalog.domain_certs()) {
    Name(fields, "domain_certs", cert.tenant_id(),
         cert.organization_id() + "/" + cert.cert_id());
  }
  for (const auto& binding : catalog.access_bindings()) {
    Name(fields, "access_bindings", binding.tenant_id(),
         binding.organization_id() + "/" + binding.group_id());
  }
  for (const auto& domain : catalog.blocked_domains()) {
    Name(fields, domain.lifted() ? "lifted_domains" : "blocked_domains",
         domain.tenant_id(), absl::BytesToHexString(domain.spki_sha256()));
  }
  AuditEvent event;
  event.event_id = NewEventId(at);
  event.kind = kCatalogApplied;
  event.at = at;
  event.actor = actor;
  event.request_id = request_id;
  event.payload = Json(fields);
  return event;
}

}  // namespace masa::storage
