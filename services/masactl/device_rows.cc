#include "services/masactl/device_rows.h"

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "services/status/macros.h"

namespace masa::masactl {
namespace {

constexpr const char* kKnown[] = {
    "serial_number", "product",       "organization",
    "idevid_issuer", "idevid_cert",   "model",
    "mac_addr",      "ek_public_key", "labels"};

absl::Status Wrong(const std::string& column, absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat(column, ": ", what));
}

bool IsHex(const std::string& text) {
  return text.size() % 2 == 0 &&
         std::all_of(text.begin(), text.end(),
                     [](unsigned char c) { return std::isxdigit(c) != 0; });
}

// name=value;name=value
absl::Status ReadLabels(const std::string& text, masa::v1::Device* device) {
  for (const absl::string_view pair :
       absl::StrSplit(text, ';', absl::SkipEmpty())) {
    const std::pair<std::string, std::string> label =
        absl::StrSplit(pair, absl::MaxSplits('=', 1));
    if (label.first.empty() || pair.find('=') == absl::string_view::npos) {
      return Wrong("labels", "not name=value;name=value");
    }
    (*device->mutable_labels())[label.first] = label.second;
  }
  return absl::OkStatus();
}

absl::Status ReadBase64(const std::string& column, const std::string& text,
                        std::string* octets) {
  return absl::Base64Unescape(text, octets) ? absl::OkStatus()
                                            : Wrong(column, "not base64");
}

absl::Status ReadField(const std::string& column, const std::string& text,
                       masa::v1::Device* device) {
  if (column == "serial_number") {
    device->set_serial_number(text);
  } else if (column == "product") {
    device->set_product_id(text);
  } else if (column == "organization") {
    device->set_organization_id(text);
  } else if (column == "model") {
    device->set_model(text);
  } else if (column == "mac_addr") {
    device->set_mac_addr(text);
  } else if (column == "idevid_issuer") {
    if (!IsHex(text)) {
      return Wrong(column, "not hexadecimal");
    }
    device->set_idevid_issuer_ski(absl::HexStringToBytes(text));
  } else if (column == "idevid_cert") {
    return ReadBase64(column, text, device->mutable_idevid_cert_der());
  } else if (column == "ek_public_key") {
    return ReadBase64(column, text, device->mutable_ek_public_key_der());
  } else {
    return ReadLabels(text, device);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<DeviceColumns> DeviceColumns::Create(
    const std::vector<std::string>& header) {
  DeviceColumns columns;
  for (const std::string& name : header) {
    if (std::find(std::begin(kKnown), std::end(kKnown), name) ==
        std::end(kKnown)) {
      return Wrong(name, "there is no such column");
    }
    if (std::count(header.begin(), header.end(), name) > 1) {
      return Wrong(name, "the column is there twice");
    }
    columns.names_.push_back(name);
  }
  for (const char* needed : {"serial_number", "product"}) {
    if (std::count(header.begin(), header.end(), needed) == 0) {
      return Wrong(needed, "the column is needed");
    }
  }
  return columns;
}

absl::StatusOr<masa::v1::Device> DeviceColumns::Read(
    const std::vector<std::string>& fields) const {
  if (fields.size() != names_.size()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "has ", fields.size(), " fields, the header has ", names_.size()));
  }
  masa::v1::Device device;
  for (size_t i = 0; i < fields.size(); ++i) {
    MASA_RETURN_IF_ERROR(ReadField(names_[i], fields[i], &device));
  }
  if (device.serial_number().empty() || device.product_id().empty()) {
    return absl::InvalidArgumentError("serial_number or product is empty");
  }
  return device;
}

}  // namespace masa::masactl
