#include "services/wire/ecdsa_numbers.h"

#include <algorithm>

#include "openssl/bytestring.h"
#include "services/status/reason.h"
#include "services/wire/der.h"

namespace masa::wire {
namespace {

absl::string_view WithoutZeros(absl::string_view number) {
  number.remove_prefix(std::min(number.find_first_not_of('\0'), number.size()));
  return number;
}

// Octets of padding, because a high first bit would make a number negative.
size_t Padding(absl::string_view number) {
  return number.empty() || (number.front() & 0x80) != 0 ? 1 : 0;
}

void AppendUnsigned(absl::string_view number, std::string* out) {
  AppendHeader(kInteger, Padding(number) + number.size(), out);
  out->append(Padding(number), '\0');
  out->append(number.data(), number.size());
}

// Takes an INTEGER that is not negative from `in` and appends it to `out`, in
// `size` octets.
bool TakeUnsigned(CBS* in, size_t size, std::string* out) {
  CBS integer;
  if (CBS_get_asn1(in, &integer, CBS_ASN1_INTEGER) != 1 ||
      CBS_is_unsigned_asn1_integer(&integer) != 1) {
    return false;
  }
  const absl::string_view number = WithoutZeros(View(integer));
  if (number.size() > size) {
    return false;
  }
  out->append(size - number.size(), '\0');
  out->append(number.data(), number.size());
  return true;
}

}  // namespace

std::string EcdsaDerOfNumbers(absl::string_view numbers) {
  const size_t half = numbers.size() / 2;
  const absl::string_view r = WithoutZeros(numbers.substr(0, half));
  const absl::string_view s = WithoutZeros(numbers.substr(half));
  const size_t length =
      ElementSize(Padding(r) + r.size()) + ElementSize(Padding(s) + s.size());
  std::string out;
  out.reserve(ElementSize(length));
  AppendHeader(kSequence, length, &out);
  AppendUnsigned(r, &out);
  AppendUnsigned(s, &out);
  return out;
}

absl::StatusOr<std::string> EcdsaNumbersOfDer(absl::string_view der,
                                              size_t half_octets) {
  CBS all = Cbs(der), sequence;
  std::string numbers;
  numbers.reserve(2 * half_octets);
  if (CBS_get_asn1(&all, &sequence, CBS_ASN1_SEQUENCE) != 1 ||
      CBS_len(&all) != 0 || !TakeUnsigned(&sequence, half_octets, &numbers) ||
      !TakeUnsigned(&sequence, half_octets, &numbers) ||
      CBS_len(&sequence) != 0) {
    return Refuse(Reason::kSignerUnavailable,
                  "the signer's answer is no ECDSA signature of its key");
  }
  return numbers;
}

}  // namespace masa::wire
