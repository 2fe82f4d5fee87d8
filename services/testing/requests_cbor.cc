#include <cbor.h>

#include <memory>

#include "absl/strings/escaping.h"
#include "services/testing/requests.h"

namespace masa::testing {
namespace {

struct ItemDelete {
  void operator()(cbor_item_t* item) const { cbor_decref(&item); }
};
using Item = std::unique_ptr<cbor_item_t, ItemDelete>;

Item Octets(const std::string& octets) {
  return Item(cbor_build_bytestring(reinterpret_cast<cbor_data>(octets.data()),
                                    octets.size()));
}

Item Text(const std::string& text) {
  return Item(cbor_build_stringn(text.data(), text.size()));
}

class Map {
 public:
  explicit Map(bool names) : names_(names) {}

  void Add(int delta, const char* name, const Item& value) {
    const Item key = names_ ? Text(name) : Item(cbor_build_uint8(delta));
    (void)cbor_map_add(map_.get(), {key.get(), value.get()});
  }
  void AddOctets(int delta, const char* name,
                 const std::optional<std::string>& octets) {
    if (octets) {
      Add(delta, name, Octets(*octets));
    }
  }
  void AddText(int delta, const char* name,
               const std::optional<std::string>& text) {
    if (text) {
      Add(delta, name, Text(*text));
    }
  }

  std::string Serialized(const Item& top_key) const {
    const Item top(cbor_new_definite_map(1));
    (void)cbor_map_add(top.get(), {top_key.get(), map_.get()});
    unsigned char* buffer = nullptr;
    size_t size = 0;
    const size_t length = cbor_serialize_alloc(top.get(), &buffer, &size);
    std::string octets(reinterpret_cast<char*>(buffer), length);
    free(buffer);
    return octets;
  }

 private:
  const bool names_;
  const Item map_{cbor_new_indefinite_map()};
};

std::string NonceOctets(const std::string& nonce) {
  std::string octets;
  return absl::Base64Unescape(nonce, &octets) ||
                 absl::WebSafeBase64Unescape(nonce, &octets)
             ? octets
             : nonce;
}

int AssertionNumber(const std::string& name) {
  const char* const names[] = {"verified", "logged", "proximity",
                               "agent-proximity"};
  int number = 0;
  while (number < 4 && name != names[number]) {
    ++number;
  }
  return number;
}

}  // namespace

std::string RequestCbor(const RequestLeaves& leaves, bool names) {
  Map map(names);
  if (leaves.assertion) {
    map.Add(1, "assertion",
            Item(cbor_build_uint8(AssertionNumber(*leaves.assertion))));
  }
  map.AddText(2, "created-on", leaves.created_on);
  map.AddOctets(5, "idevid-issuer", leaves.idevid_issuer);
  if (leaves.nonce) {
    map.Add(7, "nonce", Octets(NonceOctets(*leaves.nonce)));
  }
  map.AddOctets(9, "prior-signed-voucher-request",
                leaves.prior_signed_voucher_request);
  map.AddOctets(10, "proximity-registrar-cert",
                leaves.proximity_registrar_cert_der);
  map.AddOctets(11, "proximity-registrar-pubk-sha256",
                leaves.proximity_registrar_pubk_sha256);
  map.AddOctets(12, "proximity-registrar-pubk",
                leaves.proximity_registrar_pubk_der);
  map.AddText(13, "serial-number", leaves.serial_number);
  map.AddOctets(14, "agent-provided-proximity-registrar-cert",
                leaves.agent_provided_proximity_registrar_cert_der);
  if (!leaves.agent_sign_certs_der.empty()) {
    map.AddOctets(15, "agent-sign-cert", leaves.agent_sign_certs_der.front());
  }
  map.AddOctets(16, "agent-signed-data", leaves.agent_signed_data);
  return map.Serialized(names ? Text("ietf-voucher-request:voucher")
                              : Item(cbor_build_uint16(2501)));
}

}  // namespace masa::testing
