#include "services/masactl/device_rows.h"

#include <algorithm>
#include <map>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "services/masactl/csv.h"
#include "services/masactl/phrases.h"
#include "services/masactl/shown.h"
#include "services/status/macros.h"
#include "services/wire/utf8.h"

namespace masa::masactl {
namespace {

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

absl::Status ReadTime(const std::string& column, const std::string& text,
                      google::protobuf::Timestamp* timestamp) {
  absl::Time time;
  std::string error;
  if (!absl::ParseTime(absl::RFC3339_full, text, &time, &error)) {
    return Wrong(column, "not a time like 2026-01-31T12:00:00Z");
  }
  timestamp->set_seconds(absl::ToUnixSeconds(time));
  timestamp->set_nanos(static_cast<int>(absl::ToInt64Nanoseconds(
      time - absl::FromUnixSeconds(timestamp->seconds()))));
  return absl::OkStatus();
}

std::string TimeText(bool is_there,
                     const google::protobuf::Timestamp& timestamp) {
  return is_there
             ? absl::FormatTime("%Y-%m-%dT%H:%M:%E*SZ",
                                absl::FromUnixSeconds(timestamp.seconds()) +
                                    absl::Nanoseconds(timestamp.nanos()),
                                absl::UTCTimeZone())
             : "";
}

absl::Status ReadHex(const std::string& column, const std::string& text,
                     std::string* octets) {
  if (!IsHex(text)) {
    return Wrong(column, "not hexadecimal");
  }
  *octets = absl::HexStringToBytes(text);
  return absl::OkStatus();
}

constexpr absl::string_view kStatePrefix = "DEVICE_STATE_";

absl::Status ReadState(const std::string& text, masa::v1::Device* device) {
  masa::v1::DeviceState state = masa::v1::DEVICE_STATE_UNSPECIFIED;
  if (!text.empty() &&
      !masa::v1::DeviceState_Parse(absl::StrCat(kStatePrefix, text), &state)) {
    return Wrong("state", "there is no such state");
  }
  device->set_state(state);
  return absl::OkStatus();
}

// What stands in a column, and where it comes from.
struct Column {
  const char* name;
  const char* updatable;  // as what an update names it; null: it does not
  absl::Status (*read)(const std::string& text, masa::v1::Device* device);
  std::string (*write)(const masa::v1::Device& device);
};

#define MASA_TEXT_COLUMN(name, field, updatable)                      \
  {                                                                   \
    name, updatable,                                                  \
        [](const std::string& text, masa::v1::Device* device) {       \
          device->set_##field(text);                                  \
          return absl::OkStatus();                                    \
        },                                                            \
        [](const masa::v1::Device& device) { return device.field(); } \
  }
#define MASA_DER_COLUMN(name, field)                                \
  {                                                                 \
    name, #field,                                                   \
        [](const std::string& text, masa::v1::Device* device) {     \
          return ReadBase64(name, text, device->mutable_##field()); \
        },                                                          \
        [](const masa::v1::Device& device) {                        \
          return absl::Base64Escape(device.field());                \
        }                                                           \
  }
#define MASA_TIME_COLUMN(field)                                          \
  {                                                                      \
#field, #field,                                                        \
        [](const std::string& text, masa::v1::Device* device) {            \
          return text.empty() ? absl::OkStatus()                           \
                              : ReadTime(#field, text,                     \
                                         device->mutable_##field());       \
        },                                                                 \
        [](const masa::v1::Device& device) {                               \
          return TimeText(device.has_##field(), device.field());           \
        } \
  }

const Column kColumns[] = {
    MASA_TEXT_COLUMN("serial_number", serial_number, nullptr),
    MASA_TEXT_COLUMN("product", product_id, "product_id"),
    MASA_TEXT_COLUMN("organization", organization_id, nullptr),
    {"idevid_issuer", nullptr,
     [](const std::string& text, masa::v1::Device* device) {
       return ReadHex("idevid_issuer", text,
                      device->mutable_idevid_issuer_ski());
     },
     [](const masa::v1::Device& device) {
       return absl::BytesToHexString(device.idevid_issuer_ski());
     }},
    MASA_DER_COLUMN("idevid_cert", idevid_cert_der),
    MASA_TEXT_COLUMN("model", model, "model"),
    MASA_TEXT_COLUMN("mac_addr", mac_addr, "mac_addr"),
    MASA_DER_COLUMN("ek_public_key", ek_public_key_der),
    {"labels", "labels",
     [](const std::string& text, masa::v1::Device* device) {
       return ReadLabels(text, device);
     },
     [](const masa::v1::Device& device) {
       // Sorted, so that an export of the same is the same.
       const std::map<std::string, std::string> labels(device.labels().begin(),
                                                       device.labels().end());
       return absl::StrJoin(labels, ";", absl::PairFormatter("="));
     }},
    {"state", nullptr,
     [](const std::string& text, masa::v1::Device* device) {
       return ReadState(text, device);
     },
     [](const masa::v1::Device& device) {
       return masa::v1::DeviceState_Name(device.state())
           .substr(kStatePrefix.size());
     }},
    MASA_TEXT_COLUMN("hw_version", hw_version, "hw_version"),
    MASA_DER_COLUMN("ek_cert", ek_cert_der),
    MASA_DER_COLUMN("ppk_public_key", ppk_public_key_der),
    MASA_TIME_COLUMN(manufactured_at),
    MASA_TIME_COLUMN(shipped_at),
    MASA_TEXT_COLUMN("sales_order", sales_order, "sales_order"),
};

absl::Status NoSuchColumn(const std::string& name) {
  return Wrong(
      Shown(name),
      absl::StrCat("there is no such column; the columns are ", HeaderLine()));
}

// What spreadsheets write that is not taken is one column to this reader, or
// has NUL in it.
absl::Status CheckIsCsv(const std::vector<std::string>& header) {
  for (const std::string& name : header) {
    if (!wire::IsUtf8(name) || name.find('\0') != std::string::npos) {
      return absl::InvalidArgumentError(
          "the header line is not UTF-8; save the file as CSV in UTF-8");
    }
  }
  return header.size() == 1 &&
                 header[0].find_first_of(";\t|") != std::string::npos
             ? Wrong(Shown(header[0]),
                     "one column alone; separate the columns by commas")
             : absl::OkStatus();
}

const Column* ColumnNamed(const std::string& name) {
  for (const Column& column : kColumns) {
    if (name == column.name) {
      return &column;
    }
  }
  return nullptr;
}

}  // namespace

absl::Status ReadField(const std::string& column, const std::string& text,
                       masa::v1::Device* device) {
  const Column* known = ColumnNamed(column);
  return known == nullptr ? NoSuchColumn(column) : known->read(text, device);
}

std::string UpdatableField(const std::string& column) {
  const Column* known = ColumnNamed(column);
  return known == nullptr || known->updatable == nullptr ? ""
                                                         : known->updatable;
}

std::string UpdatableColumns() {
  std::vector<std::string> names;
  for (const Column& column : kColumns) {
    if (column.updatable != nullptr) {
      names.push_back(column.name);
    }
  }
  return absl::StrJoin(names, ", ");
}

std::string HeaderLine() {
  return absl::StrJoin(kColumns, ",", [](std::string* out, const Column& c) {
    absl::StrAppend(out, c.name);
  });
}

absl::StatusOr<std::string> LineOf(const masa::v1::Device& device) {
  for (const auto& [name, value] : device.labels()) {
    if (name.find_first_of("=;") != std::string::npos ||
        value.find(';') != std::string::npos) {
      return absl::InvalidArgumentError(
          absl::StrCat("the labels of ", Shown(device.serial_number()),
                       " have a ; or = that CSV cannot hold; use --json"));
    }
  }
  return absl::StrJoin(kColumns, ",", [&](std::string* out, const Column& c) {
    absl::StrAppend(out, CsvField(c.write(device)));
  });
}

absl::StatusOr<DeviceColumns> DeviceColumns::Create(
    const std::vector<std::string>& header) {
  DeviceColumns columns;
  MASA_RETURN_IF_ERROR(CheckIsCsv(header));
  for (const std::string& name : header) {
    if (ColumnNamed(name) == nullptr) {
      return NoSuchColumn(name);
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
    return absl::InvalidArgumentError(
        absl::StrCat("has ", Counted(fields.size(), "field", "fields"),
                     ", the header has ", names_.size()));
  }
  masa::v1::Device device;
  for (size_t i = 0; i < fields.size(); ++i) {
    if (!wire::IsUtf8(fields[i])) {
      return Wrong(
          names_[i],
          absl::StrCat("not UTF-8, as which the file has to be saved: ",
                       Shown(fields[i])));
    }
    MASA_RETURN_IF_ERROR(ReadField(names_[i], fields[i], &device));
  }
  if (device.serial_number().empty() || device.product_id().empty()) {
    return absl::InvalidArgumentError("serial_number or product is empty");
  }
  return device;
}

}  // namespace masa::masactl
