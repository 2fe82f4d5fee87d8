#include "services/authority/convert.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "services/authority/group_calls.h"
#include "services/status/field_faults.h"
#include "services/status/macros.h"
#include "services/status/reason.h"
#include "services/wire/certificate.h"
#include "services/wire/x509_write.h"
#include "storage/record_checks.h"

namespace masa::authority {
namespace {

constexpr size_t kLongestText = 255;
constexpr size_t kLongestDer = 16'384;
// Of protobuf's Timestamp, in seconds since 1970.
constexpr int64_t kFirstSecond = -62'135'596'800;
constexpr int64_t kLastSecond = 253'402'300'799;

absl::Status Invalid(absl::string_view field, absl::string_view what) {
  return RefuseFields(Reason::kInvalidArgument,
                      {{std::string(field), std::string(what)}});
}

// Structure alone, whatever the key is of: TPMs have kinds that nothing here
// computes with.
bool IsSpki(const std::string& der) {
  const absl::string_view bits = wire::KeyBitsOf(der);
  return !bits.empty() && bits.data() + bits.size() == der.data() + der.size();
}

void CheckCertificates(const masa::v1::Device& device, FieldChecker* check) {
  const auto check_certificate = [&](const char* field,
                                     const std::string& der) {
    if (!der.empty() && !wire::Certificate::Parse(der).ok()) {
      check->Fault(field, "is not one X.509 certificate in DER");
    }
  };
  const auto check_key = [&](const char* field, const std::string& der) {
    if (!der.empty() && !IsSpki(der)) {
      check->Fault(field, "is no SubjectPublicKeyInfo in DER");
    }
  };
  check_certificate("idevid_cert_der", device.idevid_cert_der());
  check_key("ek_public_key_der", device.ek_public_key_der());
  check_certificate("ek_cert_der", device.ek_cert_der());
  check_key("ppk_public_key_der", device.ppk_public_key_der());
}

void CheckLabels(const masa::v1::Device& device, FieldChecker* check) {
  for (const auto& [key, value] : device.labels()) {
    CheckText("labels", key, kLongestText, check);
    CheckText("labels", value, kLongestText, check);
  }
}

void CheckTexts(const masa::v1::Device& device, FieldChecker* check) {
  const std::pair<const char*, const std::string&> texts[] = {
      {"serial_number", device.serial_number()},
      {"product_id", device.product_id()},
      {"organization_id", device.organization_id()},
      {"model", device.model()},
      {"mac_addr", device.mac_addr()},
      {"hw_version", device.hw_version()},
      {"sales_order", device.sales_order()},
  };
  for (const auto& [name, text] : texts) {
    CheckText(name, text, kLongestText, check);
  }
  if (storage::IsStorableText(device.serial_number()) &&
      storage::HasControlCharacter(device.serial_number())) {
    check->Fault("serial_number",
                 "has a control character, which no voucher may name");
  }
}

// What the store could not keep or nobody could read, field by field.
absl::Status CheckSizes(const masa::v1::Device& device) {
  FieldChecker check;
  CheckTexts(device, &check);
  const struct {
    const char* name;
    const std::string& value;
    size_t longest;
  } octets[] = {
      {"idevid_issuer_ski", device.idevid_issuer_ski(), kLongestText},
      {"idevid_cert_der", device.idevid_cert_der(), kLongestDer},
      {"ek_public_key_der", device.ek_public_key_der(), kLongestDer},
      {"ek_cert_der", device.ek_cert_der(), kLongestDer},
      {"ppk_public_key_der", device.ppk_public_key_der(), kLongestDer},
  };
  bool fits = true;
  for (const auto& field : octets) {
    if (field.value.size() > field.longest) {
      fits = false;
      check.Fault(field.name,
                  absl::StrCat("is over ", field.longest, " octets"));
    }
  }
  if (fits) {
    CheckCertificates(device, &check);
  }
  CheckLabels(device, &check);
  if (!masa::v1::DeviceState_IsValid(device.state())) {
    check.Fault("state", "is none");
  }
  return check.Finish();
}

}  // namespace

void CheckText(absl::string_view field, const std::string& text, size_t longest,
               FieldChecker* check) {
  if (text.size() > longest) {
    check->Fault(std::string(field),
                 absl::StrCat("is over ", longest, " octets"));
  } else if (text.find('\0') != std::string::npos) {
    check->Fault(std::string(field), "has a zero octet");
  }
}

void CheckIsNoTransfer(masa::v1::DeviceState state, FieldChecker* check) {
  if (state == masa::v1::DEVICE_STATE_IN_TRANSFER) {
    check->Fault("state",
                 "is IN_TRANSFER, which only an offer makes a device; see "
                 "TransferService");
  }
}

absl::Status UnderField(const absl::Status& status, const std::string& field) {
  std::vector<FieldFault> faults = FieldFaultsOf(status);
  if (status.ok() || faults.empty()) {
    return AtField(status, field);
  }
  for (FieldFault& fault : faults) {
    fault.field = absl::StrCat(field, ".", fault.field);
  }
  return RefuseFields(ReasonOf(status), faults);
}

absl::Status FieldsUnder(const absl::Status& status, const std::string& field) {
  return FieldFaultsOf(status).empty() ? status : UnderField(status, field);
}

absl::Time TimeOf(const google::protobuf::Timestamp& timestamp) {
  return absl::FromUnixSeconds(timestamp.seconds()) +
         absl::Nanoseconds(timestamp.nanos());
}

absl::StatusOr<absl::Time> MomentOf(
    absl::string_view field, const google::protobuf::Timestamp& timestamp) {
  constexpr int kNanos = 1'000'000'000;
  if (timestamp.seconds() < kFirstSecond || timestamp.seconds() > kLastSecond ||
      timestamp.nanos() < 0 || timestamp.nanos() >= kNanos) {
    return Invalid(field, "is no time");
  }
  return absl::FromUnixMicros(absl::ToUnixMicros(TimeOf(timestamp)));
}

google::protobuf::Timestamp TimestampOf(absl::Time any) {
  const absl::Time time = std::clamp(any, absl::FromUnixSeconds(kFirstSecond),
                                     absl::FromUnixSeconds(kLastSecond));
  google::protobuf::Timestamp timestamp;
  timestamp.set_seconds(absl::ToUnixSeconds(time));
  timestamp.set_nanos(static_cast<int>(absl::ToInt64Nanoseconds(
      time - absl::FromUnixSeconds(timestamp.seconds()))));
  return timestamp;
}

absl::StatusOr<storage::DeviceKey> KeyOf(const masa::v1::DeviceKey& key) {
  if (key.serial_number().empty()) {
    return Invalid("serial_number", "is needed");
  }
  storage::DeviceKey ours;
  ours.serial_number = key.serial_number();
  ours.ien = key.ien();
  if (!key.idevid_issuer_ski().empty()) {
    ours.idevid_issuer = key.idevid_issuer_ski();
  }
  return ours;
}

absl::StatusOr<storage::Device> DeviceOf(const masa::v1::Device& device) {
  FieldChecker check;
  check.Need("serial_number", !device.serial_number().empty());
  check.Need("product_id", !device.product_id().empty());
  CheckIsNoTransfer(device.state(), &check);
  MASA_RETURN_IF_ERROR(check.Finish());
  return FieldsOf(device);
}

absl::StatusOr<storage::Device> FieldsOf(const masa::v1::Device& device) {
  MASA_RETURN_IF_ERROR(CheckSizes(device));
  storage::Device ours;
  ours.serial_number = device.serial_number();
  if (!device.idevid_issuer_ski().empty()) {
    ours.idevid_issuer = device.idevid_issuer_ski();
  }
  ours.product_id = device.product_id();
  ours.organization_id = device.organization_id();
  if (device.state() != masa::v1::DEVICE_STATE_UNSPECIFIED) {
    ours.state = static_cast<storage::DeviceState>(device.state());
  }
  ours.idevid_cert_der = device.idevid_cert_der();
  ours.model = device.model();
  ours.mac_addr = device.mac_addr();
  ours.ek_public_key_der = device.ek_public_key_der();
  ours.labels.insert(device.labels().begin(), device.labels().end());
  ours.details.hw_version = device.hw_version();
  ours.details.ek_cert_der = device.ek_cert_der();
  ours.details.ppk_public_key_der = device.ppk_public_key_der();
  ours.details.sales_order = device.sales_order();
  if (device.has_manufactured_at()) {
    MASA_ASSIGN_OR_RETURN(
        ours.details.manufactured_at,
        MomentOf("manufactured_at", device.manufactured_at()));
  }
  if (device.has_shipped_at()) {
    MASA_ASSIGN_OR_RETURN(ours.details.shipped_at,
                          MomentOf("shipped_at", device.shipped_at()));
  }
  return ours;
}

masa::v1::Device BasicOf(const storage::Device& device,
                         const identity::Principal& caller) {
  masa::v1::Device message;
  message.set_serial_number(device.serial_number);
  message.set_idevid_issuer_ski(device.idevid_issuer.value_or(""));
  message.set_product_id(device.product_id);
  message.set_organization_id(device.organization_id);
  message.set_group_id(device.group_id);
  message.set_state(static_cast<masa::v1::DeviceState>(device.state));
  message.set_model(device.model);
  message.set_mac_addr(device.mac_addr);
  message.mutable_labels()->insert(device.labels.begin(), device.labels.end());
  message.set_device_id(device.device_id);
  message.set_version(device.version);
  message.set_etag(EtagOf(device.version));
  message.set_hw_version(device.details.hw_version);
  if (caller.role == identity::Role::kOperator) {
    message.set_sales_order(device.details.sales_order);
  }
  if (device.details.manufactured_at) {
    *message.mutable_manufactured_at() =
        TimestampOf(*device.details.manufactured_at);
  }
  if (device.details.shipped_at) {
    *message.mutable_shipped_at() = TimestampOf(*device.details.shipped_at);
  }
  if (device.created_at) {
    *message.mutable_create_time() = TimestampOf(*device.created_at);
  }
  if (device.updated_at) {
    *message.mutable_update_time() = TimestampOf(*device.updated_at);
  }
  if (device.deleted_at) {
    *message.mutable_delete_time() = TimestampOf(*device.deleted_at);
  }
  return message;
}

masa::v1::Device MessageOf(const storage::Device& device,
                           const identity::Principal& caller) {
  masa::v1::Device message = BasicOf(device, caller);
  message.set_idevid_cert_der(device.idevid_cert_der);
  message.set_ek_public_key_der(device.ek_public_key_der);
  message.set_ek_cert_der(device.details.ek_cert_der);
  message.set_ppk_public_key_der(device.details.ppk_public_key_der);
  return message;
}

masa::v1::ItemOutcome OutcomeOf(const absl::Status& status,
                                rpc::ItemFaults& faults) {
  faults.See(status);
  masa::v1::ItemOutcome outcome;
  if (!status.ok()) {
    outcome.set_reason(std::string(InfoOf(ReasonOf(status)).name));
    outcome.set_message(PublicMessage(status));
  }
  return outcome;
}

}  // namespace masa::authority
