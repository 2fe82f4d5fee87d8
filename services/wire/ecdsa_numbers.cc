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

// An INTEGER, which a high first bit would make negative.
std::string UnsignedInteger(absl::string_view number) {
  number = WithoutZeros(number);
  const bool pad = number.empty() || (number.front() & 0x80) != 0;
  std::string out;
  AppendHeader(kInteger, number.size() + (pad ? 1 : 0), &out);
  out.append(pad ? 1 : 0, '\0');
  out.append(number.data(), number.size());
  return out;
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
  return Element(kSequence, UnsignedInteger(numbers.substr(0, half)) +
                                UnsignedInteger(numbers.substr(half)));
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
