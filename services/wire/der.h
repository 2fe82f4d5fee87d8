// The little DER that CMS output and certificate views need beside CBS. Used
// inside this room only.
#ifndef SERVICES_WIRE_DER_H_
#define SERVICES_WIRE_DER_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "openssl/bytestring.h"

namespace masa::wire {

// Tags as they stand in DER.
constexpr uint8_t kInteger = 0x02;
constexpr uint8_t kOctetString = 0x04;
constexpr uint8_t kOid = 0x06;
constexpr uint8_t kSequence = 0x30;
constexpr uint8_t kSet = 0x31;
constexpr uint8_t kContext0 = 0xa0;

// Contents of object identifiers.
constexpr absl::string_view kOidData("\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01", 9);
constexpr absl::string_view kOidSignedData(
    "\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02", 9);
// id-ct-animaJSONVoucher, RFC 8366 section 8.4.
constexpr absl::string_view kOidAnimaJsonVoucher(
    "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x28", 11);
constexpr absl::string_view kOidContentType(
    "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x03", 9);
constexpr absl::string_view kOidMessageDigest(
    "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x04", 9);
constexpr absl::string_view kOidSigningTime(
    "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x05", 9);

// Octets that tag and length take before `length` octets.
size_t HeaderSize(size_t length);

// Octets of a whole element with `length` octets of contents.
inline size_t ElementSize(size_t length) { return HeaderSize(length) + length; }

// Appends tag and length.
void AppendHeader(uint8_t tag, size_t length, std::string* out);

// Appends a whole element.
void AppendElement(uint8_t tag, absl::string_view contents, std::string* out);

// A whole element.
std::string Element(uint8_t tag, absl::string_view contents);

// Views between the two libraries; they own nothing.
inline absl::string_view View(const CBS& cbs) {
  return absl::string_view(reinterpret_cast<const char*>(CBS_data(&cbs)),
                           CBS_len(&cbs));
}
inline CBS Cbs(absl::string_view octets) {
  CBS cbs;
  CBS_init(&cbs, reinterpret_cast<const uint8_t*>(octets.data()),
           octets.size());
  return cbs;
}

}  // namespace masa::wire

#endif  // SERVICES_WIRE_DER_H_
