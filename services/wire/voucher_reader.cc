#include <array>
#include <utility>

#include "services/status/reason.h"
#include "services/wire/base64.h"
#include "services/wire/json_reader.h"
#include "services/wire/nonce.h"
#include "services/wire/rfc3339.h"
#include "services/wire/voucher.h"
#include "services/wire/voucher_leaves.h"

// The reader of the one shape that a voucher has, made small because it stands
// next to the key.
namespace masa::wire {
namespace {

bool SetTime(absl::string_view text, absl::Time* time) {
  const auto parsed = ParseRfc3339(text);
  if (parsed) {
    *time = *parsed;
  }
  return parsed.has_value();
}

bool SetOctets(absl::string_view text, std::string* octets) {
  auto decoded = DecodeBase64(text);
  if (!decoded || decoded->empty()) {
    return false;
  }
  *octets = *std::move(decoded);
  return true;
}

bool SetAssertion(absl::string_view text, Voucher* voucher) {
  voucher->assertion = AssertionNamed(text);
  return voucher->assertion != masa::v1::ASSERTION_UNSPECIFIED;
}

bool SetCreated(absl::string_view text, Voucher* voucher) {
  return SetTime(text, &voucher->created_on);
}

bool SetExpires(absl::string_view text, Voucher* voucher) {
  return SetTime(text, &voucher->expires_on.emplace());
}

bool SetSerial(absl::string_view text, Voucher* voucher) {
  voucher->serial_number = std::string(text);
  return IsSerialNumber(text);
}

bool SetNonce(absl::string_view text, Voucher* voucher) {
  voucher->nonce.emplace(text);
  return IsNonce(text);
}

bool SetIssuer(absl::string_view text, Voucher* voucher) {
  std::string& issuer = voucher->idevid_issuer.emplace();
  return SetOctets(text, &issuer) && IsIssuer(issuer);
}

bool SetPin(absl::string_view text, Voucher* voucher) {
  return SetOctets(text, &voucher->pinned_domain_cert_der);
}

bool SetKnownPin(absl::string_view text, KnownBase64* known, Voucher* voucher) {
  if (known->Decode(text, &voucher->pinned_domain_cert_der)) {
    return true;
  }
  const bool set = SetPin(text, voucher);
  if (set) {
    known->Set(text, voucher->pinned_domain_cert_der);
  }
  return set;
}

bool SetKey(absl::string_view text, Voucher* voucher) {
  return SetOctets(text, &voucher->pinned_domain_pubk_der);
}

bool SetKeyHash(absl::string_view text, Voucher* voucher) {
  return SetOctets(text, &voucher->pinned_domain_pubk_sha256);
}

bool SetEstDomain(absl::string_view text, Voucher* voucher) {
  return SetUri(text, &voucher->est_domain);
}

bool SetConfigurationUrl(absl::string_view text, Voucher* voucher) {
  return SetUri(text, &voucher->additional_configuration_url);
}

struct Leaf {
  absl::string_view name;
  bool (*set)(absl::string_view, Voucher*);  // none: a boolean
  bool required;
};

constexpr std::array<Leaf, 12> kLeaves = {{
    {"assertion", SetAssertion, true},
    {"created-on", SetCreated, true},
    {"expires-on", SetExpires, false},
    {"serial-number", SetSerial, true},
    {"idevid-issuer", SetIssuer, false},
    {"pinned-domain-cert", SetPin, false},
    {"pinned-domain-pubk", SetKey, false},
    {"pinned-domain-pubk-sha256", SetKeyHash, false},
    {"domain-cert-revocation-checks", nullptr, false},
    {"nonce", SetNonce, false},
    {"est-domain", SetEstDomain, false},
    {"additional-configuration-url", SetConfigurationUrl, false},
}};

bool TakeBoolean(JsonReader* reader, bool* value) {
  *value = reader->TakeWord("true");
  return *value || reader->TakeWord("false");
}

// Takes one member of the voucher; `seen` has a bit for each leaf.
bool TakeLeaf(JsonReader* reader, unsigned* seen, std::string* storage,
              KnownBase64* known_pin, Voucher* voucher) {
  absl::string_view name, text;
  if (!reader->TakeString(&name, storage)) {
    return false;
  }
  size_t i = 0;
  while (i < kLeaves.size() && kLeaves[i].name != name) {
    ++i;
  }
  if (i == kLeaves.size() || (*seen & 1u << i) != 0 || !reader->Take(':')) {
    return false;
  }
  *seen |= 1u << i;
  if (kLeaves[i].set == nullptr) {
    return TakeBoolean(reader, &voucher->domain_cert_revocation_checks);
  }
  if (!reader->TakeString(&text, storage)) {
    return false;
  }
  return kLeaves[i].set == SetPin && known_pin != nullptr
             ? SetKnownPin(text, known_pin, voucher)
             : kLeaves[i].set(text, voucher);
}

bool TakeVoucher(JsonReader* reader, KnownBase64* known_pin, Voucher* voucher) {
  std::string storage;
  absl::string_view top;
  unsigned seen = 0;
  if (!reader->Take('{') || !reader->TakeString(&top, &storage) ||
      top != "ietf-voucher:voucher" || !reader->Take(':') ||
      !reader->Take('{')) {
    return false;
  }
  do {
    if (!TakeLeaf(reader, &seen, &storage, known_pin, voucher)) {
      return false;
    }
  } while (reader->Take(','));
  for (size_t i = 0; i < kLeaves.size(); ++i) {
    if (kLeaves[i].required && (seen & 1u << i) == 0) {
      return false;
    }
  }
  return PinsOnce(*voucher) && reader->Take('}') && reader->Take('}') &&
         reader->AtEnd();
}

}  // namespace

absl::StatusOr<Voucher> ParseVoucherJson(absl::string_view json,
                                         KnownBase64* known_pin) {
  absl::StatusOr<Voucher> voucher{Voucher()};
  JsonReader reader(json);
  if (json.size() > kMaxVoucherOctets ||
      !TakeVoucher(&reader, known_pin, &*voucher)) {
    return Refuse(Reason::kMalformed, "this is not a voucher in JSON");
  }
  return voucher;
}

}  // namespace masa::wire
