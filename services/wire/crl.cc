#include <algorithm>

#include "openssl/err.h"
#include "services/status/reason.h"
#include "services/wire/der.h"
#include "services/wire/revocation.h"
#include "services/wire/x509_parts.h"

namespace masa::wire {
namespace {

constexpr size_t kMaxCrlOctets = 1024 * 1024;
constexpr unsigned kContext = CBS_ASN1_CONTEXT_SPECIFIC;
constexpr unsigned kConstructed = kContext | CBS_ASN1_CONSTRUCTED;
// issuingDistributionPoint, 2.5.29.28.
constexpr absl::string_view kIssuingPoint("\x55\x1d\x1c", 3);

absl::Status Malformed() {
  return Refuse(Reason::kMalformed, "this is not a whole CRL");
}

bool ReadEntries(CBS list, std::vector<std::string>* serials) {
  while (CBS_len(&list) > 0) {
    CBS entry, serial;
    if (!CBS_get_asn1(&list, &entry, CBS_ASN1_SEQUENCE) ||
        !CBS_get_asn1(&entry, &serial, CBS_ASN1_INTEGER)) {
      return false;
    }
    serials->emplace_back(View(serial));
  }
  std::sort(serials->begin(), serials->end());
  return true;
}

// RFC 5280 section 5.2.5: a scope by name or by kind of certificate leaves the
// list whole for what it is about; by reasons or issuers does not.
bool IsWholeScope(CBS value) {
  CBS point;
  int some_reasons, indirect;
  if (!CBS_get_asn1(&value, &point, CBS_ASN1_SEQUENCE) ||
      !CBS_get_optional_asn1(&point, nullptr, nullptr, kConstructed | 0) ||
      !CBS_get_optional_asn1(&point, nullptr, nullptr, kContext | 1) ||
      !CBS_get_optional_asn1(&point, nullptr, nullptr, kContext | 2) ||
      !CBS_get_optional_asn1(&point, nullptr, &some_reasons, kContext | 3) ||
      !CBS_get_optional_asn1(&point, nullptr, &indirect, kContext | 4)) {
    return false;
  }
  return !some_reasons && !indirect && CBS_len(&point) == 0;
}

bool ReadExtensions(CBS wrapped) {
  CBS list;
  if (!CBS_get_asn1(&wrapped, &list, CBS_ASN1_SEQUENCE)) {
    return false;
  }
  while (CBS_len(&list) > 0) {
    CBS extension, id, value;
    int critical = 0;
    if (!CBS_get_asn1(&list, &extension, CBS_ASN1_SEQUENCE) ||
        !CBS_get_asn1(&extension, &id, CBS_ASN1_OBJECT) ||
        !CBS_get_optional_asn1_bool(&extension, &critical, CBS_ASN1_BOOLEAN,
                                    0) ||
        !CBS_get_asn1(&extension, &value, CBS_ASN1_OCTETSTRING)) {
      return false;
    }
    if (critical && (View(id) != kIssuingPoint || !IsWholeScope(value))) {
      return false;
    }
  }
  return true;
}

bool ReadList(CBS list, Crl* crl) {
  CBS issuer, revoked, extensions;
  int has_extensions;
  absl::Time next;
  if ((CBS_peek_asn1_tag(&list, CBS_ASN1_INTEGER) &&
       !CBS_get_asn1(&list, nullptr, CBS_ASN1_INTEGER)) ||
      !CBS_get_asn1(&list, nullptr, CBS_ASN1_SEQUENCE) ||
      !CBS_get_asn1_element(&list, &issuer, CBS_ASN1_SEQUENCE) ||
      !TakeX509Time(&list, &crl->this_update)) {
    return false;
  }
  crl->issuer_der = std::string(View(issuer));
  if (TakeX509Time(&list, &next)) {
    crl->next_update = next;
  }
  if (CBS_peek_asn1_tag(&list, CBS_ASN1_SEQUENCE) &&
      (!CBS_get_asn1(&list, &revoked, CBS_ASN1_SEQUENCE) ||
       !ReadEntries(revoked, &crl->revoked_serials))) {
    return false;
  }
  return CBS_get_optional_asn1(&list, &extensions, &has_extensions,
                               kConstructed | 0) &&
         CBS_len(&list) == 0 && (!has_extensions || ReadExtensions(extensions));
}

}  // namespace

bool Crl::Lists(const Certificate& certificate) const {
  return std::binary_search(revoked_serials.begin(), revoked_serials.end(),
                            certificate->serial_der);
}

absl::StatusOr<Crl> ParseCrl(absl::string_view der) {
  if (der.size() > kMaxCrlOctets) {
    return Malformed();
  }
  CBS input = Cbs(der), outer, list;
  Crl crl;
  if (!CBS_get_asn1(&input, &outer, CBS_ASN1_SEQUENCE) ||
      CBS_len(&input) != 0 ||
      !CBS_get_asn1_element(&outer, &list, CBS_ASN1_SEQUENCE) ||
      !TakeX509Signature(&outer, View(list), &crl.signature) ||
      CBS_len(&outer) != 0 || !CBS_get_asn1(&list, &list, CBS_ASN1_SEQUENCE) ||
      !ReadList(list, &crl)) {
    return Malformed();
  }
  return crl;
}

}  // namespace masa::wire
