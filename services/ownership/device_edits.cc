#include "services/ownership/device_edits.h"

#include "services/ownership/device_states.h"
#include "services/status/macros.h"
#include "services/status/reason.h"

namespace masa::ownership {
namespace {

using storage::Device;

struct Field {
  const char* name;
  void (*copy)(Device& to, const Device& from);
};

constexpr Field kFields[] = {
    {"product_id",
     [](Device& to, const Device& from) { to.product_id = from.product_id; }},
    {"model", [](Device& to, const Device& from) { to.model = from.model; }},
    {"mac_addr",
     [](Device& to, const Device& from) { to.mac_addr = from.mac_addr; }},
    {"idevid_cert_der",
     [](Device& to, const Device& from) {
       to.idevid_cert_der = from.idevid_cert_der;
     }},
    {"ek_public_key_der",
     [](Device& to, const Device& from) {
       to.ek_public_key_der = from.ek_public_key_der;
     }},
    {"labels", [](Device& to, const Device& from) { to.labels = from.labels; }},
    {"hw_version",
     [](Device& to, const Device& from) {
       to.details.hw_version = from.details.hw_version;
     }},
    {"ek_cert_der",
     [](Device& to, const Device& from) {
       to.details.ek_cert_der = from.details.ek_cert_der;
     }},
    {"ppk_public_key_der",
     [](Device& to, const Device& from) {
       to.details.ppk_public_key_der = from.details.ppk_public_key_der;
     }},
    {"manufactured_at",
     [](Device& to, const Device& from) {
       to.details.manufactured_at = from.details.manufactured_at;
     }},
    {"shipped_at",
     [](Device& to, const Device& from) {
       to.details.shipped_at = from.details.shipped_at;
     }},
    {"sales_order",
     [](Device& to, const Device& from) {
       to.details.sales_order = from.details.sales_order;
     }},
};

}  // namespace

bool IsUpdatable(const std::string& field) {
  for (const Field& known : kFields) {
    if (field == known.name) {
      return true;
    }
  }
  return false;
}

absl::Status CheckEtag(const Device& stored,
                       const std::optional<int64_t>& expected) {
  return !expected || *expected == stored.version
             ? absl::OkStatus()
             : Refuse(Reason::kEtagMismatch,
                      "the device was changed meanwhile; read it again");
}

Device Updated(Device stored, const Device& update,
               const std::set<std::string>& mask) {
  for (const Field& field : kFields) {
    if (mask.contains(field.name)) {
      field.copy(stored, update);
    }
  }
  return stored;
}

absl::StatusOr<Device> WithState(Device stored, storage::DeviceState state) {
  MASA_RETURN_IF_ERROR(CheckTransition(stored.state, state));
  stored.state = state;
  return stored;
}

Device Deleted(Device stored, absl::Time at) {
  stored.deleted_at = at;
  stored.group_id.clear();
  return stored;
}

Device Undeleted(Device stored) {
  stored.deleted_at.reset();
  return stored;
}

}  // namespace masa::ownership
