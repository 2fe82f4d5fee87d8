#include "storage/postgres/array_parameter.h"

namespace masa::storage {
namespace {

// The octets of `value`, the most significant first.
void AppendNumber(int64_t value, int width, std::string& wire) {
  for (int shift = 8 * (width - 1); shift >= 0; shift -= 8) {
    wire += static_cast<char>(value >> shift);
  }
}

void AppendInteger(int64_t value, std::string& wire) {
  AppendNumber(value, 4, wire);
}

}  // namespace

void ArrayParameter::AddNull() {
  ++size_;
  has_null_ = true;
  AppendInteger(-1, elements_);
}

void ArrayParameter::AddOctets(absl::string_view octets) {
  ++size_;
  AppendInteger(static_cast<int64_t>(octets.size()), elements_);
  elements_.append(octets.data(), octets.size());
}

void ArrayParameter::AddNumber(int64_t value, int width) {
  ++size_;
  AppendInteger(width, elements_);
  AppendNumber(value, width, elements_);
}

pqxx::binarystring ArrayParameter::Finish() const {
  std::string wire;
  wire.reserve(elements_.size() + 20);
  AppendInteger(size_ > 0 ? 1 : 0, wire);  // dimensions
  AppendInteger(has_null_ ? 1 : 0, wire);
  AppendInteger(oid_, wire);
  if (size_ > 0) {
    AppendInteger(size_, wire);
    AppendInteger(1, wire);  // the first index
    wire += elements_;
  }
  return BytesParameter(wire);
}

void TimeArray::Add(absl::Time value) {
  constexpr int64_t kEpoch = 946684800;  // 2000-01-01 00:00 UTC
  AddNumber(absl::ToInt64Microseconds(value - absl::FromUnixSeconds(kEpoch)),
            8);
}

}  // namespace masa::storage
