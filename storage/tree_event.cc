#include "storage/tree_event.h"

#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <map>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "openssl/sha.h"
#include "storage/record_checks.h"

namespace masa::storage {
namespace {

using google::protobuf::Struct;

void Put(Struct& fields, const char* name, const std::string& value) {
  (*fields.mutable_fields())[name].set_string_value(value);
}

void Append(Struct& fields, const char* list, const std::string& value) {
  (*fields.mutable_fields())[list]
      .mutable_list_value()
      ->add_values()
      ->set_string_value(value);
}

void AppendBinding(Struct& fields, const char* list, const std::string& tenant,
                   const Binding& binding) {
  Append(
      fields, list,
      absl::StrCat(binding.group_id, "/", AccountHash(tenant, binding.account),
                   "/", static_cast<int>(binding.role)));
}

std::string KeyOf(const std::string& certificate_der) {
  const auto key = SpkiSha256Of(certificate_der);
  return key.ok() ? absl::BytesToHexString(*key) : std::string();
}

// Of certificates, their keys: what devices will trust. Descriptions are the
// customer's own words and stand beside the log.
void AppendRecords(Struct& fields, const std::string& tenant,
                   const TreeRecords& records) {
  for (const Group& group : records.groups) {
    Append(fields, "groups",
           absl::StrCat(group.parent_id, "/", group.group_id));
  }
  for (const Binding& binding : records.bindings) {
    AppendBinding(fields, "bindings", tenant, binding);
  }
  for (const GroupCert& cert : records.certs) {
    Append(fields, "domain_certs",
           absl::StrCat(cert.group_id, "/", cert.cert_id, "/",
                        KeyOf(cert.certificate_der)));
  }
  for (const Onboarding& record : records.onboardings) {
    Append(fields, "onboardings",
           record.registrar_url.empty()
               ? absl::StrCat(record.group_id, "/est/",
                              KeyOf(record.est_certificate_der), "/",
                              record.est_domain)
               : absl::StrCat(record.group_id, "/registrar/",
                              record.registrar_url));
  }
}

void AppendNames(Struct& fields, const char* list,
                 const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    Append(fields, list, name);
  }
}

std::string Describe(const TreeChange& change) {
  Struct fields;
  Put(fields, "organization_id", change.organization_id);
  AppendRecords(
      fields, change.tenant_id,
      {change.groups, change.bindings, change.certs, change.onboardings});
  AppendNames(fields, "removed_groups", change.removed_groups);
  AppendNames(fields, "removed_domain_certs", change.removed_certs);
  AppendNames(fields, "removed_onboardings", change.removed_onboardings);
  for (const Binding& binding : change.removed_bindings) {
    AppendBinding(fields, "removed_bindings", change.tenant_id, binding);
  }
  for (const Delegation& one : change.delegations) {
    Append(fields, "delegations",
           absl::StrCat(one.group_id, "/", one.organization_id));
  }
  for (const Delegation& one : change.removed_delegations) {
    Append(fields, "removed_delegations",
           absl::StrCat(one.group_id, "/", one.organization_id));
  }
  Struct before;
  AppendRecords(before, change.tenant_id, change.before);
  if (before.fields_size() > 0) {
    *(*fields.mutable_fields())["before"].mutable_struct_value() = before;
  }
  std::string json;
  // Cannot fail: the fields are strings that were checked to be UTF-8.
  (void)google::protobuf::util::MessageToJsonString(fields, &json);
  return json;
}

// Adds what `stored` has of this id.
template <typename Record>
void Take(const std::map<std::string, Record>& stored, const std::string& id,
          std::vector<Record>* taken) {
  if (const auto found = stored.find(id); found != stored.end()) {
    taken->push_back(found->second);
  }
}

bool Touches(const std::vector<Binding>& bindings, const Binding& stored) {
  return std::any_of(
      bindings.begin(), bindings.end(), [&stored](const Binding& one) {
        return one.group_id == stored.group_id && one.account == stored.account;
      });
}

}  // namespace

std::string AccountHash(const std::string& tenant_id, const Account& account) {
  constexpr size_t kOctets = 16;
  const std::string text =
      absl::StrCat(tenant_id, std::string(1, '\0'), account.organization_id,
                   std::string(1, '\0'), static_cast<int>(account.type),
                   std::string(1, '\0'), account.username);
  uint8_t digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const uint8_t*>(text.data()), text.size(), digest);
  return absl::BytesToHexString(
      absl::string_view(reinterpret_cast<const char*>(digest), kOctets));
}

TreeRecords RecordsBefore(const OrganizationTree& tree,
                          const TreeChange& change) {
  TreeRecords was;
  for (const Group& group : change.groups) {
    Take(tree.groups, group.group_id, &was.groups);
  }
  for (const std::string& id : change.removed_groups) {
    Take(tree.groups, id, &was.groups);
  }
  for (const Binding& stored : tree.bindings) {
    if (Touches(change.bindings, stored) ||
        Touches(change.removed_bindings, stored)) {
      was.bindings.push_back(stored);
    }
  }
  for (const GroupCert& cert : change.certs) {
    Take(tree.certs, cert.cert_id, &was.certs);
  }
  for (const std::string& id : change.removed_certs) {
    Take(tree.certs, id, &was.certs);
  }
  for (const Onboarding& record : change.onboardings) {
    Take(tree.onboardings, record.group_id, &was.onboardings);
  }
  for (const std::string& id : change.removed_onboardings) {
    Take(tree.onboardings, id, &was.onboardings);
  }
  return was;
}

AuditEvent TreeEvent(const TreeChange& change, const std::string& actor,
                     absl::Time at, const std::string& request_id) {
  AuditEvent event;
  event.event_id = NewEventId(at);
  event.tenant_id = change.tenant_id;
  event.kind = change.kind;
  event.at = at;
  event.actor = actor;
  event.request_id = request_id;
  event.payload = Describe(change);
  return event;
}

}  // namespace masa::storage
