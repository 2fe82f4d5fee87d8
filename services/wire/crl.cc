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

// The URIs of a DistributionPointName; other names are not compared.
void ReadPoint(CBS point, Crl* crl) {
  constexpr unsigned kUri = kContext | 6;  // of GeneralName
  CBS names, name;
  unsigned tag;
  crl->has_point = true;
  if (!CBS_get_asn1(&point, &names, kConstructed | 0)) {
    return;
  }
  while (CBS_get_any_asn1(&names, &name, &tag)) {
    if (tag == kUri) {
      crl->point_urls.emplace_back(View(name));
    }
  }
}

bool ReadFlag(CBS* from, unsigned number, bool* flag) {
  CBS value;
  int present;
  if (!CBS_get_optional_asn1(from, &value, &present, kContext | number)) {
    return false;
  }
  *flag = present && View(value) == absl::string_view("\xff", 1);
  return true;
}

// RFC 5280 section 5.2.5. A list for some reasons or of other issuers' is not
// whole for anybody.
bool ReadScope(CBS value, Crl* crl) {
  CBS scope, point;
  int has_point, some_reasons, indirect;
  if (!CBS_get_asn1(&value, &scope, CBS_ASN1_SEQUENCE) ||
      !CBS_get_optional_asn1(&scope, &point, &has_point, kConstructed | 0) ||
      !ReadFlag(&scope, 1, &crl->only_users) ||
      !ReadFlag(&scope, 2, &crl->only_cas) ||
      !CBS_get_optional_asn1(&scope, nullptr, &some_reasons, kContext | 3) ||
      !CBS_get_optional_asn1(&scope, nullptr, &indirect, kContext | 4)) {
    return false;
  }
  if (has_point) {
    ReadPoint(point, crl);
  }
  return !some_reasons && !indirect && CBS_len(&scope) == 0;
}

bool ReadExtensions(CBS wrapped, Crl* crl) {
  CBS list;
  if (!CBS_get_asn1(&wrapped, &list, CBS_ASN1_SEQUENCE)) {
    return false;
  }
  while (CBS_len(&list) > 0) {
    CBS extension, id, value;
    int critical = 0;
    if (!CBS_get_asn1(&list, &extension, CBS_ASN1_SEQUENCE) ||
        !CBS_get_asn1(&extension, &id, CBS_ASN1_OBJECT) ||
        (CBS_peek_asn1_tag(&extension, CBS_ASN1_BOOLEAN) &&
         !CBS_get_asn1_bool(&extension, &critical)) ||
        !CBS_get_asn1(&extension, &value, CBS_ASN1_OCTETSTRING)) {
      return false;
    }
    const bool is_scope = View(id) == kIssuingPoint;
    if (is_scope ? !ReadScope(value, crl) : critical != 0) {
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
         CBS_len(&list) == 0 &&
         (!has_extensions || ReadExtensions(extensions, crl));
}

}  // namespace

bool Crl::Lists(const Certificate& certificate) const {
  return std::binary_search(revoked_serials.begin(), revoked_serials.end(),
                            certificate->serial_der);
}

bool Crl::Covers(const Certificate& certificate) const {
  if ((only_users && certificate->is_ca) || (only_cas && !certificate->is_ca)) {
    return false;
  }
  const auto& named = certificate->crl_urls;
  return !has_point ||
         std::any_of(point_urls.begin(), point_urls.end(),
                     [&named](const std::string& url) {
                       return std::find(named.begin(), named.end(), url) !=
                              named.end();
                     });
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
