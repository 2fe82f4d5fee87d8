#include <algorithm>
#include <utility>
#include <vector>

#include "services/status/macros.h"
#include "services/status/reason.h"
#include "services/wire/cbor.h"
#include "services/wire/drafts.h"
#include "services/wire/leaf_set.h"
#include "services/wire/nonce.h"
#include "services/wire/rfc3339.h"
#include "services/wire/voucher.h"
#include "services/wire/voucher_leaves.h"
#include "services/wire/voucher_request.h"

namespace masa::wire {
namespace {

int YangNumber(masa::v1::Assertion assertion) {
  int number = 0;
  while (number < 4 && AssertionNumbered(number) != assertion) {
    ++number;
  }
  return number;
}

// The entries of the inner map, their values encoded one behind the other.
class Entries {
 public:
  void Octets(absl::string_view name, absl::string_view value) {
    if (!value.empty()) {
      AppendCborOctets(value, Add(name));
    }
  }
  void Text(absl::string_view name, absl::string_view value) {
    AppendCborText(value, Add(name));
  }
  void Uri(absl::string_view name, absl::string_view value) {
    if (!value.empty()) {
      Text(name, value);
    }
  }
  void Time(absl::string_view name, absl::Time value) {
    std::string text;
    AppendRfc3339(value, &text);
    AppendCborText(text, Add(name));
  }
  // To append the value to.
  std::string* Add(absl::string_view name) {
    entries_.push_back({name, values_.size()});
    return &values_;
  }

  // Appends the map, its keys in the order of their encodings (RFC 8949 section
  // 4.2).
  void AppendTo(bool names, std::string* out) {
    size_t end = values_.size();
    for (size_t i = entries_.size(); i > 0; --i) {
      Entry& entry = entries_[i - 1];
      entry.value =
          absl::string_view(values_).substr(entry.start, end - entry.start);
      end = entry.start;
      if (names) {
        AppendCborText(entry.name, &entry.key);
      } else {
        AppendCborInteger(DeltaOf(entry.name), &entry.key);
      }
    }
    std::sort(entries_.begin(), entries_.end(),
              [](const Entry& a, const Entry& b) { return a.key < b.key; });
    out->reserve(out->size() + values_.size() + kKeysOctets);
    AppendCborMapHead(entries_.size(), out);
    for (const Entry& entry : entries_) {
      *out += entry.key;
      out->append(entry.value.data(), entry.value.size());
    }
  }

 private:
  struct Entry {
    absl::string_view name;
    size_t start;  // of its value
    absl::string_view value = {};
    std::string key = {};
  };

  static constexpr size_t kKeysOctets = 64;

  static int DeltaOf(absl::string_view name) {
    for (const LeafSid& leaf : CurrentDrafts().leaves) {
      if (leaf.name == name) {
        return leaf.voucher;
      }
    }
    return 0;
  }

  std::string values_;
  std::vector<Entry> entries_;
};

absl::Status NoVoucher() {
  return Refuse(Reason::kMalformed, "this is not a voucher in CBOR");
}

absl::StatusOr<absl::Time> TimeLeaf(const LeafSet& set,
                                    absl::string_view name) {
  MASA_ASSIGN_OR_RETURN(const MaybeText text, TextLeaf(set, name));
  const auto time = text ? ParseRfc3339(*text) : std::nullopt;
  if (!time) {
    return NoVoucher();
  }
  return *time;
}

absl::Status ReadPins(const LeafSet& set, Voucher* voucher) {
  const std::pair<absl::string_view, std::string*> leaves[] = {
      {"pinned-domain-cert", &voucher->pinned_domain_cert_der},
      {"pinned-domain-pubk", &voucher->pinned_domain_pubk_der},
      {"pinned-domain-pubk-sha256", &voucher->pinned_domain_pubk_sha256}};
  for (const auto& [name, field] : leaves) {
    MASA_ASSIGN_OR_RETURN(const MaybeText octets, OctetsLeaf(set, name));
    if (octets) {
      *field = *octets;
    }
  }
  return PinsOnce(*voucher) ? absl::OkStatus() : NoVoucher();
}

absl::Status ReadUris(const LeafSet& set, Voucher* voucher) {
  const std::pair<absl::string_view, std::string*> leaves[] = {
      {"est-domain", &voucher->est_domain},
      {"additional-configuration-url", &voucher->additional_configuration_url}};
  for (const auto& [name, field] : leaves) {
    MASA_ASSIGN_OR_RETURN(const MaybeText text, TextLeaf(set, name));
    if (text && !SetUri(*text, field)) {
      return NoVoucher();
    }
  }
  return absl::OkStatus();
}

absl::Status ReadOptional(const LeafSet& set, Voucher* voucher) {
  if (set.leaves.count("expires-on") != 0) {
    MASA_ASSIGN_OR_RETURN(voucher->expires_on, TimeLeaf(set, "expires-on"));
  }
  MASA_ASSIGN_OR_RETURN(voucher->nonce, NonceLeaf(set));
  if (voucher->nonce && !IsNonce(*voucher->nonce)) {
    return NoVoucher();
  }
  MASA_ASSIGN_OR_RETURN(voucher->idevid_issuer,
                        OctetsLeaf(set, "idevid-issuer"));
  if (voucher->idevid_issuer && !IsIssuer(*voucher->idevid_issuer)) {
    return NoVoucher();
  }
  const auto checks = set.leaves.find("domain-cert-revocation-checks");
  if (checks != set.leaves.end()) {
    if (checks->second.kind != Leaf::Kind::kBoolean) {
      return NoVoucher();
    }
    voucher->domain_cert_revocation_checks = checks->second.number == 1;
  }
  return absl::OkStatus();
}

}  // namespace

std::string EncodeVoucherCbor(const Voucher& voucher, bool names) {
  Entries entries;
  AppendCborInteger(YangNumber(voucher.assertion), entries.Add("assertion"));
  entries.Time("created-on", voucher.created_on);
  if (voucher.domain_cert_revocation_checks) {
    AppendCborTrue(entries.Add("domain-cert-revocation-checks"));
  }
  if (voucher.expires_on) {
    entries.Time("expires-on", *voucher.expires_on);
  }
  entries.Octets("idevid-issuer", voucher.idevid_issuer.value_or(""));
  entries.Octets("nonce", voucher.nonce ? NonceOctets(*voucher.nonce) : "");
  entries.Octets("pinned-domain-cert", voucher.pinned_domain_cert_der);
  entries.Octets("pinned-domain-pubk", voucher.pinned_domain_pubk_der);
  entries.Octets("pinned-domain-pubk-sha256",
                 voucher.pinned_domain_pubk_sha256);
  entries.Text("serial-number", voucher.serial_number);
  entries.Uri("additional-configuration-url",
              voucher.additional_configuration_url);
  entries.Uri("est-domain", voucher.est_domain);
  const Drafts& drafts = CurrentDrafts();
  std::string out;
  AppendCborMapHead(1, &out);
  if (names) {
    AppendCborText(drafts.voucher_key, &out);
  } else {
    AppendCborInteger(static_cast<int64_t>(drafts.voucher_sid), &out);
  }
  entries.AppendTo(names, &out);
  return out;
}

absl::StatusOr<Voucher> ParseVoucherCbor(absl::string_view octets) {
  if (octets.size() > kMaxVoucherOctets) {
    return NoVoucher();
  }
  MASA_ASSIGN_OR_RETURN(const LeafSet set, ReadCborLeaves(octets));
  absl::StatusOr<Voucher> voucher{Voucher()};
  MASA_ASSIGN_OR_RETURN(voucher->assertion, AssertionLeaf(set));
  MASA_ASSIGN_OR_RETURN(const MaybeText serial, TextLeaf(set, "serial-number"));
  if (set.top_key != CurrentDrafts().voucher_key || !serial ||
      !IsSerialNumber(*serial) ||
      voucher->assertion == masa::v1::ASSERTION_UNSPECIFIED) {
    return NoVoucher();
  }
  voucher->serial_number = *serial;
  MASA_ASSIGN_OR_RETURN(voucher->created_on, TimeLeaf(set, "created-on"));
  MASA_RETURN_IF_ERROR(ReadPins(set, &*voucher));
  MASA_RETURN_IF_ERROR(ReadOptional(set, &*voucher));
  MASA_RETURN_IF_ERROR(ReadUris(set, &*voucher));
  return voucher;
}

}  // namespace masa::wire
