#include <array>
#include <optional>

#include "services/status/reason.h"
#include "services/wire/base64.h"
#include "services/wire/cbor_cursor.h"
#include "services/wire/drafts.h"
#include "services/wire/rfc3339.h"
#include "services/wire/utf8.h"
#include "services/wire/voucher.h"
#include "services/wire/voucher_leaves.h"

namespace masa::wire {
namespace {

bool TakeTime(CborCursor* cursor, absl::Time* time) {
  absl::string_view text;
  const auto parsed =
      cursor->TakeText(&text) ? ParseRfc3339(text) : std::nullopt;
  if (parsed) {
    *time = *parsed;
  }
  return parsed.has_value();
}

bool TakeOctets(CborCursor* cursor, std::string* octets) {
  absl::string_view view;
  if (!cursor->TakeOctets(&view) || view.empty()) {
    return false;
  }
  octets->assign(view.data(), view.size());
  return true;
}

bool TakeAssertion(CborCursor* cursor, Voucher* voucher) {
  uint64_t number = 0;
  if (!cursor->TakeUnsigned(&number)) {
    return false;
  }
  voucher->assertion = AssertionNumbered(number);
  return voucher->assertion != masa::v1::ASSERTION_UNSPECIFIED;
}

bool TakeCreated(CborCursor* cursor, Voucher* voucher) {
  return TakeTime(cursor, &voucher->created_on);
}

bool TakeChecks(CborCursor* cursor, Voucher* voucher) {
  voucher->domain_cert_revocation_checks = cursor->TakeTrue();
  return voucher->domain_cert_revocation_checks;
}

bool TakeExpires(CborCursor* cursor, Voucher* voucher) {
  return TakeTime(cursor, &voucher->expires_on.emplace());
}

bool TakeIssuer(CborCursor* cursor, Voucher* voucher) {
  return TakeOctets(cursor, &voucher->idevid_issuer.emplace()) &&
         IsIssuer(*voucher->idevid_issuer);
}

// As its base64, which the octets stand for (PV-14).
bool TakeNonce(CborCursor* cursor, Voucher* voucher) {
  constexpr size_t kShortest = 8, kLongest = 32;
  absl::string_view octets;
  if (!cursor->TakeOctets(&octets) || octets.size() < kShortest ||
      octets.size() > kLongest) {
    return false;
  }
  AppendBase64(octets, &voucher->nonce.emplace());
  return true;
}

bool TakePin(CborCursor* cursor, Voucher* voucher) {
  return TakeOctets(cursor, &voucher->pinned_domain_cert_der);
}

bool TakeKey(CborCursor* cursor, Voucher* voucher) {
  return TakeOctets(cursor, &voucher->pinned_domain_pubk_der);
}

bool TakeKeyHash(CborCursor* cursor, Voucher* voucher) {
  return TakeOctets(cursor, &voucher->pinned_domain_pubk_sha256);
}

bool TakeSerial(CborCursor* cursor, Voucher* voucher) {
  absl::string_view text;
  if (!cursor->TakeText(&text) || !IsUtf8(text)) {
    return false;
  }
  voucher->serial_number = std::string(text);
  return IsSerialNumber(text);
}

bool TakeUri(CborCursor* cursor, std::string* uri) {
  absl::string_view text;
  return cursor->TakeText(&text) && SetUri(text, uri);
}

bool TakeEstDomain(CborCursor* cursor, Voucher* voucher) {
  return TakeUri(cursor, &voucher->est_domain);
}

bool TakeConfigurationUrl(CborCursor* cursor, Voucher* voucher) {
  return TakeUri(cursor, &voucher->additional_configuration_url);
}

struct Row {
  absl::string_view name;
  bool (*take)(CborCursor*, Voucher*);
  bool required;
};

constexpr std::array<Row, 12> kRows = {{
    {"assertion", TakeAssertion, true},
    {"created-on", TakeCreated, true},
    {"domain-cert-revocation-checks", TakeChecks, false},
    {"expires-on", TakeExpires, false},
    {"idevid-issuer", TakeIssuer, false},
    {"nonce", TakeNonce, false},
    {"pinned-domain-cert", TakePin, false},
    {"pinned-domain-pubk", TakeKey, false},
    {"pinned-domain-pubk-sha256", TakeKeyHash, false},
    {"serial-number", TakeSerial, true},
    {"additional-configuration-url", TakeConfigurationUrl, false},
    {"est-domain", TakeEstDomain, false},
}};

// Takes a name, or the number that stands for it.
absl::string_view TakeName(CborCursor* cursor) {
  absl::string_view name;
  uint64_t delta = 0;
  if (!cursor->NextIsUnsigned()) {
    cursor->TakeText(&name);
  } else if (cursor->TakeUnsigned(&delta) && delta != 0) {
    for (const LeafSid& leaf : CurrentDrafts().leaves) {
      if (static_cast<uint64_t>(leaf.voucher) == delta) {
        return leaf.name;
      }
    }
  }
  return name;
}

bool TakeTop(CborCursor* cursor) {
  uint64_t sid = 0;
  absl::string_view name;
  return cursor->NextIsUnsigned()
             ? cursor->TakeUnsigned(&sid) && sid == CurrentDrafts().voucher_sid
             : cursor->TakeText(&name) && name == CurrentDrafts().voucher_key;
}

// Takes one entry. `before` is the key of the one before, and keys ascend, so
// that none stands twice (RFC 8949 section 4.2.1).
bool TakeEntry(CborCursor* cursor, absl::string_view* before, unsigned* seen,
               Voucher* voucher) {
  const absl::string_view start = cursor->rest();
  const absl::string_view name = TakeName(cursor);
  const absl::string_view key =
      start.substr(0, start.size() - cursor->rest().size());
  size_t i = 0;
  while (i < kRows.size() && kRows[i].name != name) {
    ++i;
  }
  // One name has two keys.
  if (key <= *before || i == kRows.size() || (*seen & 1u << i) != 0) {
    return false;
  }
  *before = key;
  *seen |= 1u << i;
  return kRows[i].take(cursor, voucher);
}

bool TakeVoucher(CborCursor* cursor, Voucher* voucher) {
  uint64_t count = 0;
  absl::string_view before;
  unsigned seen = 0;
  if (!cursor->TakeMapHead(&count) || count != 1 || !TakeTop(cursor) ||
      !cursor->TakeMapHead(&count) || count > kRows.size()) {
    return false;
  }
  for (; count != 0; --count) {
    if (!TakeEntry(cursor, &before, &seen, voucher)) {
      return false;
    }
  }
  for (size_t i = 0; i < kRows.size(); ++i) {
    if (kRows[i].required && (seen & 1u << i) == 0) {
      return false;
    }
  }
  return PinsOnce(*voucher) && cursor->rest().empty();
}

}  // namespace

absl::StatusOr<Voucher> ReadBackVoucherCbor(absl::string_view octets) {
  absl::StatusOr<Voucher> voucher{Voucher()};
  CborCursor cursor(octets);
  if (octets.size() > kMaxVoucherOctets || !TakeVoucher(&cursor, &*voucher)) {
    return Refuse(Reason::kMalformed, "this is not a voucher of ours in CBOR");
  }
  return voucher;
}

}  // namespace masa::wire
