#include "storage/catalog_changes.h"

#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>
#include <google/protobuf/util/message_differencer.h>

#include <algorithm>
#include <string>

#include "services/status/reason.h"

namespace masa::storage {
namespace {

using google::protobuf::Struct;
using google::protobuf::util::JsonStringToMessage;
using google::protobuf::util::MessageDifferencer;
using google::protobuf::util::MessageToJsonString;

// A record as JSON in JSON. Cannot fail: it was checked to be UTF-8.
Struct ObjectOf(const google::protobuf::Message& record) {
  std::string json;
  Struct object;
  (void)MessageToJsonString(record, &json);
  (void)JsonStringToMessage(json, &object);
  return object;
}

Struct ObjectOf(const masa::v1::Organization& record) {
  masa::v1::Organization kept;
  kept.set_registrar_authentication(record.registrar_authentication());
  kept.set_nonceless_without_expiry(record.nonceless_without_expiry());
  const google::protobuf::Message& message = kept;
  Struct object = ObjectOf(message);
  (*object.mutable_fields())["basicCredentials"].set_number_value(
      record.basic_credentials_size());
  return object;
}

template <typename Record>
void AddChange(const std::string& name, const Record* before,
               const Record& after, Struct* payload) {
  Struct& change = *(*payload->mutable_fields())["changes"]
                        .mutable_list_value()
                        ->add_values()
                        ->mutable_struct_value();
  auto& fields = *change.mutable_fields();
  fields["record"].set_string_value(name);
  if (before != nullptr) {
    *fields["before"].mutable_struct_value() = ObjectOf(*before);
  }
  *fields["after"].mutable_struct_value() = ObjectOf(after);
}

// The one of `records` for which `is` holds.
template <typename Records, typename Is>
auto FindIn(const Records& records, const Is& is) -> const
    typename Records::value_type* {
  const auto found = std::find_if(records.begin(), records.end(), is);
  return found == records.end() ? nullptr : &*found;
}

const masa::v1::Tenant* SameIn(const masa::v1::Catalog& catalog,
                               const masa::v1::Tenant& tenant) {
  return FindIn(catalog.tenants(), [&tenant](const masa::v1::Tenant& one) {
    return one.tenant_id() == tenant.tenant_id();
  });
}

const masa::v1::Product* SameIn(const masa::v1::Catalog& catalog,
                                const masa::v1::Product& product) {
  return FindIn(catalog.products(), [&product](const masa::v1::Product& one) {
    return one.tenant_id() == product.tenant_id() &&
           one.product_id() == product.product_id();
  });
}

const masa::v1::Organization* SameIn(const masa::v1::Catalog& catalog,
                                     const masa::v1::Organization& customer) {
  return FindIn(catalog.organizations(),
                [&customer](const masa::v1::Organization& one) {
                  return one.tenant_id() == customer.tenant_id() &&
                         one.organization_id() == customer.organization_id();
                });
}

// Whether each of `records` is in `catalog` as it is.
template <typename Records>
bool AreIn(const masa::v1::Catalog& catalog, const Records& records) {
  return std::all_of(
      records.begin(), records.end(), [&catalog](const auto& record) {
        const auto* same = SameIn(catalog, record);
        return same != nullptr && MessageDifferencer::Equals(*same, record);
      });
}

}  // namespace

void AddBeforeAndAfter(const masa::v1::Catalog& before,
                       const masa::v1::Catalog& after, AuditEvent* event) {
  Struct payload;
  (void)JsonStringToMessage(event->payload, &payload);
  for (const masa::v1::Tenant& tenant : after.tenants()) {
    AddChange("tenants/" + tenant.tenant_id(), SameIn(before, tenant), tenant,
              &payload);
  }
  for (const masa::v1::Product& product : after.products()) {
    AddChange("products/" + product.tenant_id() + "/" + product.product_id(),
              SameIn(before, product), product, &payload);
  }
  for (const masa::v1::Organization& customer : after.organizations()) {
    AddChange("organizations/" + customer.tenant_id() + "/" +
                  customer.organization_id(),
              SameIn(before, customer), customer, &payload);
  }
  event->payload.clear();
  (void)MessageToJsonString(payload, &event->payload);
}

absl::Status CheckIsAsRead(const masa::v1::Catalog& before,
                           const masa::v1::Catalog& read) {
  return AreIn(before, read.tenants()) && AreIn(before, read.products()) &&
                 AreIn(before, read.organizations())
             ? absl::OkStatus()
             : Refuse(Reason::kStoreConflict,
                      "the record was changed meanwhile; read it again");
}

}  // namespace masa::storage
